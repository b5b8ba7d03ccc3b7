#pragma once
// E-prop's backward form on the engine's machinery. The error E on the values of an output, filtered backwards by the
// adjoint of its own low pass, reaches the outputs of every hidden population through B, and from there goes back
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

  /// Whether the errors of outputs come to population q.
  bool reaches(std::size_t q) const { return !by_output_[q].empty(); }
  /// From an output of the network to what population q sends.
  way_back to(const pass& p, std::size_t output, std::size_t q) const;

  held_rates rates;

 private:
  void pack(const pass& p, std::size_t output, std::size_t q, thread_pool& pool);

  /// B of one output.
  struct matrices {
    std::vector<aligned_vector<float>> by_unit;  // [populations] [units][width of the output]
    std::vector<panels> packed;                  // [populations] the same for dense products
  };

  std::vector<std::vector<double>> products_;     // memory of the feedback
  std::vector<aligned_vector<float>> by_output_;  // [populations] B as [outputs][width]
  std::vector<matrices> of_;                      // [outputs of the network]
};

}  // namespace backspike
