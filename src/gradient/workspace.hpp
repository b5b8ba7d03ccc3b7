#pragma once
// The memory of a training step, planned before it: what a worker needs for one sample, and what the samples in flight
// keep until the weight gradients have been gathered. Nothing is allocated inside the time loop.

#include <backspike/core/aligned.hpp>
#include <backspike/core/events.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/sample_objective.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// Samples in flight at once: enough for two threads to share, few enough for their errors to stay in the cache.
inline constexpr std::size_t chunk_samples = 64;

/// A worker's scratch for one population and the sample at hand.
struct population_scratch {
  aligned_vector<float> state, error_state;       // [states][width]
  aligned_vector<float> trajectory;               // [steps][states][width]
  aligned_vector<float> output;                   // [steps][width] value of the last population
  aligned_vector<float> error_output;             // [steps][width]
  aligned_vector<std::uint16_t> spikes, support;  // [steps][width / 16]
  std::vector<std::uint32_t> active;              // channels of one step
};

struct worker_scratch {
  std::vector<population_scratch> populations;
  sample_objective<float> objective;
};

/// What one sample leaves behind for the gathering and the sums.
struct sample_slot {
  std::vector<events> spikes;                          // [populations] rows of this sample; empty for analog cells
  std::vector<aligned_vector<float>> error_constants;  // [populations] [constants][width] if learned
  double loss = 0.0;
  std::int32_t predicted = -1;
  std::size_t correct = 0, counted = 0;
  std::vector<float> scores;             // [classes], forward only
  std::vector<std::uint32_t> confusion;  // [classes][classes] of labelled steps, forward only
  std::uint64_t hidden_spikes = 0;
};

/// The samples in flight. Row r0 + t of `current` belongs to step t of a sample whose rows start at r0.
struct chunk {
  const dataset* data = nullptr;
  std::span<const std::uint32_t> samples;
  std::vector<std::size_t> first_row;          // [samples + 1]
  std::vector<aligned_vector<float>> current;  // [populations] [rows][width]: input, then the error on it
  std::vector<sample_slot> slots;

  std::size_t rows() const { return first_row.back(); }
  std::size_t steps(std::size_t i) const { return first_row[i + 1] - first_row[i]; }
};

/// Makes room for the given samples; grows only.
void plan_chunk(chunk& c, const network& net, const dataset& data, std::span<const std::uint32_t> samples);
void plan_worker(worker_scratch& w, const network& net, std::size_t steps, bool backward);

/// Bytes that plan_worker and plan_chunk come to, without spikes.
std::uint64_t worker_bytes(const network& net, std::size_t steps);
std::uint64_t chunk_bytes(const network& net, std::size_t rows);

}  // namespace backspike
