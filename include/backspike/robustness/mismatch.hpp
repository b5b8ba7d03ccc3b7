#pragma once
// How well the gradient of a surrogate predicts what the hard network does: input or parameters are moved along the
// gradient and at random, by ever larger steps, and the change of the loss that the gradient predicts is held against
// the change that comes. On the smooth relaxation of the same network both agree to second order: the control.

#include <backspike/core/arena.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

enum class moved_part { input, parameters };
template <>
inline constexpr auto enum_names<moved_part> = std::to_array<enum_name<moved_part>>({
    {moved_part::input, "input"},
    {moved_part::parameters, "parameters"},
});

struct mismatch_options {
  moved_part of = moved_part::input;
  /// Largest change of one value of the input; of a parameter in units of the root mean square of its group.
  std::vector<double> sizes{0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1};
  std::vector<double> widths{0.5, 1.0, 2.0};  // of the surrogate, over those of the network
  std::uint64_t seed = 1;                     // of the random directions
};

/// What a perturbation changed in one spiking layer, mean over the samples.
struct changed_layer {
  std::string name;
  double changed = 0.0;      // spikes that came or went, over the spikes before
  double still = 0.0;        // share of the samples in which no spike changed
  double first_still = 0.0;  // share of the samples for which it is the first such layer
};

/// One direction, width and size over all samples.
struct mismatch_point {
  std::string direction;  // gradient: size * sign of it; random: size * (+1 or -1)
  double width = 1.0, size = 0.0;
  double predicted = 0.0, actual = 0.0;  // change of the loss, mean
  double correlation = 0.0;              // of the two over the samples; NaN: one of them does not vary
  double sign_agreement = 0.0;           // share of samples with a prediction whose loss moved that way
  double ratio = 0.0;                    // least squares: actual = ratio * predicted
  double unchanged = 0.0;                // share of the samples in which no spike changed anywhere
  std::vector<changed_layer> layers{};   // spiking ones, in the order of the network
};

/// |actual - predicted| on the smooth relaxation in double precision, along the gradient, mean over a few samples; at
/// sizes a hundredth of those asked for, where no third order shows yet.
struct smooth_control {
  std::vector<double> sizes, differences;
  double slope = 0.0;      // of log difference over log size: 2 where agreement is of second order
  std::string left_out{};  // why there is none; empty: there is
};

struct mismatch {
  std::string name;
  moved_part of = moved_part::input;
  std::size_t samples = 0;
  double loss = 0.0, rate = 0.0;  // before: mean loss, spikes of a neuron and step in spiking layers
  std::vector<mismatch_point> points;
  smooth_control control;
};

using mismatch_progress = std::function<void(std::size_t done, std::size_t total)>;

/// Throws value_error: no sample, a size or width that is not above 0, a network in which nothing fires or whose
/// gradient is zero (everything would agree), an input too large to be held with all its values.
mismatch measure_mismatch(const std::string& name, const network& net, const objective_spec& objective,
                          const arena<float>& parameters, const dataset& data, std::span<const std::uint32_t> samples,
                          const mismatch_options& options, thread_pool& pool, const mismatch_progress& progress = {});

/// For other programs, for a terminal, and as a page with charts that opens offline.
std::string to_json(const mismatch& m);
std::string to_text(const mismatch& m);
std::string to_html(const mismatch& m);

}  // namespace backspike
