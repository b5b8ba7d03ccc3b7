#pragma once
// A network as the devices of a chip have it: every neuron has constants of its own, because on a chip each is a
// circuit of its own. Devices are drawn, simulated, and their gradients brought back to the numbers that were wanted.

#include <backspike/core/arena.hpp>
#include <backspike/hardware/device_spec.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

/// Whether a gradient by what a device gets wrong is asked for, too, where training leaves it as it is.
enum class gradients_of { learned, mismatched };

class device_network {
 public:
  /// `wanted` must outlive it. Throws value_error: a share outside 0 to 1, a sigma that is not above 0, one that takes
  /// a parameter out of its range within three deviations, a pattern that matches nothing, silent neurons of a cell
  /// without a threshold.
  device_network(const network& wanted, const device_spec& spec, gradients_of of = gradients_of::learned);

  const network& simulated() const { return net_; }

  /// Draws a device: the same for the same seed and number, whatever was drawn before.
  void draw(std::uint64_t seed, std::uint64_t device);
  /// The one without any mismatch.
  void draw_ideal();

  /// The wanted numbers as the device has them, each within its range. Returns how many had to be brought back there.
  std::size_t realise(const arena<float>& wanted, arena<float>& on_device) const;
  /// The other way: adds the gradient by a device's numbers to that by the wanted ones.
  void gather(const arena<float>& on_device, arena<float>& wanted) const;

  /// How far each number of a device may be from the wanted one: one standard deviation, [as the device's parameters].
  void boxes(const arena<float>& wanted, arena<float>& box) const;

 private:
  struct matched {
    std::size_t parameter;
    parameter_mismatch as;
  };
  void match(const device_spec& spec);
  void draw_mismatch(const matched& m, std::uint64_t seed, std::uint64_t device);
  void kill_synapses(std::uint64_t seed, std::uint64_t device);
  void silence(std::uint64_t seed, std::uint64_t device);

  const network& wanted_;
  device_spec spec_;
  network net_;
  std::vector<std::vector<std::uint32_t>> columns_;  // [parameters][columns]: of the wanted one; empty: the same
  std::vector<matched> matched_;
  arena<float> factor_, offset_;  // a device's number: factor * wanted + offset
};

/// The network with its own numbers for each neuron in what the patterns match, and in thresholds if neurons can be
/// silent.
network_spec with_own_constants(const network& wanted, const device_spec& spec, gradients_of of);

}  // namespace backspike
