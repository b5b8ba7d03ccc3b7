#pragma once
// The optimiser of a stream: the formulas of backspike::optimiser (optimise/update.hpp) on one thread, without
// allocation, on a whole gradient or on a few of its rows. (backspike::optimiser spreads its work over a pool of
// threads, which costs more than a whole step may take here.)

#include "gradient/rule/eprop/eprop_pass.hpp"
#include "kernels/kernel_table.hpp"
#include "optimise/update.hpp"

#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>
#include <backspike/online/online_learner.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

class online_optimiser {
 public:
  arena<float> first, second;  // moments; plain SGD leaves them at zero
  std::uint64_t updates = 0;

  /// Throws value_error for what a stream cannot follow: a rate that is not positive, a schedule, a group for what is
  /// not learned here.
  online_optimiser(const network& net, const optimiser_spec& spec, bool learns);

  /// One rate for all weights and biases, and nothing but the gradient to multiply it with: it may go to them at once.
  bool is_plain() const { return plain_; }
  double rate() const { return spec_.learning_rate; }
  /// Whether an update has to see the whole gradient first.
  bool clips() const { return spec_.clip_norm > 0.0; }

  /// Before the rows or parameters of one update; `gradient` is looked at for clipping only.
  void begin(const arena<float>& gradient);
  /// Moves a parameter by its gradient, keeps it in its range and clears the gradient.
  void update_parameter(std::size_t i, arena<float>& parameters, arena<float>& gradient);
  /// The same for rows of it.
  void take(const gradient_rows<float>& rows, arena<float>& parameters);
  /// After all of them.
  void end() { ++updates; }

 private:
  double norm_of(const arena<float>& gradient) const;
  void move(std::size_t parameter, std::size_t offset, std::size_t rows, arena<float>& parameters, float* gradient);

  const kernels::table* kernels_ = &kernels::active_table();
  optimiser_spec spec_;
  std::vector<double> factors_;  // of the rates; 0: stays as it is
  bool plain_ = true;
  update common_{};
  kernels::adam_args adam_{};    // of Adam that neither decays nor clips, which has a kernel of its own
  double corrected_rate_ = 0.0;  // of that
};

}  // namespace backspike
