// How a batch goes through the engine: which samples are in flight, forward, objective, backward, then the gathering of
// weight gradients. Start here to follow a training step.

#include <backspike/gradient/engine.hpp>

#include "gradient/engine/pass.hpp"
#include "gradient/engine/probe.hpp"
#include "gradient/rule/eprop/broadcast.hpp"
#include "kernels/pieces.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/plan_activity.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

namespace backspike {

void output_result::add_predictions(std::int32_t of_sample, std::span<const std::uint32_t> confusion,
                                    std::size_t classes) {
  if (of_sample < 0 && confusion.empty()) {
    return;
  }
  predicted.resize(classes, false);
  if (of_sample >= 0) {
    predicted[static_cast<std::size_t>(of_sample)] = true;
  }
  for (std::size_t k = 0; k < confusion.size(); ++k) {
    if (confusion[k] > 0) {
      predicted[k % classes] = true;
    }
  }
}

void output_result::add(const output_result& more) {
  part += more.part;
  correct += more.correct;
  counted += more.counted;
  predicted.resize(more.predicted.size(), false);
  for (std::size_t k = 0; k < predicted.size(); ++k) {
    predicted[k] = predicted[k] || more.predicted[k];
  }
}

void batch_result::add(const batch_result& more) {
  samples += more.samples;
  loss += more.loss;
  hidden_spikes += more.hidden_spikes;
  steps += more.steps;
  others.resize(more.others.size());
  for (std::size_t k = 0; k <= others.size(); ++k) {
    of(k).add(more.of(k));
  }
}

namespace {

/// What e-prop's errors go back by.
struct signal_source {
  const eprop_options& options;
  const eprop_feedback& feedback;
};

}  // namespace

struct engine::implementation {
  const network& net;
  objective_spec objective;
  thread_pool& pool;
  rule_spec rule;
  carry_layout carry;
  in_flight_batch samples;
  pass shared;
  broadcast signals;
  gather_plan gathering;
  std::size_t together = 1;                  // samples that a worker takes at a time
  std::vector<worker_scratch> workers;       // [threads][most_together], of which `together` have room
  std::vector<delayed_group> groups;         // [threads]
  std::vector<aligned_vector<float>> tiles;  // [threads] of a wide layer's input weights
  health_probe* probe = nullptr;             // looks on, if there is one

  implementation(const network& n, const objective_spec& o, thread_pool& p, const rule_spec& r)
      : net(n),
        objective(o),
        pool(p),
        rule(r),
        carry(n),
        workers(p.threads() * most_together),
        groups(p.threads()),
        tiles(p.threads()) {
    check_rule(rule);
    check_outputs("engine", net, objective);
    shared.arithmetic = rule.arithmetic;
    shared.activity = plan_activity(net, objective);
  }

