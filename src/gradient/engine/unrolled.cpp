// Runs a batch forward, keeps everything, and goes back from an error that the caller brings. It uses the passes of the
// engine.

#include <backspike/gradient/unrolled.hpp>

#include "gradient/engine/pass.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <string>

namespace backspike {

/// Chunks are those of the engine, so that the same error gives the same bits.
struct unrolled::implementation {
  const network& net;
  thread_pool& pool;
  carry_layout carry;
  objective_spec no_objective;
  pass shared;
  gather_plan gathering;
  std::vector<std::uint32_t> all_inputs;  // 0, 1, 2, ...: every row of an input weight
  std::vector<std::uint32_t> samples;     // of the batch
  std::vector<in_flight_batch> batches;
  std::vector<worker_scratch> kept;        // [samples], or [threads] if nothing is kept
  std::vector<delayed_group> groups;       // [threads]
  std::size_t longest = 0, in_flight = 1;  // steps; samples in flight
  std::vector<std::size_t> first_row;
  std::vector<float> outputs;
  bool waits = false;  // for backward()

  implementation(const network& n, thread_pool& p) : net(n), pool(p), carry(n), groups(p.threads()) {}

  void check(const arena<float>& parameters, batch_view batch) const;
  void plan(batch_view batch, bool backward);
  void run(in_flight_batch& c, std::size_t first, bool backward);
  void load_error(std::size_t sample, in_flight_batch& c, std::size_t i, std::span<const float> error);
  void send_back(in_flight_batch& c, std::size_t first, std::size_t end, std::size_t first_of_group,
                 delayed_group& group, std::span<const float> error, std::span<float> error_input);
  void send_back_apart(const in_flight_batch& c, const connection& k, std::size_t first,
                       std::span<const delayed_receiver> to, delayed_group& group);
  void check_backward(std::span<const float> error, std::span<const float> error_input) const;
  void plan_backward(bool to_input);
  void send_back(std::size_t batch, std::span<const float> error, std::span<float> error_input);
  void write_error_input(const in_flight_batch& c, std::size_t i, std::span<float> out) const;
  std::pair<const in_flight_batch*, std::size_t> find(std::size_t sample) const;
};

void unrolled::implementation::check(const arena<float>& parameters, batch_view batch) const {
  if (&parameters.layout() != &net.parameters()) {
    throw internal_error("unrolled: the parameters are those of another network");
  }
  if (batch.samples.empty()) {
    throw value_error("forward", "batch", "no sample", "at least one sample");
  }
  check_input("forward", net, *batch.data, batch.samples);
}

void unrolled::implementation::plan(batch_view batch, bool backward) {
  samples.assign(batch.samples.begin(), batch.samples.end());
  first_row.assign(1, 0);
  longest = batch.data->longest(samples);
  in_flight = samples_in_flight(net, longest);
  for (const std::uint32_t s : samples) {
    first_row.push_back(first_row.back() + batch.data->inputs.length(s));
  }
  outputs.resize(first_row.back() * net.outputs());
  all_inputs.resize(net.spec().inputs);
  std::iota(all_inputs.begin(), all_inputs.end(), 0u);
  batches.resize(backward ? (samples.size() + in_flight - 1) / in_flight : 1);
  kept.resize(backward ? samples.size() : pool.threads());
  memory_plan take = memory_plan::take();
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const std::size_t steps = backward ? first_row[k + 1] - first_row[k] : longest;
    plan_worker(take, kept[k], net, carry,
                {steps, backward, shared.input.any_dense, shared.rounds(), shared.draws.enabled});
  }
}

/// Forward of the samples in flight whose first one is `first` of the batch.
void unrolled::implementation::run(in_flight_batch& c, std::size_t first, bool backward) {
  pool.for_each(c.samples.size(), [&](std::size_t i, std::size_t worker) {
    worker_scratch& w = kept[backward ? first + i : worker];
    c.ranges[i] = {0, c.length(i)};
    start_sample(shared, c, i, w);
    forward_window(shared, c, i, w, backward);
    refuse_non_finite(shared, c, i, w);
    for (const network_output& o : net.output_list()) {
      for (std::size_t t = 0; t < c.length(i); ++t) {
        std::copy_n(w.populations[o.population].read(o).data() + t * padded(o.units), o.units,
                    outputs.data() + (first_row[first + i] + t) * net.outputs() + o.first);
      }
    }
  });
}

void unrolled::implementation::load_error(std::size_t sample, in_flight_batch& c, std::size_t i,
                                          std::span<const float> error) {
  clear_errors(net, kept[sample], c.length(i));
  for (const network_output& o : net.output_list()) {
    float* to = kept[sample].populations[o.population].error(o).data();
    for (std::size_t t = 0; t < c.length(i); ++t, to += padded(o.units)) {
      const float* from = error.data() + (first_row[sample] + t) * net.outputs() + o.first;
      std::transform(from, from + o.units, to, to, std::plus<>());
    }
  }
}

