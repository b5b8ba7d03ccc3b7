#pragma once
// The memory of a training step, planned before it: what a worker needs for one window of one sample, and what the
// samples in flight keep until the weight gradients have been gathered. Nothing is allocated inside the time loop.

#include <backspike/core/memory_plan.hpp>
#include "gradient/engine/segments.hpp"
#include "gradient/gather/panels.hpp"

#include <backspike/core/aligned.hpp>
#include <backspike/core/events.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/gradient/draws.hpp>
#include <backspike/gradient/reach.hpp>
#include <backspike/network/network.hpp>
#include <backspike/network/sample_outputs.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// Samples in flight at once at most.
inline constexpr std::size_t most_in_flight = 64;

/// Samples in flight at once, of a batch whose longest has so many steps: few enough for their errors to stay in the
/// cache and for memory not to follow the length, enough for threads to share. Results depend on it in their last bits,
/// as on nothing that a rule or a number of threads could change.
std::size_t samples_in_flight(const network& net, std::size_t longest);

/// Samples whose steps back go together at most.
inline constexpr std::size_t most_together = 8;

/// Samples that a worker takes at a time: one, whose trajectory stays in the cache, or where a recurrent component
/// shares products between samples, or errors go back through delays, as many as leave every thread something to do. No
/// result depends on it. One under rules that are not BPTT: nothing is shared.
std::size_t samples_together(const rule_spec& rule, const network& net, std::size_t in_flight, std::size_t threads);

/// Whether errors go back through the delays of a connection to neurons.
inline bool sends_back_delayed(const connection& c) { return c.has_delays() && c.source != network_input; }

/// A worker's scratch for one population and the window at hand.
struct population_scratch {
  aligned_vector<float> state, error_state;        // [states][width]
  aligned_vector<float> trajectory;                // [steps][states][width]
  aligned_vector<float> output;                    // [steps][width] value of an analog population, and of an output
  aligned_vector<float> error_output;              // [steps][width]
  aligned_vector<float> membrane, error_membrane;  // [steps][width] after each step, where an objective reads it
  aligned_vector<std::uint16_t> spikes, support;   // [steps][width / 16]
  std::vector<std::uint32_t> active;               // channels of one step
  std::vector<float> active_values;  // what an analog population sends in one, or what dropout leaves of spikes

  /// [steps][width] what an objective reads of an output, and its error on that.
  const aligned_vector<float>& read(const network_output& o) const { return o.membrane ? membrane : output; }
  aligned_vector<float>& error(const network_output& o) { return o.membrane ? error_membrane : error_output; }
  const aligned_vector<float>& error(const network_output& o) const {
    return o.membrane ? error_membrane : error_output;
  }
};

/// Spikes that set out for targets at other delays each: who, and where on a line it arrives without any.
struct departures {
  std::vector<std::uint32_t> ids, at;
  std::vector<float> values;          // empty unless graded
  std::vector<std::uint32_t> active;  // channels of one step before the window
  std::vector<float> active_values;

  void clear();
  void add(const event_row& row, std::size_t place);
};

struct worker_scratch {
  std::vector<population_scratch> populations;
  product_rows rows;                           // of one product
  std::vector<std::uint32_t> steps;            // of the window, that go another way than the others
  aligned_vector<std::uint16_t> tile_support;  // [steps] of a tile, neurons inside their surrogate's support
  std::vector<std::uint32_t> asked_for;        // those as step * 16 + neuron
  aligned_vector<float> dense;  // [rows][inputs] steps with so many events that they are no longer sparse
  aligned_vector<float> lines;  // [targets][line] what arrives at a population, where delays lead to one
  std::vector<aligned_vector<float>> loop_lines;  // [connections] the same of those with delays inside a component
  departures departed;
  std::vector<std::uint32_t> input_ids;  // a row of the input of before the window, as a connection carries it
  std::vector<float> input_values;       // its values
  aligned_vector<float> masked_error;    // [steps][width of a source] errors that dropout is still to act on, or zeros
};

/// Dense steps of the input that are written out at a time.
inline constexpr std::size_t dense_steps_together = 112;

/// So many floats, rounded up: never such a multiple of a cache's that all lines fall on one place of it.
constexpr std::size_t spread_stride(std::size_t floats) { return (padded(floats) / lanes | 1) * lanes; }

