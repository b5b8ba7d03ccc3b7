#include <backspike/gradient/engine.hpp>

#include "gradient/pass.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <algorithm>
#include <functional>
#include <string>

namespace backspike {

struct engine::implementation {
  const network& net;
  objective_spec objective;
  thread_pool& pool;
  chunk samples;
  pass shared;
  std::vector<worker_scratch> workers;

  implementation(const network& n, const objective_spec& o, thread_pool& p)
      : net(n), objective(o), pool(p), workers(p.threads()) {}

  void check(const arena<float>& parameters, batch_view batch) const;
  void plan(const dataset& data, std::span<const std::uint32_t> picked, bool backward);
  void add_up(batch_result& sum) const;
  void keep(std::size_t first, predictions& kept) const;
  batch_result run(const arena<float>& parameters, batch_view batch, arena<float>* gradient,
                   const std::function<void(std::size_t first)>& chunk_done);
};

void engine::implementation::check(const arena<float>& parameters, batch_view batch) const {
  if (&parameters.layout() != &net.parameters()) {
    throw internal_error("engine: the parameters are those of another network");
  }
  check_batch("engine", net, objective, batch);
}

void engine::implementation::plan(const dataset& data, std::span<const std::uint32_t> picked, bool backward) {
  plan_chunk(samples, net, data, picked);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < picked.size(); ++i) {
    longest = std::max(longest, samples.steps(i));
  }
  for (worker_scratch& w : workers) {
    plan_worker(w, net, longest, backward);
  }
}

void engine::implementation::add_up(batch_result& sum) const {
  for (std::size_t i = 0; i < samples.samples.size(); ++i) {
    const sample_slot& slot = samples.slots[i];
    sum.loss += slot.loss;
    sum.correct += slot.correct;
    sum.counted += slot.counted;
    sum.hidden_spikes += slot.hidden_spikes;
    sum.steps += samples.steps(i);
    ++sum.samples;
  }
}

void engine::implementation::keep(std::size_t first, predictions& kept) const {
  for (std::size_t i = 0; i < samples.samples.size(); ++i) {
    const sample_slot& slot = samples.slots[i];
    kept.labels[first + i] = slot.predicted;
    if (slot.predicted >= 0) {
      const std::int32_t label = samples.data->labels[samples.samples[i]];
      ++kept.confusion[static_cast<std::size_t>(label) * net.outputs() + static_cast<std::size_t>(slot.predicted)];
    }
    for (std::size_t k = 0; k < slot.confusion.size(); ++k) {
      kept.confusion[k] += slot.confusion[k];
    }
    for (std::size_t q = 0; q < net.populations().size(); ++q) {
      for (const std::uint32_t n : samples.slots[i].spikes[q].channels) {
        ++kept.spikes[q][n];
      }
    }
  }
}

batch_result engine::implementation::run(const arena<float>& parameters, batch_view batch, arena<float>* gradient,
                                         const std::function<void(std::size_t)>& chunk_done) {
  check(parameters, batch);
  const bool backward = gradient != nullptr;
  batch_result sum;
  for (std::size_t first = 0; first < batch.samples.size(); first += chunk_samples) {
    const auto picked = batch.samples.subspan(first, std::min(chunk_samples, batch.samples.size() - first));
    plan(*batch.data, picked, backward);
    if (first == 0 || samples.rows() > shared.identity.size()) {
      prepare_pass(shared, net, objective, parameters, samples.rows(), backward);
      shared.sample_weight = 1.0 / static_cast<double>(batch.samples.size());
    }
    pool.for_each(picked.size(), [&](std::size_t i, std::size_t worker) {
      forward_sample(shared, samples, i, workers[worker], backward);
      objective_sample(shared, samples, i, workers[worker], backward);
      if (backward) {
        backward_sample(shared, samples, i, workers[worker]);
      } else {
        samples.slots[i].scores = workers[worker].objective.scores();
        samples.slots[i].confusion = workers[worker].objective.confusion();
      }
    });
    if (backward) {
      gather_chunk(shared, samples, pool, *gradient);
    }
    add_up(sum);
    if (chunk_done) {
      chunk_done(first);
    }
  }
  if (backward) {
    refuse_non_finite(*gradient, "gradient");
  }
  return sum;
}

engine::engine(const network& net, const objective_spec& objective, thread_pool& pool)
    : implementation_(std::make_unique<implementation>(net, objective, pool)) {}

engine::~engine() = default;

batch_result engine::gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) {
  std::ranges::fill(gradient.values(), 0.0f);
  return implementation_->run(parameters, batch, &gradient, {});
}

batch_result engine::evaluate(const arena<float>& parameters, batch_view batch, predictions* kept) {
  implementation& self = *implementation_;
  const std::size_t classes = self.net.outputs();
  if (kept != nullptr) {
    kept->labels.assign(batch.samples.size(), 0);
    kept->scores.assign(batch.samples.size() * classes, 0.0f);
    kept->confusion.assign(is_classification(self.objective.loss) ? classes * classes : 0, 0);
    kept->spikes.clear();
    for (const population& p : self.net.populations()) {
      kept->spikes.emplace_back(p.cell->spiking ? p.units : 0, 0);
    }
  }
  return self.run(parameters, batch, nullptr, [&](std::size_t first) {
    if (kept == nullptr) {
      return;
    }
    self.keep(first, *kept);
    for (std::size_t i = 0; i < self.samples.samples.size(); ++i) {
      std::ranges::copy(self.samples.slots[i].scores,
                        kept->scores.begin() + static_cast<std::ptrdiff_t>((first + i) * classes));
    }
  });
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
  self.plan(data, picked, false);
  prepare_pass(self.shared, self.net, self.objective, parameters, self.samples.rows(), false);
  worker_scratch& w = self.workers.front();
  forward_sample(self.shared, self.samples, 0, w, false);
  objective_sample(self.shared, self.samples, 0, w, false);
  sample_recording r;
  r.sample = sample;
  r.label = data.target(sample).label;
  r.predicted = self.samples.slots[0].predicted;
  r.steps = static_cast<std::uint32_t>(self.samples.steps(0));
  r.dt = self.net.spec().dt;
  r.rasters.push_back(
      raster_of(data.inputs.spikes, data.inputs.sample_rows[sample], r.steps, "input", self.net.spec().inputs));
  for (std::size_t q = 0; q < self.net.populations().size(); ++q) {
    const population& p = self.net.populations()[q];
    if (p.cell->spiking) {
      r.rasters.push_back(raster_of(self.samples.slots[0].spikes[q], 0, r.steps, p.spec.name, p.units));
    }
  }
  const population& last = self.net.populations().back();
  for (std::size_t n = 0; n < last.units; ++n) {
    r.readout.emplace_back();
    for (std::size_t t = 0; t < r.steps; ++t) {
      r.readout.back().push_back(w.populations.back().output[t * last.width + n]);
    }
  }
  return r;
}

}  // namespace backspike