/// dL/dinput of sample i of those in flight, which have run backward: the errors on currents, through the weights.
void unrolled::implementation::write_error_input(const in_flight_batch& c, std::size_t i, std::span<float> out) const {
  const std::size_t inputs = net.spec().inputs;
  std::ranges::fill(out, 0.0f);
  for (std::size_t index = 0; index < net.connections().size(); ++index) {
    const connection& k = net.connections()[index];
    if (k.comes_from_input() && !k.has_delays()) {
      const std::span<const float> factors = c.slots[i].draws.factors(index);
      std::vector<float> row(factors.size());  // of a step, that dropout is still to act on
      const auto weight = shared.parameters->view(k.weight);
      const std::size_t width = net.populations()[k.target].padded_units;
      for (std::size_t t = k.base_delay; t < c.length(i); ++t) {
        float* sum = out.data() + (t - k.base_delay) * inputs + k.first_source;
        float* to = factors.empty() ? sum : row.data();
        std::ranges::fill(row, 0.0f);
        const float* error = c.current[k.inlet].data() + (c.first_row[i] + t) * width;
        if (k.is_matrix()) {
          shared.kernels->dot({to, weight.data, weight.stride, width, all_inputs.data(), k.source_units, error});
        } else {
          has_patches(k) ? shared.patches[index].send_back_to_all(*shared.patch_kernels, weight.data, error, to)
                         : shared.tables[index].send_back_to_all(weight.data, error, to);
        }
        for (std::size_t n = 0; n < factors.size(); ++n) {
          sum[n] += factors[n] * row[n];
        }
      }
    }
  }
}

/// Samples [first, end) of those in flight, whose first one is `first_of_group` of the batch.
void unrolled::implementation::send_back(in_flight_batch& c, std::size_t first, std::size_t end,
                                         std::size_t first_of_group, delayed_group& group, std::span<const float> error,
                                         std::span<float> error_input) {
  const std::size_t inputs = net.spec().inputs;
  std::array<backward_item, most_together> items;
  std::array<delayed_receiver, most_together> receivers;
  for (std::size_t i = first; i < end; ++i) {
    load_error(first_of_group + i, c, i, error);
    items[i - first] = {i, 0, &kept[first_of_group + i]};
  }
  backward_windows(shared, c, std::span(items).first(end - first), group, false);
  if (error_input.empty()) {
    return;
  }
  for (std::size_t i = first; i < end; ++i) {
    const auto out = error_input.subspan(first_row[first_of_group + i] * inputs, c.length(i) * inputs);
    write_error_input(c, i, out);
    receivers[i - first] = {out.data(), c.length(i)};
  }
  for (const connection& k : net.connections()) {
    if (k.comes_from_input() && k.has_delays()) {
      shared.has_own_rows(k) ? send_back_apart(c, k, first, std::span(receivers).first(end - first), group)
                             : send_back_delayed(shared, k.index, std::span(receivers).first(end - first), group);
    }
  }
}

/// The same of an input with delays that dropout acts on, or of a part of it.
void unrolled::implementation::send_back_apart(const in_flight_batch& c, const connection& k, std::size_t first,
                                               std::span<const delayed_receiver> to, delayed_group& group) {
  std::array<std::vector<float>, most_together> rows;
  std::array<delayed_receiver, most_together> apart;
  for (std::size_t s = 0; s < to.size(); ++s) {
    rows[s].assign(to[s].steps * k.source_units, 0.0f);
    apart[s] = {rows[s].data(), to[s].steps};
  }
  send_back_delayed(shared, k.index, std::span(std::as_const(apart)).first(to.size()), group);
  for (std::size_t s = 0; s < to.size(); ++s) {
    const std::span<const float> factors = c.slots[first + s].draws.factors(k.index);
    for (std::size_t at = 0; at < rows[s].size(); ++at) {
      const std::size_t t = at / k.source_units, n = at % k.source_units;
      to[s].error_output[t * net.spec().inputs + k.first_source + n] +=
          (factors.empty() ? 1.0f : factors[n]) * rows[s][at];
    }
  }
}

std::pair<const in_flight_batch*, std::size_t> unrolled::implementation::find(std::size_t sample) const {
  if (sample + 1 >= first_row.size() || kept.size() + 1 != first_row.size()) {
    throw internal_error("unrolled: the sample was not kept");
  }
  return {&batches[sample / in_flight], sample % in_flight};
}

unrolled::unrolled(const network& net, thread_pool& pool)
    : implementation_(std::make_unique<implementation>(net, pool)) {}

unrolled::~unrolled() = default;

namespace {

/// Whoever moves the weights then does not know of their norms.
void refuse_standardised(const network& net) {
  for (const parameter_info& p : net.parameters().entries()) {
    if (p.standardised) {
      throw value_error("backward", "weight_transform of " + p.name,
                        std::string(name_of(weight_transform::standardise)),
                        "none: an optimiser outside the library moves the weights");
    }
  }
}

}  // namespace

