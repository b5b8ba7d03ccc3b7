#include "gradient/workspace.hpp"

namespace backspike {
namespace {

template <class Vector>
void grow(Vector& v, std::size_t n) {
  if (v.size() < n) {
    v.resize(n);
  }
}

}  // namespace

void plan_chunk(chunk& c, const network& net, const dataset& data, std::span<const std::uint32_t> samples) {
  c.data = &data;
  c.samples = samples;
  c.first_row.assign(1, 0);
  for (const std::uint32_t s : samples) {
    c.first_row.push_back(c.first_row.back() + data.inputs.length(s));
  }
  const auto populations = net.populations();
  c.current.resize(populations.size());
  grow(c.slots, samples.size());
  for (std::size_t p = 0; p < populations.size(); ++p) {
    grow(c.current[p], c.rows() * populations[p].width);
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    sample_slot& slot = c.slots[i];
    slot.spikes.resize(populations.size());
    slot.error_constants.resize(populations.size());
    for (std::size_t p = 0; p < populations.size(); ++p) {
      if (populations[p].learns_constants) {
        slot.error_constants[p].assign(populations[p].cell->constants * populations[p].width, 0.0f);
      }
    }
  }
}

void plan_worker(worker_scratch& w, const network& net, std::size_t steps, bool backward) {
  const auto populations = net.populations();
  w.populations.resize(populations.size());
  for (std::size_t p = 0; p < populations.size(); ++p) {
    const std::size_t width = populations[p].width, states = populations[p].cell->states.size();
    population_scratch& s = w.populations[p];
    grow(s.state, states * width);
    grow(s.error_state, states * width);
    grow(s.active, width);
    if (populations[p].cell->spiking) {
      grow(s.spikes, steps * width / lanes);
      grow(s.support, steps * width / lanes);
    }
    if (p + 1 == populations.size()) {
      grow(s.output, steps * width);
    }
    if (backward) {
      grow(s.trajectory, steps * states * width);
      grow(s.error_output, steps * width);
    }
  }
}

std::uint64_t worker_bytes(const network& net, std::size_t steps) {
  std::uint64_t bytes = 0;
  for (std::size_t p = 0; p < net.populations().size(); ++p) {
    const population& q = net.populations()[p];
    const std::uint64_t states = q.cell->states.size();
    const std::uint64_t floats = states + 1 + (p + 1 == net.populations().size() ? 1 : 0);
    bytes += steps * q.width * floats * sizeof(float) + 2 * states * q.width * sizeof(float);
    bytes += q.cell->spiking ? 2 * steps * q.width / lanes * sizeof(std::uint16_t) : 0;
  }
  return bytes;
}

std::uint64_t chunk_bytes(const network& net, std::size_t rows) {
  std::uint64_t bytes = 0;
  for (const population& p : net.populations()) {
    bytes += rows * p.width * sizeof(float);
  }
  return bytes;
}

}  // namespace backspike
