// Windows of a sample, forward only, from the states before the first one that a change reaches. It uses the passes of
// the engine.

#include <backspike/robustness/replay.hpp>

#include "gradient/engine/pass.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <algorithm>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t most_windows = 32;  // whose first states are kept: memory against steps run for nothing

/// One step in which every channel has an event: input weights are packed for steps as dense as any.
dataset every_channel(const network& net) {
  dataset data;
  data.channels = net.spec().inputs;
  data.inputs.spikes.channels.resize(net.spec().inputs);
  std::iota(data.inputs.spikes.channels.begin(), data.inputs.spikes.channels.end(), 0u);
  data.inputs.spikes.end_row();
  data.inputs.end_sample();
  return data;
}

}  // namespace

struct replay_network::implementation {
  const network& net;
  const objective_spec& objective;
  carry_layout carry;
  objective_spec no_objective;
  pass shared;
  reach_plan reach;

  implementation(const network& n, const objective_spec& o, const arena<float>& parameters, thread_pool& pool)
      : net(n), objective(o), carry(n), reach(plan_reach(n, o, parameters)) {
    check_outputs("replay", net, objective);
    prepare_pass(shared, net, no_objective, parameters, false, pool);
    const std::uint32_t only[] = {0};
    pack_dense_inputs(shared, every_channel(net), only, pool);
    shared.carry = &carry;
  }
};

replay_network::replay_network(const network& net, const objective_spec& objective, const arena<float>& parameters,
                               thread_pool& pool)
    : implementation_(std::make_unique<implementation>(net, objective, parameters, pool)) {}

replay_network::~replay_network() = default;

struct replay::implementation {
  const replay_network::implementation& of;
  in_flight_batch batch;
  worker_scratch scratch;
  segment_plan plan;
  std::uint32_t sample = 0;
  std::vector<float> kept, outputs;  // [steps][outputs] of what was kept last and of what ran last
  std::vector<output_reach> reach;   // [windows] before each
  output_reach reached;
  sample_outputs<double> judges;
  std::vector<double> read;  // the outputs again, as the objective takes them
  std::uint64_t steps = 0;

  explicit implementation(const replay_network::implementation& network) : of(network) {}

  std::size_t width() const { return of.net.outputs(); }
  void begin(const dataset& data);
  replay_result run(const dataset& data, std::size_t first, bool keeps);
  void run_window(std::size_t j);
  void note_reach();
  void note_outputs();
  replay_result judge(const dataset& data);
};

void replay::implementation::begin(const dataset& data) {
  check_input("replay", of.net, data, std::span(&sample, 1));
  const std::size_t length = data.inputs.length(sample);
  const std::size_t every = std::max<std::size_t>((length + most_windows - 1) / most_windows, 1);
  plan = {rule_kind::checkpointed_bptt, every, every, (length + every - 1) / every, every};
  plan_in_flight(batch, of.net, of.carry, data, std::span<const std::uint32_t>(&sample, 1), plan, true, false);
  memory_plan take = memory_plan::take();
  plan_worker(take, scratch, of.net, of.carry, {every, false, true, false, false});
  if (of.net.has_parts()) {
    plan_own_rows(take, batch.slots[0], of.net, plan, false);
  }
  kept.assign(length * width(), 0.0f);
  outputs = kept;
  reach.resize(plan.count);
  reached.begin(of.reach);
  start_sample(of.shared, batch, 0, scratch);
}

void replay::implementation::run_window(std::size_t j) {
  batch.ranges[0] = plan.at(j, batch.length(0)).steps;
  forward_window(of.shared, batch, 0, scratch, false);
  refuse_non_finite(of.shared, batch, 0, scratch);
  note_reach();
  note_outputs();
  move_on(of.shared, batch, 0, scratch);
  steps += batch.ranges[0].steps();
}

void replay::implementation::note_reach() {
  const ragged_events& inputs = batch.data->inputs;
  const step_range r = batch.ranges[0];
  for (std::size_t t = 0; t < r.steps() && reached.listens(); ++t) {
    for (std::size_t k = 0; k < of.reach.ways.size(); ++k) {
      const std::size_t source = of.reach.ways[k].source;
      reached.spikes(of.reach, k, r.begin + t,
                     source == network_input ? inputs.spikes.row(inputs.sample_rows[sample] + r.begin + t)
                                             : batch.slots[0].spikes[source].row(t));
    }
  }
}

void replay::implementation::note_outputs() {
  const step_range r = batch.ranges[0];
  for (const network_output& o : of.net.output_list()) {
    const float* from = scratch.populations[o.population].read(o).data();
    for (std::size_t t = 0; t < r.steps(); ++t) {
      std::copy_n(from + t * padded(o.units), o.units, outputs.data() + (r.begin + t) * width() + o.first);
    }
  }
}

replay_result replay::implementation::judge(const dataset& data) {
  read.assign(outputs.begin(), outputs.end());
  const std::size_t length = batch.length(0);
  judges.begin(of.net, of.objective, data, sample);
  for (std::size_t k = 0; k < judges.size(); ++k) {
    const network_output& o = of.net.output(k);
    judges[k].read(0, trace_view<const double>{read.data() + o.first, length, o.units, width()}, reached.first(o));
  }
  const double loss = judges.finish();
  return {loss, judges.results().front().predicted};
}

/// From the window that holds step `first` on.
replay_result replay::implementation::run(const dataset& data, std::size_t first, bool keeps) {
  const std::size_t from = first / plan.window;
  batch.data = &data;
  std::copy_n(kept.begin(), std::min(from * plan.window * width(), kept.size()), outputs.begin());
  if (from < plan.count) {
    resume_sample(of.shared, batch, 0, from, scratch);
    reached = reach[from];
  }
  for (std::size_t j = from; j < plan.count; ++j) {
    if (keeps) {
      keep_checkpoint(of.shared, batch, 0, j, scratch);
      reach[j] = reached;
    }
    run_window(j);
  }
  if (keeps) {
    kept = outputs;
  }
  return judge(data);
}

replay::replay(const replay_network& of) : implementation_(std::make_unique<implementation>(*of.implementation_)) {}

replay::~replay() = default;
replay::replay(replay&&) noexcept = default;

replay_result replay::start(const dataset& data, std::uint32_t sample) {
  implementation& self = *implementation_;
  self.sample = sample;
  self.begin(data);
  keep_checkpoint(self.of.shared, self.batch, 0, 0, self.scratch);
  self.reach[0] = self.reached;
  return self.run(data, 0, true);
}

replay_result replay::attempt(const dataset& changed, std::size_t first) {
  return implementation_->run(changed, first, false);
}

replay_result replay::keep(const dataset& changed, std::size_t first) {
  return implementation_->run(changed, first, true);
}

std::uint64_t replay::steps() const { return implementation_->steps; }

}  // namespace backspike
