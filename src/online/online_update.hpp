#pragma once
// Plain SGD and Adam on one thread, without allocation: backspike::optimiser spreads its work over a pool of threads,
// which costs more than a whole step may take here.

#include "gradient/eprop_pass.hpp"
#include "kernels/kernel_table.hpp"

#include <backspike/core/arena.hpp>
#include <backspike/online/online_learner.hpp>

#include <cstdint>

namespace backspike {

struct online_moments {
  arena<float> first, second;  // of Adam; SGD leaves them at zero
  std::uint64_t updates = 0;
  explicit online_moments(const parameter_layout& layout) : first(layout), second(layout) {}
};

/// Adam's update of weights and biases, which have no bounds, a few rows at a time.
class adam_rows {
 public:
  /// Of all parameters the update number `updates`.
  void begin(const online_options& options, std::uint64_t updates);
  void take(const gradient_rows<float>& rows, online_moments& moments, arena<float>& parameters);

 private:
  const kernels::table* kernels_ = &kernels::active_table();
  kernels::adam_args common_{};
};

/// One update of parameter i, if it is learnable: clamps it to its range and clears its gradient.
void update_parameter(const online_options& options, online_moments& moments, std::size_t i, arena<float>& parameters,
                      arena<float>& gradient);

}  // namespace backspike
