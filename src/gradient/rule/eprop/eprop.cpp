// The forward form of e-prop over batches: one sample after another through eprop_pass.hpp, the gradients added in a
// fixed order.

#include <backspike/gradient/eprop.hpp>

#include "gradient/engine/priced_sample.hpp"
#include "gradient/rule/eprop/eprop_pass.hpp"
#include "gradient/rule/forward_batch.hpp"

#include <backspike/gradient/reach.hpp>
#include <backspike/network/delays.hpp>

#include <algorithm>
#include <memory>

namespace backspike {
namespace {

/// A worker: one sample after another, its gradient left in `gradient`.
template <class S>
class eprop_sample {
 public:
  eprop_sample(const eprop_model<S>& m, const objective_spec& objective)
      : gradient(m.net->parameters()),
        m_(m),
        objective_(objective),
        pass_(m, true),
        error_(m.at(m.last()).padded_units),
        counted_(*m.net, objective),
        plan_(plan_reach(*m.net, objective, *m.parameters)) {
    memory_plan take = memory_plan::take();
    draws_.plan(take, *m.net);
  }

  arena<S> gradient;

  sample_outcome<S> run(batch_view batch, std::uint32_t sample, double weight) {
    const dataset& data = *batch.data;
    const std::size_t steps = data.inputs.length(sample);
    judge_.begin(objective_, data.target(sample), steps, m_.net->outputs());
    std::ranges::fill(gradient.values(), S(0));
    draws_.draw(*m_.net, batch.draws, sample);
    sample_outcome<S> o;
    double activity = 0.0;
    if (!is_stepwise(objective_) || counted_.any()) {  // errors that are known only when the sample is over
      look_ahead(data, sample, steps);
      activity = counted_.finish(steps, weight);
    }
    if (!is_stepwise(objective_)) {
      o.loss = judge_.finish();
    }
    pass_.start();
    pass_.forget_rates();
    for (std::size_t t = 0; t < steps; ++t) {
      advance(data, sample, t, true);
      o.hidden_spikes += hidden_spikes();
      learn(t, steps, weight);
    }
    if (is_stepwise(objective_)) {
      o.loss = judge_.finish();
    }
    pass_.finish(gradient);
    o.total = static_cast<double>(o.loss.value) + objective_.rate_penalty * o.hidden_spikes + activity;
    return o;
  }

  const std::vector<std::uint32_t>& confusion() const { return judge_.confusion(); }

 private:
  trace_view<const S> readout() const { return {pass_.readout(), 1, m_.net->outputs(), m_.at(m_.last()).padded_units}; }

  void advance(const dataset& data, std::uint32_t sample, std::size_t t, bool learns) {
    pass_.draw_from(&draws_, static_cast<std::uint32_t>(t));
    pass_.set_input(data.inputs.spikes.row(data.inputs.sample_rows[sample] + t));
    pass_.forward(learns);
  }

  /// When the input has reached each output, as far as the step that ran last tells.
  std::span<const std::size_t> reached(const dataset& data, std::uint32_t sample, std::size_t t) {
    for (std::size_t w = 0; w < plan_.ways.size(); ++w) {
      const auto factors = draws_.factors(plan_.ways[w].connection);
      if (plan_.ways[w].source == network_input) {
        reach_.spikes(plan_, w, t, data.inputs.spikes.row(data.inputs.sample_rows[sample] + t), factors);
      } else {
        reach_.spikes(plan_, w, t, pass_.outputs(plan_.ways[w].source), factors);
      }
    }
    return reach_.first();
  }

  /// The sample once through without learning.
  void look_ahead(const dataset& data, std::uint32_t sample, std::size_t steps) {
    pass_.start();
    counted_.begin();
    reach_.begin(plan_);
    for (std::size_t t = 0; t < steps; ++t) {
      advance(data, sample, t, false);
      counted_.read([&](std::size_t q) { return pass_.outputs(q); });
      if (!is_stepwise(objective_)) {
        judge_.read(t, readout(), reached(data, sample, t));
      }
    }
  }

  void learn(std::size_t t, std::size_t steps, double weight) {
    if (is_stepwise(objective_)) {
      judge_.read(t, readout(), {});  // a stepwise loss asks for no reach
    }
    judge_.error(t, readout(), weight, {error_.data(), 1, m_.net->outputs(), error_.size()});
    const std::vector<S>& of_readout = counted_.prices().back();
    for (std::size_t n = 0; n < of_readout.size(); ++n) {
      error_[n] += of_readout[n];
    }
    pass_.learn({error_.data(), static_cast<S>(weight / static_cast<double>(steps)),
                 static_cast<S>(objective_.rate_penalty * weight), &counted_.prices(), S(1), &gradient});
  }

  double hidden_spikes() const {
    double sum = 0.0;
    for (std::size_t q = 0; q < m_.last(); ++q) {
      const S* z = pass_.outputs(q);
      for (std::size_t n = 0; n < m_.at(q).units; ++n) {
        sum += static_cast<double>(z[n]);
      }
    }
    return sum;
  }

  const eprop_model<S>& m_;
  const objective_spec& objective_;
  eprop_pass<S> pass_;
  aligned_vector<S> error_;
  sample_objective<S> judge_;
  priced_sample<S> counted_;
  reach_plan plan_;
  output_reach reach_;
  sample_draws draws_;
};

template <class S>
void add_to(arena<S>& sum, const arena<S>& part) {
  for (std::size_t i = 0; i < part.values().size(); ++i) {
    sum.values()[i] += part.values()[i];
  }
}

}  // namespace

std::uint64_t eprop_bytes(const network& net) {
  const std::uint64_t draws = booked([&](memory_plan& m) {
    sample_draws none;
    none.plan(m, net);
  });
  return net.parameters().floats() * sizeof(float) + eprop_pass_bytes(net) + draws;  // a worker's gradient, its traces
}

dense_result<double> eprop_gradient(const network& net, const objective_spec& objective,
                                    const arena<double>& parameters, const eprop_options& options,
                                    const eprop_feedback& feedback, batch_view batch, spike_mode mode,
                                    arena<double>* gradient) {
  check_eprop(net, options);
  check_batch("eprop", net, objective, batch);
  eprop_model<double> model(net, options, parameters, mode);
  model.refresh(feedback);
  eprop_sample<double> worker(model, objective);
  arena<double> total(net.parameters());
  auto sum = run_forward(batch, worker, [&](const eprop_sample<double>& of) { add_to(total, of.gradient); });
  if (gradient != nullptr) {
    std::ranges::copy(total.values(), gradient->values().begin());
  }
  return sum;
}

batch_result eprop_gradient(const network& net, const objective_spec& objective, const arena<float>& parameters,
                            const eprop_options& options, const eprop_feedback& feedback, batch_view batch,
                            arena<float>& gradient, thread_pool& pool) {
  check_eprop(net, options);
  require_in_range(parameters);
  check_batch("eprop", net, objective, batch);
  eprop_model<float> model(net, options, parameters, spike_mode::hard);
  model.refresh(feedback);
  std::ranges::fill(gradient.values(), 0.0f);
  return run_forward(
      net, batch, pool, [&] { return std::make_unique<eprop_sample<float>>(model, objective); },
      [&](const eprop_sample<float>& of) { add_to(gradient, of.gradient); });
}

}  // namespace backspike
