#pragma once
// What training lowers: the kinds of losses, their settings, and what is known of each kind. The equations are in
// docs/objectives.md.

#include <backspike/core/enum_names.hpp>
#include <backspike/objective/activity_spec.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace backspike {

/// cross_entropy       one label a sample, on the readout reduced over time
/// step_cross_entropy  a label for every step (of the data's steps, or the sample's label in each of them)
/// mean_squared, mean_absolute, huber, poisson
///                     a target value for every step and output
/// class_spike_count   one label a sample: its output is to spike `count_true` times, the others `count_false` times
/// soft_alignment, jitter, van_rossum, spike_count, first_spike_time
///                     a target spike train for every output: the data's values of each step, where a spike is a 1
enum class loss_kind {
  cross_entropy,
  step_cross_entropy,
  mean_squared,
  mean_absolute,
  huber,
  class_spike_count,
  soft_alignment,
  jitter,
  van_rossum,
  spike_count,
  first_spike_time,
  poisson
};
enum class target_kind {
  classes,      // one label a sample, or one for each step: there is an accuracy
  values,       // a value for every step and output
  spike_trains  // the same, where a spike is a 1
};

/// What is known of a loss by its kind.
struct loss_info {
  loss_kind kind;
  std::string_view name;
  target_kind target;
  bool stepwise = false;         // every step has an error of its own, known when the step is over
  bool labels_of_steps = false;  // takes a label for each step where the data have them
  bool needs_a_spike = false;    // says nothing about a target without spikes
};

/// Every kind of loss; the classes that compute them are in objective/losses.hpp.
inline constexpr auto loss_list = std::to_array<loss_info>({
    {loss_kind::cross_entropy, "cross_entropy", target_kind::classes},
    {.kind = loss_kind::step_cross_entropy,
     .name = "step_cross_entropy",
     .target = target_kind::classes,
     .stepwise = true,
     .labels_of_steps = true},
    {.kind = loss_kind::mean_squared, .name = "mean_squared", .target = target_kind::values, .stepwise = true},
    {.kind = loss_kind::mean_absolute, .name = "mean_absolute", .target = target_kind::values, .stepwise = true},
    {.kind = loss_kind::huber, .name = "huber", .target = target_kind::values, .stepwise = true},
    {loss_kind::class_spike_count, "class_spike_count", target_kind::classes},
    {.kind = loss_kind::soft_alignment,
     .name = "soft_alignment",
     .target = target_kind::spike_trains,
     .needs_a_spike = true},
    {.kind = loss_kind::jitter, .name = "jitter", .target = target_kind::spike_trains, .needs_a_spike = true},
    {loss_kind::van_rossum, "van_rossum", target_kind::spike_trains},
    {loss_kind::spike_count, "spike_count", target_kind::spike_trains},
    {loss_kind::first_spike_time, "first_spike_time", target_kind::spike_trains},
    {.kind = loss_kind::poisson, .name = "poisson", .target = target_kind::values, .stepwise = true},
});

template <>
inline constexpr auto enum_names<loss_kind> = names_in(loss_list);

constexpr const loss_info& info_of(loss_kind kind) { return *std::ranges::find(loss_list, kind, &loss_info::kind); }

/// How the readout's trace over time becomes one value per class. `count` sums spikes (or the trace) over time,
/// `first_spike` takes the time of the first spike: the earlier, the larger the value. `mean` is the default because it
/// cannot leave an output without a gradient: every step counts. `max` looks only at steps that the input can have
/// reached, see gradient/reach.hpp.
enum class readout_kind { max, mean, last, count, first_spike };
template <>
inline constexpr auto enum_names<readout_kind> = std::to_array<enum_name<readout_kind>>({
    {readout_kind::max, "max"},
    {readout_kind::mean, "mean"},
    {readout_kind::last, "last"},
    {readout_kind::count, "count"},
    {readout_kind::first_spike, "first_spike"},
});

