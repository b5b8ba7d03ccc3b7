#pragma once
// A group of samples on their way up their loss: where they are, how high, which way is up, and the best place so far.
// Attacks with gradients differ in the steps that they take.

#include <backspike/robustness/attack.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include "robustness/values/movable_values.hpp"

#include <cstdint>
#include <vector>

namespace backspike {

/// The network with the surrogate that the attack looks through; the hard network is the same.
struct attack_view {
  network net;
  arena<float> parameters;
  sample_losses losses;

  /// The objective must outlive it.
  attack_view(const attack_problem& p, double width);
  /// After training has moved them.
  void take(const arena<float>& moved);
};

class value_climb {
 public:
  /// Everything must outlive it. `first` is the number of the group's first sample: of its random numbers.
  value_climb(const attack_problem& problem, attack_view& view, const attack_samples& group,
              const attack_options& options, std::size_t first);

  /// Samples that have not won go back to where they came from; from the second time on to a random place near it.
  void start_again(std::uint32_t restart);
  /// Where the samples are: heights and best places; with `back` also the gradients. Those that won leave `active`.
  void look(bool back);
  /// After the last step.
  attack_proposal finish();
  /// The samples where they are now, as the network reads them.
  const dataset& read_now() { return values_.encode(now_, 0, problem_.pool); }

  const std::vector<std::uint32_t>& active() const { return active_; }
  double height(std::uint32_t sample) const { return heights_[sample]; }
  std::span<float> now(std::uint32_t sample) { return values_.of(std::span(now_), sample); }
  std::span<float> best(std::uint32_t sample) { return values_.of(std::span(best_), sample); }
  std::span<float> gradient(std::uint32_t sample) { return values_.of(std::span(gradient_), sample); }
  /// dL/dinput of a sample after look(true), [steps][channels], up to a factor; of the last draw.
  std::span<const float> error_input(std::uint32_t sample) const {
    return std::span(error_input_).subspan(first_error_[sample], error_size_[sample]);
  }
  std::span<const float> start(std::uint32_t sample) const { return values_.of(std::span(values_.start()), sample); }
  value_range range() const { return values_.range(); }

 private:
  void forward(std::uint32_t draw, std::uint32_t draws, bool back);
  void note();

  const attack_problem& problem_;
  attack_view& view_;
  const attack_samples& group_;
  const attack_options& options_;
  std::size_t first_;
  movable_values values_;
  sample_losses& losses_;
  std::uint32_t draw_ = 0;  // of a random encoder, used up
  std::vector<std::uint32_t> active_;
  std::vector<float> now_, best_, gradient_, first_gradient_;
  std::vector<float> error_input_;                                      // [rows of active samples][channels]
  std::vector<std::size_t> first_error_, error_size_;                   // [samples] where in it
  std::vector<double> heights_, best_heights_, scales_, first_scales_;  // [samples]
  std::vector<bool> won_;
  std::vector<std::uint64_t> queries_, gradients_;
};

/// Runs climb(group at work) for groups of samples one after another, and joins what they found.
attack_proposal climb_in_groups(const attack_problem& problem, const attack_samples& samples,
                                const attack_options& options, const attack_progress& progress,
                                const std::function<void(value_climb&)>& climb);

}  // namespace backspike
