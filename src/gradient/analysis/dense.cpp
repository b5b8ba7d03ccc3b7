// The dense reference in double, compiled once for the rules that run it and for the tests that compare with it.

#include <backspike/gradient/dense.hpp>

namespace backspike {

template dense_result<double> dense_gradient(const network&, const objective_spec&, const arena<double>&, batch_view,
                                             spike_mode, arena<double>*);
template dense_sample<double> dense_forward(const dense_model<double>&, const dataset&, std::uint32_t,
                                            const batch_draws&);

}  // namespace backspike