/// One loss with its settings. Equations: docs/objectives.md.
struct loss_spec {
  loss_kind loss = loss_kind::cross_entropy;
  double weight = 1.0;  // factor of the loss in the sum
  readout_kind readout = readout_kind::mean;
  double logit_scale = 1.0;      // the reduced readout is multiplied by this before the softmax
  double label_smoothing = 0.0;  // in [0, 1)
  double huber_delta = 1.0;      // huber: distance to the target from which on the loss grows linearly
  double kernel_width = 5.0;     // [ms] soft_alignment: standard deviation of the Gaussian kernel
  double tau = 10.0;             // [ms] van_rossum, jitter: time constant of the exponential kernel
  double time_scale = 10.0;      // [ms] first_spike_time, first_spike: times are divided by this
  double silence_penalty = 0.0;  // [ms] first_spike_time, first_spike: a silent output counts as this after the end
  double count_true = 10.0;      // class_spike_count: spikes of the label's output
  double count_false = 1.0;      // class_spike_count: spikes of the others
  bool operator==(const loss_spec&) const = default;
};

/// A factor for each class, of every loss that reads a label. Who trains puts numbers in the place of `balanced`
/// (experiment/class_weights.hpp); no gradient is taken before.
struct class_weights_spec {
  bool balanced = false;       // each class gets the same share of the training set
  std::vector<double> values;  // [classes] instead; empty: every weight is 1
  bool given() const { return balanced || !values.empty(); }
  bool operator==(const class_weights_spec&) const = default;
};

/// Of one output: a main loss, which predictions and accuracy belong to, and others that are added to it.
struct output_objective : loss_spec {
  std::vector<loss_spec> terms;  // further losses on the same output
  class_weights_spec class_weights;
  bool operator==(const output_objective&) const = default;
};

/// What is asked of a network: of its first output, of each of the others, and of the spikes between.
struct objective_spec : output_objective {
  double rate_penalty = 0.0;  // added to a sample's loss for every spike of a hidden layer
  /// A budget of the additions that spikes cause.
  synaptic_operations_spec synaptic_operations{};
  std::vector<output_objective> others;  // in the order of the network's outputs; empty: it has one
  bool operator==(const objective_spec&) const = default;

  std::size_t outputs() const { return 1 + others.size(); }
  const output_objective& of(std::size_t output) const { return output == 0 ? *this : others[output - 1]; }
  output_objective& of(std::size_t output) { return output == 0 ? *this : others[output - 1]; }
};

/// Whether f holds for every output.
template <class F>
bool every_output(const objective_spec& objective, const F& f) {
  return f(objective.of(0)) && std::ranges::all_of(objective.others, f);
}

/// True if the loss has to know from which step on each output depends on the input: a maximum does.
constexpr bool asks_for_reach(const loss_spec& spec) {
  return spec.loss == loss_kind::cross_entropy && spec.readout == readout_kind::max;
}
inline bool asks_for_reach(const output_objective& objective) {
  return asks_for_reach(static_cast<const loss_spec&>(objective)) ||
         std::ranges::any_of(objective.terms, [](const loss_spec& term) { return asks_for_reach(term); });
}
inline bool asks_for_reach(const objective_spec& objective) {
  return !every_output(objective, [](const output_objective& o) { return !asks_for_reach(o); });
}

/// True if every step has an error of its own, known when the step is over: what online learning needs.
constexpr bool is_stepwise(loss_kind loss) { return info_of(loss).stepwise; }
inline bool is_stepwise(const output_objective& objective) {
  return is_stepwise(objective.loss) &&
         std::ranges::all_of(objective.terms, [](const loss_spec& term) { return is_stepwise(term.loss); });
}
inline bool is_stepwise(const objective_spec& objective) {
  return every_output(objective, [](const output_objective& o) { return is_stepwise(o); });
}

/// True if the loss compares with target spike trains.
constexpr bool takes_spike_trains(loss_kind loss) { return info_of(loss).target == target_kind::spike_trains; }

/// True if the loss is of spikes, of their number or their times, and means nothing on another trace.
constexpr bool is_of_spikes(const loss_spec& spec) {
  return takes_spike_trains(spec.loss) || spec.loss == loss_kind::class_spike_count ||
         (spec.loss == loss_kind::cross_entropy && spec.readout == readout_kind::first_spike);
}

/// True if the loss tells classes apart, so that there is an accuracy.
constexpr bool is_classification(loss_kind loss) { return info_of(loss).target == target_kind::classes; }

inline bool reads_labels(const output_objective& objective) {
  return is_classification(objective.loss) ||
         std::ranges::any_of(objective.terms, [](const loss_spec& term) { return is_classification(term.loss); });
}

/// True if the loss compares with values of every step: a regression, or spike trains.
constexpr bool takes_values(loss_kind loss) { return !is_classification(loss); }

}  // namespace backspike
