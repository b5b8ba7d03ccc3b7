#include "kernels/kernels_impl.hpp"

namespace backspike::kernels {

extern const table scalar_table;
const table scalar_table = make_table<float>("scalar", [] { return true; });

}  // namespace backspike::kernels
