#pragma once
// What a chip does to the network that it was given: its numbers differ a little, synapses are dead, neurons silent.

#include <backspike/core/enum_names.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// How numbers of a device scatter around those that were wanted. Each has the standard deviation that is asked for:
///
/// normal     z: a standard normal number; of parameters with a range, drawn again beyond three
/// lognormal  the number times e^(sigma z): it keeps its sign, half of the devices have more and half less
/// uniform    within sqrt(3) standard deviations
enum class mismatch_distribution { normal, lognormal, uniform };
template <>
inline constexpr auto enum_names<mismatch_distribution> = std::to_array<enum_name<mismatch_distribution>>({
    {mismatch_distribution::normal, "normal"},
    {mismatch_distribution::lognormal, "lognormal"},
    {mismatch_distribution::uniform, "uniform"},
});

/// Some parameters, and how a device gets them wrong.
struct parameter_mismatch {
  std::string match = "*";  // of names such as hidden1.tau_m; * and ? stand for any letters
  mismatch_distribution distribution = mismatch_distribution::normal;
  double sigma = 0.2;    // standard deviation: one sigma, not three
  bool relative = true;  // of the size of each number; otherwise in its unit
  bool operator==(const parameter_mismatch&) const = default;
};

/// A kind of chip. Its devices differ by what is drawn for (seed, number of the device).
struct device_spec {
  std::vector<parameter_mismatch> mismatch;  // the first that matches a parameter decides
  double dead_synapses = 0.0;                // share of the weights that are 0
  double silent_neurons = 0.0;               // share of the spiking neurons that never fire

  bool changes_something() const { return !mismatch.empty() || dead_synapses > 0.0 || silent_neurons > 0.0; }
  bool operator==(const device_spec&) const = default;
};

/// What training does about them; both together if both are asked for.
struct hardware_spec : device_spec {
  /// Every batch runs on a device of its own, forward and backward; the gradient is that by the wanted numbers.
  bool training_noise = false;
  /// Beside that gradient the one of the worst network that so many steps of sign ascent on the loss find within one
  /// sigma of the wanted numbers (Buechel, Faber & Muir 2022, with the loss in place of the divergence of the outputs);
  /// 0: none.
  std::uint32_t adversarial_steps = 0;
  double adversarial_weight = 0.5;  // of the worst one; the rest is that of the other gradient

  bool trains() const { return training_noise || adversarial_steps > 0; }
  bool operator==(const hardware_spec&) const = default;
};

}  // namespace backspike