  void check(const arena<float>& parameters, batch_view batch) const;
  segment_plan plan(const dataset& data, std::span<const std::uint32_t> picked, bool backward);
  void add_up(batch_result& sum) const;
  void keep_output(std::size_t first, std::size_t i, std::size_t output, output_predictions& kept) const;
  void keep(std::size_t first, predictions& kept) const;
  void stream(std::size_t i, const segment_plan& plan, bool backward, worker_scratch& w);
  worker_scratch& scratch(std::size_t worker, std::size_t k) { return workers[worker * most_together + k]; }
  bool counts(bool backward) const { return !backward || shared.activity.any(); }
  void send_back(std::span<const backward_item> items, std::size_t worker, bool carries_gradient);
  void finish(std::size_t i, bool backward);
  void run_sample(std::size_t i, bool backward, worker_scratch& w);
  template <class Body>
  void for_each_group(const Body& body);
  void run_whole(arena<float>* gradient);
  void run_windows(const segment_plan& plan, arena<float>* gradient);
  batch_result run(const arena<float>& parameters, batch_view batch, arena<float>* gradient,
                   const std::function<void(std::size_t first)>& group_done, const signal_source* source = nullptr);
};

void engine::implementation::check(const arena<float>& parameters, batch_view batch) const {
  if (&parameters.layout() != &net.parameters()) {
    throw internal_error("engine: the parameters are those of another network");
  }
  check_batch("engine", net, objective, batch);
}

segment_plan engine::implementation::plan(const dataset& data, std::span<const std::uint32_t> picked, bool backward) {
  const std::size_t longest = data.longest(picked);
  // E-prop's errors go back over the whole sample, as an evaluation goes forward: windows that overlap would cut them.
  const bool in_windows = backward && shared.signals == nullptr;
  const segment_plan windows = in_windows ? plan_segments(rule, longest) : plan_evaluation(rule, longest);
  plan_in_flight(samples, net, carry, data, picked, windows, backward, counts(backward));
  memory_plan take = memory_plan::take();
  for (std::size_t i = 0; i < picked.size() && shared.signals != nullptr; ++i) {
    signals.rates.plan(take, samples.slots[i], windows);
  }
  const worker_window window{windows.longest, backward, shared.input.any_dense, shared.rounds(), shared.draws.enabled};
  for (std::size_t worker = 0; worker < pool.threads(); ++worker) {
    for (std::size_t k = 0; k < (backward ? together : 1); ++k) {
      plan_worker(take, scratch(worker, k), net, carry, window);
    }
    if (backward && shared.signals == nullptr) {
      plan_group(take, groups[worker], net, carry, windows.longest, false);
    }
    if (windows.whole()) {
      plan_wide_tile(take, tiles[worker], net);
    }
  }
  draw_samples(shared, samples, windows, pool);
  return windows;
}

void engine::implementation::add_up(batch_result& sum) const {
  for (std::size_t i = 0; i < samples.samples.size(); ++i) {
    const sample_slot& slot = samples.slots[i];
    sum.loss += slot.loss;
    sum.hidden_spikes += slot.hidden_spikes;
    sum.steps += samples.length(i);
    for (std::size_t k = 0; k < slot.objective.size(); ++k) {
      sum.of(k).add(slot.objective.results()[k], slot.objective[k].confusion(), net.output(k).units);
    }
    ++sum.samples;
  }
}

/// Of sample i in flight, number `first` + i of the batch.
void engine::implementation::keep_output(std::size_t first, std::size_t i, std::size_t output,
                                         output_predictions& kept) const {
  const sample_objective<float>& judge = samples.slots[i].objective[output];
  const network_output& o = net.output(output);
  const std::int32_t predicted = samples.slots[i].objective.results()[output].predicted;
  kept.labels[first + i] = predicted;
  if (predicted >= 0) {
    const std::int32_t label = samples.data->targets(o.target).labels[samples.samples[i]];
    ++kept.confusion[static_cast<std::size_t>(label) * o.units + static_cast<std::size_t>(predicted)];
  }
  for (std::size_t k = 0; k < judge.confusion().size(); ++k) {
    kept.confusion[k] += judge.confusion()[k];
  }
  std::ranges::copy(judge.scores(), kept.scores.begin() + static_cast<std::ptrdiff_t>((first + i) * o.units));
}

void engine::implementation::keep(std::size_t first, predictions& kept) const {
  for (std::size_t i = 0; i < samples.samples.size(); ++i) {
    const sample_slot& slot = samples.slots[i];
    for (std::size_t k = 0; k < slot.objective.size(); ++k) {
      keep_output(first, i, k, kept.of(k));
    }
    for (std::size_t q = 0; q < net.populations().size(); ++q) {
      kept.power[q] += slot.power[q];
      for (std::size_t n = 0; n < kept.spikes[q].size(); ++n) {
        kept.spikes[q][n] += slot.counts[q][n];
      }
    }
  }
}

/// A sample once through, forward, in pieces that end where a window begins; keeps the states there.
void engine::implementation::stream(std::size_t i, const segment_plan& plan, bool backward, worker_scratch& w) {
  const std::size_t steps = samples.length(i);
  std::size_t at = 0;
  const auto go_to = [&](std::size_t end) {
    if (end > at) {
      samples.ranges[i] = {at, end};
      forward_window(shared, samples, i, w, false);
      read_objective(shared, samples, i, w, counts(backward));
      move_on(shared, samples, i, w);
      at = end;
    }
  };
  start_sample(shared, samples, i, w);
  begin_objective(shared, samples, i);
  for (std::size_t j = 0; j < plan.count && !plan.at(j, steps).empty(); ++j) {
    go_to(plan.at(j, steps).steps.begin);
    if (backward) {
      keep_checkpoint(shared, samples, i, j, w);
    }
  }
  go_to(steps);
  finish(i, backward);
}

void engine::implementation::run_sample(std::size_t i, bool backward, worker_scratch& w) {
  samples.ranges[i] = {0, samples.length(i)};
  start_sample(shared, samples, i, w);
  begin_objective(shared, samples, i);
  forward_window(shared, samples, i, w, backward);
  read_objective(shared, samples, i, w, counts(backward));
  finish(i, backward);
}

void engine::implementation::finish(std::size_t i, bool backward) {
  finish_objective(shared, samples, i);
  if (backward) {
    activity_gradient(shared, samples, i);
  }
}

void engine::implementation::send_back(std::span<const backward_item> items, std::size_t worker,
                                       bool carries_gradient) {
  for (const backward_item& item : items) {
    if (probe != nullptr) {
      probe->after_forward(shared, samples, item.sample, item.loss_begin, *item.scratch);
    }
    objective_error(shared, samples, item.sample, item.loss_begin, *item.scratch);
    if (probe != nullptr) {
      probe->after_objective(shared, samples, item.sample, *item.scratch);
    }
  }
  backward_windows(shared, samples, items, groups[worker], carries_gradient);
  for (std::size_t k = 0; k < items.size() && probe != nullptr; ++k) {
    probe->after_backward(shared, samples, items[k].sample);
  }
}

/// Calls body(first, last, worker) for samples that go back together.
template <class Body>
void engine::implementation::for_each_group(const Body& body) {
  const std::size_t all = samples.samples.size();
  pool.for_each((all + together - 1) / together, [&](std::size_t group, std::size_t worker) {
    body(group * together, std::min((group + 1) * together, all), worker);
  });
}

/// Forward, objective and backward of a few samples run while their trajectories are in the cache.
void engine::implementation::run_whole(arena<float>* gradient) {
  const bool backward = gradient != nullptr;
  for (std::size_t i = 0; i < samples.samples.size(); ++i) {
    samples.ranges[i] = {0, samples.length(i)};
  }
  add_wide_inputs(shared, samples, pool, tiles);
  for_each_group([&](std::size_t first, std::size_t last, std::size_t worker) {
    std::array<backward_item, most_together> items;
    for (std::size_t i = first; i < last; ++i) {
      items[i - first] = {i, 0, &scratch(worker, backward ? i - first : 0)};
      run_sample(i, backward, *items[i - first].scratch);
    }
    if (backward) {
      send_back(std::span(items).first(last - first), worker, false);
    }
  });
  if (backward) {
    gather_window(shared, samples, pool, gathering, *gradient);
  }
}

/// Forward once for the loss and the states before each window; then window by window, the last one first.
void engine::implementation::run_windows(const segment_plan& plan, arena<float>* gradient) {
  const bool backward = gradient != nullptr;
  pool.for_each(samples.samples.size(),
                [&](std::size_t i, std::size_t worker) { stream(i, plan, backward, scratch(worker, 0)); });
  for (std::size_t j = plan.count; backward && j-- > 0;) {
    enter_window(samples, carry, plan, j);
    for_each_group([&](std::size_t first, std::size_t last, std::size_t worker) {
      std::array<backward_item, most_together> items;
      std::size_t n = 0;
      for (std::size_t i = first; i < last; ++i) {
        const segment here = plan.at(j, samples.length(i));
        if (!here.empty()) {
          worker_scratch& w = scratch(worker, n);
          resume_sample(shared, samples, i, j, w);
          forward_window(shared, samples, i, w, true);
          items[n++] = {i, here.loss_begin, &w};
        }
      }
      send_back(std::span(items).first(n), worker, plan.carries_gradient());
    });
    gather_window(shared, samples, pool, gathering, *gradient);
  }
}

batch_result engine::implementation::run(const arena<float>& parameters, batch_view batch, arena<float>* gradient,
                                         const std::function<void(std::size_t)>& group_done,
                                         const signal_source* source) {
  check(parameters, batch);
  const bool backward = gradient != nullptr;
  shared.draws = net.draws() ? batch.draws : batch_draws{};
  shared.signals = source == nullptr ? nullptr : &signals;
  prepare_pass(shared, net, objective, parameters, backward, pool);
  if (source != nullptr) {
    signals.prepare(shared, source->options, source->feedback, pool);
  }
  pack_dense_inputs(shared, *batch.data, batch.samples, pool);
  shared.carry = &carry;
  if (backward) {
    start_gathering_delayed(shared, gathering);
  }
  shared.sample_weight = 1.0 / static_cast<double>(batch.samples.size());
  batch_result sum;
  sum.others.resize(objective.others.size());
  const std::size_t usual = samples_in_flight(net, batch.data->longest(batch.samples));
  const std::size_t in_flight =
      probe == nullptr ? usual : most_in_flight;  // a probe looks at one group of samples in flight
  together = samples_together(rule, net, usual, pool.threads());
  for (std::size_t first = 0; first < batch.samples.size(); first += in_flight) {
    const auto picked = batch.samples.subspan(first, std::min(in_flight, batch.samples.size() - first));
    const segment_plan windows = plan(*batch.data, picked, backward);
    shared.carries_gradient = windows.carries_gradient();
    windows.whole() ? run_whole(gradient) : run_windows(windows, gradient);
    if (backward) {
      gather_constants(shared, samples, *gradient);
    }
    add_up(sum);
    if (group_done) {
      group_done(first);
    }
  }
  if (backward) {
    finish_gathering_delayed(shared, pool, gathering, *gradient);
    refuse_non_finite(*gradient, "gradient", pool);
  }
  return sum;
}

engine::engine(const network& net, const objective_spec& objective, thread_pool& pool, const rule_spec& rule)
    : implementation_(std::make_unique<implementation>(net, objective, pool, rule)) {}

engine::~engine() = default;

const network& engine::simulated() const { return implementation_->net; }

namespace {

void clear(arena<float>& gradient, thread_pool& pool) {
  kernels::for_each_piece(gradient.values().size(), pool, [&](std::size_t, std::size_t first, std::size_t n) {
    std::fill_n(gradient.values().data() + first, n, 0.0f);
  });
}

}  // namespace

batch_result engine::gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) {
  clear(gradient, implementation_->pool);
  return implementation_->run(parameters, batch, &gradient, {});
}

