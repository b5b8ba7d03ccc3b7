// RTRL over batches: influence.hpp gives the derivatives of the outputs in each step, and the objective's error turns
// them into a gradient.

#include <backspike/gradient/rtrl.hpp>

#include "gradient/engine/priced_sample.hpp"
#include "gradient/rule/forward_batch.hpp"
#include "gradient/rule/influence.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/network/delays.hpp>

#include <algorithm>
#include <memory>

namespace backspike {
namespace {

/// One sample from its first step to its gradient.
class rtrl_sample {
 public:
  rtrl_sample(const influence_model& m, const objective_spec& objective)
      : m_(m),
        objective_(objective),
        x_(m),
        counted_(*m.forward.net, objective),
        reach_(plan_reach(*m.forward.net, objective, *m.forward.parameters)),
        gradient_(m.columns.count) {}

  sample_outcome run(batch_view batch, std::uint32_t sample, double weight) {
    const dataset& data = *batch.data;
    const std::size_t steps = data.inputs.length(sample);
    error_.resize(m_.forward.net->outputs());
    readout_.resize(m_.forward.net->outputs());
    judge_.begin(*m_.forward.net, objective_, data, sample);
    const double told = look_ahead(batch, sample, weight);
    x_.start(batch.draws, sample);
    std::ranges::fill(gradient_, 0.0);
    hidden_spikes_ = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      x_.step(data, sample, t);
      penalise(weight);
      read(t, weight);
    }
    const double loss = is_stepwise(objective_) ? judge_.finish() : told;
    return {hidden_spikes_, loss + (objective_.rate_penalty * hidden_spikes_ + activity_)};
  }

  const std::vector<double>& gradient() const { return gradient_; }
  const sample_outputs<double>& judges() const { return judge_; }

 private:
  /// slope: that of something in population q.
  void add(double factor, std::size_t q, const double* slope) {
    for (std::size_t k = 0; factor != 0.0 && k < m_.columns.bound[q]; ++k) {
      gradient_[k] += factor * slope[k];
    }
  }

  /// Errors and prices of spikes that are known only when the sample is over: it runs once without the influence, which
  /// is what takes time and memory.
  double look_ahead(batch_view batch, std::uint32_t sample, double weight) {
    activity_ = 0.0;
    if (is_stepwise(objective_) && !counted_.any()) {
      return 0.0;
    }
    dense_forward(m_.forward, *batch.data, sample, batch.draws, ahead_);
    const dense_sample<double>& x = ahead_;
    counted_.begin();
    for (std::size_t t = 0; t < x.steps; ++t) {
      counted_.read([&](std::size_t q) { return x.populations[q].output.data() + t * m_.forward.at(q).units; });
    }
    activity_ = counted_.finish(x.steps, weight);
    if (is_stepwise(objective_)) {
      return 0.0;
    }
    const output_reach reached = detail::dense_reach(reach_, x, *batch.data, sample);
    for (std::size_t k = 0; k < judge_.size(); ++k) {
      const network_output& o = m_.forward.net->output(k);
      judge_[k].read(0, x.read(o), reached.first(o));
    }
    return judge_.finish();
  }

  void penalise(double weight) {
    for (std::size_t q = 0; q < counted_.prices().size(); ++q) {
      const std::vector<double>& price = counted_.prices()[q];
      const bool hidden = !m_.forward.at(q).is_output && m_.forward.at(q).cell->spiking;
      for (std::size_t n = 0; n < m_.forward.at(q).units; ++n) {
        hidden_spikes_ += hidden ? x_.outputs(q)[n] : 0.0;
        add((hidden ? objective_.rate_penalty * weight : 0.0) + (price.empty() ? 0.0 : price[n]), q, x_.slope(q, n));
      }
    }
  }

