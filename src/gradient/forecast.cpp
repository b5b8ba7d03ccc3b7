#include "gradient/workspace.hpp"

#include <backspike/gradient/engine.hpp>

#include <algorithm>

namespace backspike {

memory_forecast forecast_memory(const network& net, const dataset& train, std::size_t batch, std::size_t threads) {
  constexpr std::uint64_t arenas = 4;  // values, gradient, two moments
  const std::size_t longest = train.longest();
  const std::size_t in_flight = std::min(batch, chunk_samples);
  const std::size_t rows = in_flight * longest;
  const std::uint64_t input_events = train.size() == 0 ? 0 : train.inputs.spikes.size() * in_flight / train.size();
  std::uint64_t worst_spikes = 0;  // every neuron in every tenth step: an active layer
  for (const population& p : net.populations()) {
    worst_spikes += p.cell->spiking ? rows * p.units / 10 : 0;
  }
  memory_forecast f;
  f.threads = threads;
  f.parameters = arenas * net.parameters().floats() * sizeof(float);
  for (const connection& c : net.connections()) {
    f.parameters += c.source == network_input ? 0 : net.parameters()[c.weight].size() * sizeof(float);  // transposed
  }
  f.per_worker = worker_bytes(net, longest);
  f.per_chunk = chunk_bytes(net, rows) + (input_events + 2 * worst_spikes) * sizeof(std::uint32_t);
  const events& e = train.inputs.spikes;
  f.dataset = e.channels.size() * sizeof(std::uint32_t) + e.values.size() * sizeof(float) +
              e.row_offsets.size() * sizeof(std::uint64_t);
  return f;
}

}  // namespace backspike
