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
        error_(m.net->outputs()),
        counted_(*m.net, objective),
        plan_(plan_reach(*m.net, objective, *m.parameters)) {
    memory_plan take = memory_plan::take();
    draws_.plan(take, *m.net);
  }

  arena<S> gradient;

  sample_outcome run(batch_view batch, std::uint32_t sample, double weight) {
    const dataset& data = *batch.data;
    const std::size_t steps = data.inputs.length(sample);
    judge_.begin(*m_.net, objective_, data, sample);
    std::ranges::fill(gradient.values(), S(0));
    draws_.draw(*m_.net, batch.draws, sample);
    sample_outcome o;
    double activity = 0.0;
    S loss = S(0);
    if (!is_stepwise(objective_) || counted_.any()) {  // errors that are known only when the sample is over
      look_ahead(data, sample, steps);
      activity = counted_.finish(steps, weight);
    }
    if (!is_stepwise(objective_)) {
      loss = judge_.finish();
    }
    pass_.start();
    pass_.forget_rates();
    for (std::size_t t = 0; t < steps; ++t) {
      advance(data, sample, t, true);
      o.hidden_spikes += hidden_spikes();
      learn(t, steps, weight);
    }
    if (is_stepwise(objective_)) {
      loss = judge_.finish();
    }
    pass_.finish(gradient);
    o.total = static_cast<double>(loss) + objective_.rate_penalty * o.hidden_spikes + activity;
    return o;
  }

  const sample_outputs<S>& judges() const { return judge_; }

 private:
  trace_view<const S> readout(const network_output& o) const { return {pass_.read(o), 1, o.units, o.units}; }

  void advance(const dataset& data, std::uint32_t sample, std::size_t t, bool learns) {
    pass_.draw_from(&draws_, static_cast<std::uint32_t>(t));
    pass_.set_input(data.inputs.spikes.row(data.inputs.sample_rows[sample] + t));
    pass_.forward(learns);
  }

  /// When the input has reached each output, as far as the step that ran last tells.
  const output_reach& reached(const dataset& data, std::uint32_t sample, std::size_t t) {
    for (std::size_t w = 0; w < plan_.ways.size(); ++w) {
      const auto factors = draws_.factors(plan_.ways[w].connection);
      if (plan_.ways[w].source == network_input) {
        reach_.spikes(plan_, w, t, data.inputs.spikes.row(data.inputs.sample_rows[sample] + t), factors);
      } else {
        reach_.spikes(plan_, w, t, pass_.outputs(plan_.ways[w].source), factors);
      }
    }
    return reach_;
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
        read(t, reached(data, sample, t));
      }
    }
  }

  void read(std::size_t t, const output_reach& reached) {
    for (std::size_t k = 0; k < judge_.size(); ++k) {
      judge_[k].read(t, readout(m_.net->output(k)), reached.first(m_.net->output(k)));
    }
  }

  void learn(std::size_t t, std::size_t steps, double weight) {
    if (is_stepwise(objective_)) {
      read(t, {});  // a stepwise loss asks for no reach
    }
    for (std::size_t k = 0; k < judge_.size(); ++k) {
      const network_output& o = m_.net->output(k);
      judge_[k].error(t, readout(o), weight, {error_.data() + o.first, 1, o.units, o.units});
      const std::vector<S>& prices = counted_.prices()[o.population];
      for (std::size_t n = 0; n < prices.size(); ++n) {
        error_[o.first + n] += prices[n];
      }
    }
    pass_.learn({error_.data(), static_cast<S>(weight / static_cast<double>(steps)),
                 static_cast<S>(objective_.rate_penalty * weight), &counted_.prices(), S(1), &gradient});
  }

  double hidden_spikes() const {
    double sum = 0.0;
    for (std::size_t q = 0; q < m_.net->populations().size(); ++q) {
      const S* z = pass_.outputs(q);
      for (std::size_t n = 0; n < m_.at(q).units && !m_.at(q).is_output; ++n) {
        sum += static_cast<double>(z[n]);
      }
    }
    return sum;
  }

  const eprop_model<S>& m_;
  const objective_spec& objective_;
  eprop_pass<S> pass_;
  aligned_vector<S> error_;  // [outputs] of this step
  sample_outputs<S> judge_;
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