  void read(std::size_t t, double weight) {
    for (std::size_t k = 0; k < judge_.size(); ++k) {
      const network_output& o = m_.forward.net->output(k);
      for (std::size_t c = 0; c < o.units; ++c) {
        readout_[c] = x_.read(o, c);
      }
      const trace_view<const double> y{readout_.data(), 1, o.units, o.units};
      if (is_stepwise(objective_)) {
        judge_[k].read(t, y, {});  // a stepwise loss asks for no reach
      }
      judge_[k].error(t, y, weight, {error_.data(), 1, o.units, o.units});
      for (std::size_t c = 0; c < o.units; ++c) {
        add(error_[c], o.population, x_.slope(o, c));
      }
    }
  }

  const influence_model& m_;
  const objective_spec& objective_;
  influence x_;
  dense_sample<double> ahead_;
  priced_sample<double> counted_;
  reach_plan reach_;
  sample_outputs<double> judge_;
  std::vector<double> readout_, error_, gradient_;
  double hidden_spikes_ = 0.0, activity_ = 0.0;
};

void refuse_past_budget(const network& net, const rtrl_options& options, std::size_t samples) {
  refuse_delays(net, "rtrl", no_delays_in_rtrl);
  const std::uint64_t needed = rtrl_bytes(net, options) * samples;
  const std::uint64_t budget = options.memory_budget == 0 ? available_memory() : options.memory_budget;
  if (needed > budget) {
    throw resource_error("rtrl: the influence of every parameter on every state, for " + std::to_string(samples) +
                             (samples == 1 ? " sample" : " samples at once"),
                         needed, budget,
                         "use bptt (or checkpointed_bptt), which gives the same gradient, or eprop, whose memory grows "
                         "with the parameters only");
  }
}

/// Adds columns to the numbers of an arena that they stand for.
template <class S>
void scatter(const influence_columns& columns, const std::vector<double>& sum, arena<S>& gradient) {
  std::ranges::fill(gradient.values(), S(0));
  for (std::size_t i = 0; i < columns.first.size(); ++i) {
    const auto view = gradient.view(i);
    for (std::size_t k = 0; columns.first[i] != influence_columns::none && k < view.rows * view.cols; ++k) {
      view(k / view.cols, k % view.cols) = static_cast<S>(sum[columns.first[i] + k]);
    }
  }
}

void add_to(std::vector<double>& sum, const std::vector<double>& part) {
  for (std::size_t k = 0; k < part.size(); ++k) {
    sum[k] += part[k];
  }
}

arena<double> doubles_of(const network& net, const arena<float>& values) {
  arena<double> copy(net.parameters());
  std::ranges::copy(values.values(), copy.values().begin());
  return copy;
}

}  // namespace

dense_result<double> rtrl_gradient(const network& net, const objective_spec& objective, const arena<double>& parameters,
                                   batch_view batch, spike_mode mode, arena<double>* gradient,
                                   const rtrl_options& options) {
  check_batch("rtrl", net, objective, batch);
  refuse_past_budget(net, options, 1);
  const influence_model model(net, parameters, mode, options);
  rtrl_sample worker(model, objective);
  std::vector<double> total(model.columns.count, 0.0);
  auto sum = run_forward(batch, worker, [&](const rtrl_sample& of) { add_to(total, of.gradient()); });
  if (gradient != nullptr) {
    scatter(model.columns, total, *gradient);
  }
  return sum;
}

batch_result rtrl_gradient(const network& net, const objective_spec& objective, const arena<float>& parameters,
                           batch_view batch, arena<float>& gradient, thread_pool& pool, const rtrl_options& options) {
  check_batch("rtrl", net, objective, batch);
  require_in_range(parameters);
  refuse_past_budget(net, options, samples_at_once(batch, pool));
  const arena<double> values = doubles_of(net, parameters);
  const influence_model model(net, values, spike_mode::hard, options);
  std::vector<double> total(model.columns.count, 0.0);
  auto sum = run_forward(
      net, batch, pool, [&] { return std::make_unique<rtrl_sample>(model, objective); },
      [&](const rtrl_sample& of) { add_to(total, of.gradient()); });
  scatter(model.columns, total, gradient);
  return sum;
}

}  // namespace backspike