batch_result engine::gradient(const arena<float>& parameters, const eprop_options& options,
                              const eprop_feedback& feedback, batch_view batch, arena<float>& gradient) {
  check_eprop(implementation_->net, options);
  clear(gradient, implementation_->pool);
  const signal_source source{options, feedback};
  return implementation_->run(parameters, batch, &gradient, {}, &source);
}

batch_result engine::evaluate(const arena<float>& parameters, batch_view batch, predictions* kept) {
  implementation& self = *implementation_;
  if (kept != nullptr) {
    kept->others.resize(self.objective.others.size());
    for (std::size_t k = 0; k < self.objective.outputs(); ++k) {
      const std::size_t classes = self.net.output(k).units;
      output_predictions& of = kept->of(k);
      of.labels.assign(batch.samples.size(), 0);
      of.scores.assign(batch.samples.size() * classes, 0.0f);
      of.confusion.assign(is_classification(self.objective.of(k).loss) ? classes * classes : 0, 0);
    }
    kept->spikes.clear();
    kept->power.assign(self.net.populations().size(), 0.0);
    for (const population& p : self.net.populations()) {
      kept->spikes.emplace_back(p.cell->spiking ? p.units : 0, 0);
    }
  }
  return self.run(parameters, batch, nullptr, [&](std::size_t first) {
    if (kept != nullptr) {
      self.keep(first, *kept);
    }
  });
}

