#pragma once
// E-prop's backward form on the engine's machinery. The error E on the outputs of the readout, filtered backwards by
// the adjoint of its own low pass, reaches the outputs of every hidden population through B, and from there goes back
// inside each neuron; the ways from neuron to neuron carry nothing. It is the sum of the forward form, taken in another
// order:
//
//   sum_t L_j^t F_kappa(e_ji)^t = sum_s e_ji^s K_j^s,   K_j^s = sum_k B_jk D_k^s,   D_k^s = E_k^s + kappa D_k^{s+1}
//
// D is the error on the readout's currents, and sum_s e_ji^s K_j^s what the adjoint of neuron j makes of the error K_j
// on its outputs, gathered over the events of i.

#include "gradient/engine/pass.hpp"
#include "gradient/gather/panels.hpp"
#include "gradient/gather/transposed.hpp"
#include "gradient/rule/eprop/held_rates.hpp"

#include <vector>

namespace backspike {

class broadcast {
 public:
  /// Reads B and the rates to be held. The pass is prepared already.
  void prepare(const pass& p, const eprop_options& options, const eprop_feedback& feedback, thread_pool& pool);

  /// What prepare() asks for, with matrices that are `rounded` or not.
  void plan(memory_plan& m, const network& net, const eprop_options& options, bool rounded);

  /// From the readout to the outputs of hidden population q.
  way_back to(const pass& p, std::size_t q) const;

  held_rates rates;

 private:
  void pack(const pass& p, std::size_t q, thread_pool& pool);

  std::vector<std::vector<double>> products_;     // memory of the feedback
  std::vector<aligned_vector<float>> by_output_;  // [hidden populations] B as [outputs][width]
  std::vector<aligned_vector<float>> by_unit_;    // the same as [units][width of the readout]
  std::vector<panels> panels_;                    // and packed, for dense products
};

}  // namespace backspike
