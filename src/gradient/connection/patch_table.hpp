#pragma once
// A convolution as the kernels take it: where the patch of each place begins, and no list of synapses, which would have
// an entry for each pair of neurons (synapse_table.hpp).

#include "kernels/patches.hpp"

#include <backspike/core/events.hpp>
#include <backspike/core/memory_plan.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace backspike {

/// Whether a connection runs by patches.
inline bool has_patches(const connection& c) {
  return c.info->has_patches && !c.has_delays() && !c.synapses.patches.pools;
}

/// Whether errors go back over a pool by its windows, to all neurons of a place at once; few channels stay a list.
inline bool has_pools(const connection& c) {
  return c.info->has_patches && !c.has_delays() && c.synapses.patches.pools && c.synapses.patches.channels_in >= 8;
}

struct patch_table {
  std::vector<kernels::patch_place> places;  // of the source
  std::vector<kernels::patch_event> spots;   // an event of each place, where gradients are summed in registers
  std::size_t first_weight = 0;              // of the first run of a whole patch, of the first channel [floats]
  kernels::patch_shape shape{};
  std::size_t sources = 0, kernel_rows = 0, kernel_columns = 0, row_floats = 0;

  /// For a connection whose weights have rows a `stride` apart.
  void fill(const connection& c, std::size_t stride);

  /// current[target] += value * weight for every event.
  void add(const kernels::patch_functions& k, const float* weights, const event_row& row, float* current) const;

  /// errors[source] += sum of weight * error[target], for sources that are listed, or for all.
  void send_back(const kernels::patch_functions& k, const float* weights, const float* error,
                 std::span<const std::uint32_t> ids, float* errors) const;
  void send_back_to_all(const kernels::patch_functions& k, const float* weights, const float* error,
                        float* errors) const;

  /// errors[source] += weight * the sum over the windows of each source, of a pool.
  void send_back_pooled(const kernels::patch_functions& k, float weight, const float* error, float* errors) const;

  /// Whether `sum` does what `gather` does.
  bool sums() const { return !spots.empty(); }
  /// The gradient of some channels of the target, from `column` of their group on, for the events of one channel of the
  /// source; rows [first, end) of whole patches. weight_gradient: that of all weights.
  void sum(const kernels::patch_functions& k, std::size_t channel, std::size_t column,
           std::span<const kernels::patch_event> events, const float* values, std::size_t first, std::size_t end,
           const float* errors, float* weight_gradient) const;

  /// gradient[weight] += value * error[target] for every event, of some rows of the kernel.
  void gather(const kernels::patch_functions& k, const event_row& row, std::size_t first, std::size_t end,
              const float* error, float* gradient) const;

 private:
  void fill_spots(const patch_plan& p);
};

/// The room that it takes.
void plan_patches(memory_plan& m, patch_table& table, const connection& c);

}  // namespace backspike
