// What is not finite is refused where it appears. A hidden membrane that is NaN never fires, and a maximum over time
// passes over a NaN: neither need ever reach the loss.

#include "core/finite.hpp"
#include "gradient/engine/pass.hpp"
#include "kernels/pieces.hpp"

#include <backspike/core/error.hpp>

#include <cmath>
#include <string>

namespace backspike {
namespace {

bool states_finite(const population& layer, const population_scratch& s) {
  for (std::size_t k = 0; k < layer.cell->states.size(); ++k) {
    if (!all_finite(s.state.data() + k * layer.padded_units, layer.units)) {
      return false;
    }
  }
  return true;
}

[[noreturn]] void refuse(const population& layer, std::size_t step, const std::string& neuron, std::uint32_t sample) {
  throw numeric_error(layer.spec.name, neuron + " of sample " + std::to_string(sample) +
                                           " is not finite in time step " + std::to_string(step));
}

/// The first layer and step whose current is not finite.
void refuse_currents(const pass& p, const in_flight_batch& c, std::size_t i) {
  for (std::size_t t = 0; t < c.ranges[i].steps(); ++t) {
    for (std::size_t k = 0; k < p.net->inlets().size(); ++k) {
      const population& layer = p.net->target_of(p.net->inlets()[k]);
      const float* current = c.current[k].data() + (c.first_row[i] + t) * layer.padded_units;
      for (std::size_t n = 0; n < layer.units; ++n) {
        if (!std::isfinite(current[n])) {
          refuse(layer, c.ranges[i].begin + t, "the current of neuron " + std::to_string(n), c.samples[i]);
        }
      }
    }
  }
}

}  // namespace

void refuse_non_finite(const pass& p, const in_flight_batch& c, std::size_t i, const worker_scratch& w) {
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    if (!states_finite(p.net->populations()[q], w.populations[q])) {
      refuse_currents(p, c, i);
      refuse(p.net->populations()[q], c.ranges[i].end, "the state of a neuron", c.samples[i]);  // a sum that overflowed
    }
  }
}

void refuse_non_finite(const arena<float>& values, const char* what, thread_pool& pool) {
  if (std::isfinite(kernels::sum_of_squares(values.values(), pool))) {
    return;
  }
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const parameter_info& info = values.layout()[i];
    if (!all_finite(values.view(i).data, info.rows * info.stride)) {
      throw numeric_error(info.name, std::string("the ") + what + " is not finite");
    }
  }
}

}  // namespace backspike
