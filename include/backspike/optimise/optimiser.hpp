#pragma once
// How a gradient changes the parameters, and the learning rate of each step.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/optimise/optimiser_spec.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

/// Learning rate of optimiser step `step` (from 0) of `total_steps`, `steps_per_epoch` of them an epoch.
double learning_rate_at(const optimiser_spec& spec, std::uint64_t step, std::uint64_t total_steps,
                        std::uint64_t steps_per_epoch);

/// Euclidean norm over all learnable parameters; summed in a fixed order in double, the same at any thread count.
double gradient_norm(const arena<float>& gradient, thread_pool& pool);

/// SGD with momentum, Adam (Kingma & Ba 2015, algorithm 1), AdamW (Loshchilov & Hutter 2019, algorithm 2). Its whole
/// state is two arenas and a step counter, so that a checkpoint can hold it and training resumes bit by bit.
class optimiser {
 public:
  /// Throws value_error for a group that matches no learned parameter, with the names that there are.
  optimiser(const optimiser_spec& spec, const parameter_layout& layout);
  /// One update of every learnable parameter that is not frozen, with the given rate times its group's factor, clipping
  /// first if asked. A parameter with a transform moves in the transform's free number u, by dL/du = dL/dvalue
  /// dvalue/du; the others are clamped to their range afterwards. Clipping looks at dL/dvalue. Weight decay acts on
  /// parameters named "*.weight" only. Where columns are standardised (parameter_info), dL/dW is first overwritten with
  /// what of it changes neither their mean nor their norm, and both are restored after the step; nothing decays. Same
  /// bits at any thread count. Throws numeric_error, naming the parameter, if a value is then not within its range.
  void step(arena<float>& parameters, arena<float>& gradient, double rate, thread_pool& pool);

  /// What the rate of a parameter, by its index in the layout, is multiplied by; 0 for a frozen one.
  double rate_factor(std::size_t parameter) const { return factors_[parameter]; }

  std::uint64_t steps() const { return steps_; }
  arena<float>& first_moment() { return first_; }    // momentum buffer of SGD
  arena<float>& second_moment() { return second_; }  // unused by SGD
  void restore(std::uint64_t steps) { steps_ = steps; }

 private:
  optimiser_spec spec_;
  std::vector<double> factors_;
  arena<float> first_, second_;
  std::uint64_t steps_ = 0;
};

}  // namespace backspike
