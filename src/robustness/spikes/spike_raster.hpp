#pragma once
// The spikes of one sample, of which any bin can be flipped.

#include <backspike/data/dataset.hpp>

#include <cstdint>

namespace backspike {

/// A channel in a step.
struct spike_bin {
  std::uint32_t step = 0, channel = 0;
  friend auto operator<=>(const spike_bin&, const spike_bin&) = default;
};

class spike_raster {
 public:
  /// Of a data set of one sample without values.
  explicit spike_raster(dataset one) : data_(std::move(one)) {}

  std::uint32_t steps() const { return static_cast<std::uint32_t>(data_.inputs.length(0)); }
  std::uint32_t channels() const { return data_.channels; }
  std::size_t bins() const { return std::size_t{steps()} * channels(); }
  std::size_t index(spike_bin b) const { return std::size_t{b.step} * channels() + b.channel; }
  bool has(spike_bin b) const;
  void flip(spike_bin b);
  const dataset& data() const { return data_; }

 private:
  dataset data_;
};

}  // namespace backspike
