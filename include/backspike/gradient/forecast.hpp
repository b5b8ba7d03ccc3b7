#pragma once
// What training will need in memory, before it starts, and the rule that fits into what there is.

#include <backspike/data/dataset.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstddef>
#include <cstdint>

namespace backspike {

/// Bytes that a run needs beside the data set.
struct memory_forecast {
  std::uint64_t parameters = 0;  // values, gradients, optimiser moments; weights packed, constants and taps of delays
  std::uint64_t per_worker = 0;  // trajectory and errors of the samples of one thread, for each
  std::uint64_t per_in_flight = 0;  // error on currents and spikes of a window of the samples in flight
  std::uint64_t checkpoints = 0;    // what the samples in flight keep between windows
  std::uint64_t dataset = 0;
  std::uint64_t program = 0;  // code, libraries and what reading the data left behind
  std::size_t threads = 1;
  std::uint64_t total() const {
    return parameters + per_worker * threads + per_in_flight + checkpoints + dataset + program;
  }
};

/// Spikes per neuron and step that a forecast counts with: more than most trained networks have.
inline constexpr double assumed_activity = 0.05;

/// What training will need, before it starts, with all samples as long as the longest: the sum of the plans by which
/// the engine and the rules take their memory (core/memory_plan.hpp). What the objective keeps is objective_bytes.
memory_forecast forecast_memory(const network& net, const dataset& train, std::size_t batch, std::size_t threads,
                                const rule_spec& rule = {}, double activity = assumed_activity);

/// What losses on the timing of spikes keep of the readout of the samples in flight, of up to `steps` steps [bytes];
/// a target spike in 20 steps is assumed.
std::uint64_t objective_bytes(const network& net, const objective_spec& objective, std::size_t steps,
                              std::size_t batch);

/// The rule with everything decided: checkpointed_bptt and e-prop's backward form with `automatic` memory get the
/// largest distance of checkpoints whose forecast, with `other` bytes on top, fits `available` (or its own budget); no
/// result depends on that. E-prop of `automatic` form becomes backward, or forward if no distance fits, with the same
/// gradient to rounding: who has to have the same bits elsewhere keeps the form. Throws resource_error if none fits.
rule_spec settle_rule(const rule_spec& rule, const network& net, const dataset& train, std::size_t batch,
                      std::size_t threads, std::uint64_t other, std::uint64_t available);

}  // namespace backspike
