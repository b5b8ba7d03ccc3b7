// Loops over listed synapses: forward, backward, gradients.

#include "gradient/connection/synapse_table.hpp"

#include <algorithm>
#include <functional>
#include <span>

namespace backspike {

void plan_table(memory_plan& m, synapse_table& table, const connection& c) {
  std::size_t synapses = 0;
  bool scaled = false;
  each_synapse(c, [&](std::uint32_t, const synapse& s) {
    ++synapses;
    scaled = scaled || s.factor != 1.0;
  });
  m.exactly(table.first, c.source_units + 1);
  m.exactly(table.target, synapses);
  m.exactly(table.weight, synapses);
  m.exactly(table.factor, scaled ? synapses : 0);
}

void synapse_table::fill(const connection& c, std::size_t stride) {
  std::size_t e = 0;
  std::ranges::fill(first, 0u);
  each_synapse(c, [&](std::uint32_t source, const synapse& s) {
    target[e] = s.target;
    weight[e] = static_cast<std::uint32_t>(s.row * stride + s.column);
    if (!factor.empty()) {
      factor[e] = static_cast<float>(s.factor);
    }
    first[source + 1] = static_cast<std::uint32_t>(++e);
  });
  for (std::size_t i = 0; i + 1 < first.size(); ++i) {  // sources without synapses
    first[i + 1] = std::max(first[i + 1], first[i]);
  }
}

void synapse_table::add(const float* weights, const event_row& row, float* current) const {
  for (std::size_t k = 0; k < row.channels.size(); ++k) {
    const float value = row.values.empty() ? 1.0f : row.values[k];
    for (std::size_t e = first[row.channels[k]]; e < first[row.channels[k] + 1]; ++e) {
      current[target[e]] += value * weight_of(weights, e);
    }
  }
}

/// errors[source] += sum of weight * error[target] for `count` sources, the k-th of which is of(k). What does not
/// change is asked for once: a pool has one synapse a source, and the loop is the work.
template <bool Scaled, class F>
inline void synapse_table::send_back_some(const float* weights, const float* error, std::size_t count, const F& of,
                                          float* errors) const {
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t source = of(k), end = first[source + 1];
    float sum = 0.0f;
    for (std::size_t e = first[source]; e < end; ++e) {
      const float w = Scaled ? weights[weight[e]] * factor[e] : weights[weight[e]];
      sum += w * error[target[e]];
    }
    errors[source] += sum;
  }
}

void synapse_table::send_back(const float* weights, const float* error, std::span<const std::uint32_t> sources,
                              float* errors) const {
  const auto listed = [&](std::size_t k) { return std::size_t{sources[k]}; };
  factor.empty() ? send_back_some<false>(weights, error, sources.size(), listed, errors)
                 : send_back_some<true>(weights, error, sources.size(), listed, errors);
}

void synapse_table::send_back_to_all(const float* weights, const float* error, float* errors) const {
  factor.empty() ? send_back_some<false>(weights, error, first.size() - 1, std::identity(), errors)
                 : send_back_some<true>(weights, error, first.size() - 1, std::identity(), errors);
}

void synapse_table::gather(const event_row& row, std::uint32_t begin, std::uint32_t end, const float* error,
                           float* gradient) const {
  const auto from = std::ranges::lower_bound(row.channels, begin);
  for (auto k = static_cast<std::size_t>(from - row.channels.begin()); k < row.channels.size() && row.channels[k] < end;
       ++k) {
    const float value = row.values.empty() ? 1.0f : row.values[k];
    for (std::size_t e = first[row.channels[k]]; e < first[row.channels[k] + 1]; ++e) {
      gradient[weight[e]] += value * (factor.empty() ? error[target[e]] : error[target[e]] * factor[e]);
    }
  }
}

}  // namespace backspike