std::vector<layer_health> engine::health(const arena<float>& parameters, batch_view batch, arena<float>& gradient) {
  implementation& self = *implementation_;
  if (batch.samples.size() > most_in_flight) {
    throw value_error("engine::health", "batch", std::to_string(batch.samples.size()) + " samples",
                      "at most " + std::to_string(most_in_flight));
  }
  health_probe probe(self.net, batch.samples.size(), batch.data->longest(batch.samples));
  std::ranges::fill(gradient.values(), 0.0f);
  self.probe = &probe;
  try {
    self.run(parameters, batch, &gradient, {});
  } catch (...) {
    self.probe = nullptr;
    throw;
  }
  self.probe = nullptr;
  return probe.result(self.shared, self.samples, gradient);
}

namespace {

raster raster_of(const events& e, std::size_t first, std::size_t steps, std::string name, std::size_t neurons) {
  raster r;
  r.name = std::move(name);
  r.neurons = static_cast<std::uint32_t>(neurons);
  for (std::size_t t = 0; t < steps; ++t) {
    for (const std::uint32_t channel : e.row(first + t).channels) {
      r.steps.push_back(static_cast<std::uint32_t>(t));
      r.channels.push_back(channel);
    }
  }
  return r;
}

}  // namespace

sample_recording engine::record(const arena<float>& parameters, const dataset& data, std::uint32_t sample) {
  implementation& self = *implementation_;
  const std::uint32_t picked[] = {sample};
  self.check(parameters, {&data, picked});
  const rule_spec asked = std::exchange(self.rule, {});  // in one piece
  self.shared.net = &self.net;
  self.shared.draws = {};
  self.plan(data, picked, false);
  self.rule = asked;
  self.shared.signals = nullptr;
  prepare_pass(self.shared, self.net, self.objective, parameters, false, self.pool);
  pack_dense_inputs(self.shared, data, picked, self.pool);
  self.shared.carry = &self.carry;
  worker_scratch& w = self.workers.front();
  self.run_sample(0, false, w);
  sample_recording r;
  r.sample = sample;
  r.label = data.target(sample, data.targets(self.net.output(0).target)).label;
  r.predicted = self.samples.slots[0].objective.results().front().predicted;
  r.steps = static_cast<std::uint32_t>(self.samples.length(0));
  r.dt = self.net.spec().dt;
  r.rasters.push_back(
      raster_of(data.inputs.spikes, data.inputs.sample_rows[sample], r.steps, "input", self.net.spec().inputs));
  for (std::size_t q = 0; q < self.net.populations().size(); ++q) {
    const population& p = self.net.populations()[q];
    if (p.cell->spiking) {
      r.rasters.push_back(raster_of(self.samples.slots[0].spikes[q], 0, r.steps, p.spec.name, p.units));
    }
  }
  const network_output& first = self.net.output(0);
  const auto values = data.target(sample, data.targets(first.target)).values;
  for (std::size_t n = 0; n < first.units && takes_values(self.objective.loss); ++n) {
    r.target.emplace_back();
    for (std::size_t t = 0; t < r.steps; ++t) {
      r.target.back().push_back(values[t * first.units + n]);
    }
  }
  for (std::size_t n = 0; n < first.units; ++n) {
    r.readout.emplace_back();
    for (std::size_t t = 0; t < r.steps; ++t) {
      r.readout.back().push_back(w.populations[first.population].read(first)[t * padded(first.units) + n]);
    }
  }
  return r;
}

}  // namespace backspike