std::span<const float> unrolled::forward(const arena<float>& parameters, batch_view batch, bool backward) {
  implementation& self = *implementation_;
  self.check(parameters, batch);
  self.waits = false;
  prepare_pass(self.shared, self.net, self.no_objective, parameters, backward, self.pool);
  pack_dense_inputs(self.shared, *batch.data, batch.samples, self.pool);
  self.shared.carry = &self.carry;
  self.shared.draws = self.net.draws() ? batch.draws : batch_draws{};
  self.plan(batch, backward);
  for (std::size_t first = 0; first < self.samples.size(); first += self.in_flight) {
    in_flight_batch& c = self.batches[backward ? first / self.in_flight : 0];
    const auto picked =
        std::span(std::as_const(self.samples)).subspan(first, std::min(self.in_flight, self.samples.size() - first));
    const segment_plan whole = plan_segments({}, batch.data->longest(picked));
    plan_in_flight(c, self.net, self.carry, *batch.data, picked, whole, backward, false);
    draw_samples(self.shared, c, whole, self.pool);
    self.run(c, first, backward);
  }
  self.waits = backward;
  return self.outputs;
}

void unrolled::implementation::check_backward(std::span<const float> error, std::span<const float> error_input) const {
  if (!waits) {
    throw value_error("backward", "forward", "nothing kept", "one forward() with backward = true before each call");
  }
  const std::size_t rows = first_row.back(), inputs = net.spec().inputs;
  if (error.size() != rows * net.outputs()) {
    throw shape_error("backward", "error", std::to_string(error.size()) + " numbers",
                      std::to_string(rows) + " rows of " + std::to_string(net.outputs()));
  }
  if (!error_input.empty() && error_input.size() != rows * inputs) {
    throw shape_error("backward", "error_input", std::to_string(error_input.size()) + " numbers",
                      std::to_string(rows) + " rows of " + std::to_string(inputs));
  }
}

void unrolled::implementation::plan_backward(bool to_input) {
  memory_plan take = memory_plan::take();
  for (delayed_group& g : groups) {
    plan_group(take, g, net, carry, longest, to_input);
  }
}

void unrolled::implementation::send_back(std::size_t batch, std::span<const float> error,
                                         std::span<float> error_input) {
  in_flight_batch& c = batches[batch];
  pool.for_each((c.samples.size() + most_together - 1) / most_together, [&](std::size_t g, std::size_t worker) {
    const std::size_t first = g * most_together;
    send_back(c, first, std::min(first + most_together, c.samples.size()), batch * in_flight, groups[worker], error,
              error_input);
  });
}

void unrolled::backward(std::span<const float> error, std::span<float> error_input) {
  implementation& self = *implementation_;
  self.check_backward(error, error_input);
  self.waits = false;
  self.plan_backward(!error_input.empty());
  for (std::size_t k = 0; k < self.batches.size(); ++k) {
    self.send_back(k, error, error_input);
  }
}

void unrolled::backward(std::span<const float> error, arena<float>& gradient, std::span<float> error_input) {
  implementation& self = *implementation_;
  self.check_backward(error, error_input);
  refuse_standardised(self.net);
  self.waits = false;
  start_gathering_delayed(self.shared, self.gathering);
  self.plan_backward(!error_input.empty());
  for (std::size_t k = 0; k < self.batches.size(); ++k) {
    self.send_back(k, error, error_input);
    gather_window(self.shared, self.batches[k], self.pool, self.gathering, gradient);
    gather_constants(self.shared, self.batches[k], gradient);
  }
  finish_gathering_delayed(self.shared, self.pool, self.gathering, gradient);
  refuse_non_finite(gradient, "gradient", self.pool);
}

std::size_t unrolled::rows() const {
  return implementation_->first_row.empty() ? 0 : implementation_->first_row.back();
}

std::span<const std::size_t> unrolled::first_row() const { return implementation_->first_row; }

const events& unrolled::spikes(std::size_t population, std::size_t sample) const {
  const auto [c, i] = implementation_->find(sample);
  return c->slots[i].spikes.at(population);
}

std::vector<float> unrolled::state(std::size_t population, std::size_t sample, std::size_t variable) const {
  const auto [c, i] = implementation_->find(sample);
  const backspike::population& p = implementation_->net.populations()[population];
  const population_scratch& s = implementation_->kept[sample].populations[population];
  const std::size_t steps = c->length(i), states = p.cell->states.size();
  std::vector<float> values(steps * p.units);
  for (std::size_t t = 0; t < steps; ++t) {  // the trajectory holds the states before each step
    const float* after = t + 1 < steps ? s.trajectory.data() + (t + 1) * states * p.padded_units : s.state.data();
    std::copy_n(after + variable * p.padded_units, p.units, values.data() + t * p.units);
  }
  return values;
}

}  // namespace backspike
