// The kernels without vectors: they run on any processor, and are the reference for all others.

#include "kernels/isa/kernels_impl.hpp"

namespace backspike::kernels {
namespace {

using simd = float;
bool supported() { return true; }
const table fused = make_fused_table<simd>("scalar", &supported);

}  // namespace

extern const table scalar_table;
const table scalar_table = make_table<simd>("scalar", &supported, &fused);

}  // namespace backspike::kernels
