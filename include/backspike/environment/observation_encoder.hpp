#pragma once
// Observations become the input of a network: an observation is shown for some steps, the frame of a decision.

#include <backspike/core/enum_names.hpp>
#include <backspike/core/random.hpp>
#include <backspike/environment/space.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace backspike {

/// population        Gaussian receptive fields, their responses as currents
/// population_rate   the same, as probabilities of a spike in each step
/// delta             a spike when a number has risen or fallen by a threshold since the last one
/// direct            the numbers themselves, as currents
enum class observation_code { population, population_rate, delta, direct };
template <>
inline constexpr auto enum_names<observation_code> = std::to_array<enum_name<observation_code>>({
    {observation_code::population, "population"},
    {observation_code::population_rate, "population_rate"},
    {observation_code::delta, "delta"},
    {observation_code::direct, "direct"},
});

struct observation_spec {
  observation_code code = observation_code::population;
  /// The range of each number that is told apart, which becomes 0 to 1; empty: that of the space, or -1 to 1 where it
  /// has no end. `direct` and `delta` go on beyond, the outer receptive fields stay on.
  std::vector<double> low, high;
  std::uint32_t fields = 10;  // population: neurons that see each number
  double beta = 1.0;          // population: distance of the centres of their fields, in widths of a field
  double threshold = 0.05;    // delta: least change, as a share of the range
  double gain = 1.0;          // what currents are multiplied by
  bool operator==(const observation_spec&) const = default;
};

class observation_encoder {
 public:
  /// Throws value_error or shape_error for settings that do not fit.
  observation_encoder(observation_spec spec, const space& observations);

  std::size_t channels() const { return channels_; }
  /// Numbers that a continuation needs, beside the observation.
  std::span<float> memory() { return memory_; }

  /// An episode begins.
  void start();
  /// Throws value_error for a number that is not finite, naming its place, and shape_error.
  void check(std::span<const float> observation) const;
  /// Checks it first: what is refused changes nothing.
  void see(std::span<const float> observation);
  /// Input of step `step` of the frame, [channels]. Where spikes are random they are drawn from `draws`.
  void write(std::uint32_t step, random_stream& draws, std::span<float> input) const;

 private:
  observation_spec spec_;
  std::size_t channels_ = 0;
  std::vector<double> values_;         // [numbers] 0 to 1 within the range
  std::vector<float> memory_, shown_;  // shown: [channels] of the frame
};

}  // namespace backspike
