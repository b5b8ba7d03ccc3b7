#pragma once
// The synapses of a connection as a list, made from its kind's own `each_synapse`: how the engine runs every kind that
// has no faster way. A step of a source is a row of events, as everywhere.

#include <backspike/core/events.hpp>
#include <backspike/core/memory_plan.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

struct synapse_table {
  std::vector<std::uint32_t> first;   // [sources + 1] synapses of source i begin at first[i]
  std::vector<std::uint32_t> target;  // [synapses]
  std::vector<std::uint32_t> weight;  // [synapses] where in the memory of the parameter
  std::vector<float> factor;          // [synapses], or empty: all are 1

  /// For a connection whose weights have rows a `stride` apart.
  void fill(const connection& c, std::size_t stride);
  bool is_filled() const { return first.back() == target.size() && !target.empty(); }

  /// current[target] += value * weight for every event.
  void add(const float* weights, const event_row& row, float* current) const;

  /// errors[source] += sum of weight * error[target], for source neurons that are listed, or for all.
  void send_back(const float* weights, const float* error, std::span<const std::uint32_t> sources, float* errors) const;
  void send_back_to_all(const float* weights, const float* error, float* errors) const;

  /// gradient[weight] += value * error[target] for every event of sources [begin, end).
  void gather(const event_row& row, std::uint32_t begin, std::uint32_t end, const float* error, float* gradient) const;

 private:
  float weight_of(const float* weights, std::size_t e) const {
    return factor.empty() ? weights[weight[e]] : weights[weight[e]] * factor[e];
  }
  template <bool Scaled, class F>
  void send_back_some(const float* weights, const float* error, std::size_t count, const F& of, float* errors) const;
};

/// The room that its list takes.
void plan_table(memory_plan& m, synapse_table& table, const connection& c);

}  // namespace backspike
