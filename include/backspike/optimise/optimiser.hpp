#pragma once

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/optimise/optimiser_spec.hpp>

#include <cstdint>

namespace backspike {

/// Learning rate of optimiser step `step` (from 0) of `total_steps`, `steps_per_epoch` of them an epoch.
double learning_rate_at(const optimiser_spec& spec, std::uint64_t step, std::uint64_t total_steps,
                        std::uint64_t steps_per_epoch);

/// Euclidean norm over all learnable parameters; summed in a fixed order in double.
double gradient_norm(const arena<float>& gradient);

/// SGD with momentum, Adam (Kingma & Ba 2015, algorithm 1), AdamW (Loshchilov & Hutter 2019, algorithm 2). Its whole
/// state is two arenas and a step counter, so that a checkpoint can hold it and training resumes bit by bit.
class optimiser {
 public:
  optimiser(const optimiser_spec& spec, const parameter_layout& layout);
  /// One update of every learnable parameter with the given rate, clipping first if asked; afterwards values are
  /// clamped to their range. Weight decay acts on parameters named "*.weight" only. Same bits at any thread count.
  void step(arena<float>& parameters, arena<float>& gradient, double rate, thread_pool& pool);

  std::uint64_t steps() const { return steps_; }
  arena<float>& first_moment() { return first_; }    // momentum buffer of SGD
  arena<float>& second_moment() { return second_; }  // unused by SGD
  void restore(std::uint64_t steps) { steps_ = steps; }

 private:
  optimiser_spec spec_;
  arena<float> first_, second_;
  std::uint64_t steps_ = 0;
};

}  // namespace backspike