/// Where the numbers of each population lie in a sample's checkpoints and carried errors.
struct carry_layout {
  std::vector<std::size_t> state;  // [populations] in floats
  // Where outputs arrive later than in their own step, at a loop's one step or after delays:
  std::vector<std::size_t> words;    // [populations] in words of 16 spikes, [history][width / 16], the last step first
  std::vector<std::size_t> values;   // [populations] the same of an analog one, in floats
  std::vector<std::size_t> width;    // [inlets] in floats, [later][width] errors on the first currents
  std::vector<std::size_t> history;  // [populations] steps of a source; 0: none
  std::vector<std::size_t> later;    // [inlets] of a target; 0: none
  std::size_t reach = 0;             // [steps] after which the last spike has arrived, where there are delays
  std::size_t left = 0, right = 0;   // floats of a line before the window and behind it
  std::vector<bool> late_target;     // [inlets] delays lead to it
  std::size_t state_floats = 0, spike_words = 0, value_floats = 0, feedback_floats = 0;
  explicit carry_layout(const network& net);
  bool has_lines(std::size_t inlet) const { return late_target[inlet]; }
  /// Floats of one line of time.
  std::size_t line_stride(std::size_t steps) const { return spread_stride(left + steps + right); }
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// What one sample keeps between windows, and leaves behind for the gathering and the sums.
struct sample_slot {
  sample_outputs<float> objective;
  output_reach reach;
  std::vector<events> spikes;            // [populations] rows of this window, with values where an analog cell sends
  sample_draws draws;                    // if the batch draws
  std::vector<events> own_rows;          // [connections] rows of this window that are not those of the source: what
                                         // dropout leaves of them, or a part of the input
  aligned_vector<std::uint16_t> before;  // [spike_words] spikes of the steps before the window
  aligned_vector<float> before_values;   // [value_floats] outputs of analog populations in these steps
  aligned_vector<float> checkpoints;     // [windows][state_floats] states before each window
  aligned_vector<std::uint16_t> checkpoint_spikes;     // [windows][spike_words]
  aligned_vector<float> checkpoint_values;             // [windows][value_floats]
  aligned_vector<float> carried_state;                 // [state_floats] error on the states before the later window
  aligned_vector<float> carried_current;               // [feedback_floats] error on its first currents
  std::vector<aligned_vector<float>> error_constants;  // [populations] [constants][width] if learned
  std::vector<std::vector<std::uint32_t>> counts;      // [populations][units] spikes, where they are counted
  std::vector<std::vector<float>> prices;              // [populations][units] error on each spike by their number
  std::vector<double> power;                           // [populations] sum of squared values that an analog one sent
  std::vector<float> rates, checkpoint_rates;          // running means where rates are held; [windows] of them
  double loss = 0.0;
  std::uint64_t hidden_spikes = 0;
};

/// The samples in flight. Row first_row[i] + t of `current` belongs to step `begin + t` of the window of sample i.
struct in_flight_batch {
  const dataset* data = nullptr;
  std::span<const std::uint32_t> samples;
  std::vector<step_range> ranges;              // [samples] the window at hand
  std::vector<std::size_t> first_row;          // [samples + 1]
  std::vector<aligned_vector<float>> current;  // [inlets] [rows][width]: input, then the error on it
  std::vector<aligned_vector<float>> lines;    // [inlets] [units][line] errors, where delays lead to one
  std::size_t line_stride = 0;
  std::vector<std::size_t> line;  // [samples] where step 0 of the window lies on a line
  std::vector<sample_slot> slots;
  bool inputs_added = false;  // the currents hold the input already

  std::size_t rows() const { return first_row.back(); }
  std::size_t length(std::size_t i) const { return data->inputs.length(samples[i]); }  // [steps] of the whole sample
};

/// The input of a batch, or of a data set, as its memory depends on it.
struct input_facts {
  bool any_dense = false, all_dense = true;  // steps with so many events that they are multiplied as a matrix
  bool graded = false;
  double density = 0.0;  // events of a channel and step
};

/// Reads the rows of these samples.
input_facts facts_of_input(const network& net, const dataset& data, std::span<const std::uint32_t> samples);

/// Starts the samples in flight: room for the longest window of each sample and, with `backward`, for the plan's
/// checkpoints. Grows only. `count`: spikes are counted, and priced on the way back.
void plan_in_flight(in_flight_batch& c, const network& net, const carry_layout& carry, const dataset& data,
                    std::span<const std::uint32_t> samples, const segment_plan& plan, bool backward, bool count);

/// Moves the samples in flight to a window.
void enter_window(in_flight_batch& c, const carry_layout& carry, const segment_plan& plan, std::size_t j);

/// What plan_in_flight asks for: errors of so many rows of so many samples; and what one sample keeps, but for spikes.
void plan_rows(memory_plan& m, in_flight_batch& c, const network& net, const carry_layout& carry, std::size_t samples,
               std::size_t rows, bool backward);
void plan_slot(memory_plan& m, sample_slot& slot, const network& net, const carry_layout& carry,
               const segment_plan& plan, bool backward, bool count);

/// What a sample keeps beside where the batch draws or connections lead from parts of the input, but for the events of
/// the rows.
void plan_own_rows(memory_plan& m, sample_slot& slot, const network& net, const segment_plan& plan, bool draws);

/// A window that a worker has room for.
struct worker_window {
  std::size_t steps = 0;
  bool backward = false;
  bool dense_input = false;  // steps of the input are written out as rows
  bool rounded = false;      // matrices are
  bool draws = false;        // dropout and noise are drawn
};

/// What a worker's needs beside.
void plan_own_rows(memory_plan& m, worker_scratch& w, const network& net, const worker_window& window);

void plan_worker(memory_plan& m, worker_scratch& w, const network& net, const carry_layout& carry,
                 const worker_window& window);

}  // namespace backspike
