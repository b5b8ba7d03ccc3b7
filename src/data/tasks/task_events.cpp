// Poisson spikes of one step, for all generated tasks.

#include "data/tasks/task_events.hpp"

#include <backspike/core/error.hpp>

#include <string>

namespace backspike {

void append_poisson(std::uint32_t first, std::uint32_t last, double probability, random_stream& random, events& to) {
  for (std::uint32_t c = first; c < last; ++c) {
    if (random.uniform() < probability) {
      to.channels.push_back(c);
    }
  }
}

double step_probability(const char* operation, const char* setting, double rate) {
  const double probability = rate / 1000.0;
  if (!(probability >= 0.0 && probability <= 1.0)) {
    throw value_error(operation, setting, std::to_string(rate) + " Hz", "0 to 1000 Hz: a spike in every step of 1 ms");
  }
  return probability;
}

}  // namespace backspike
