#pragma once
// Loss and gradient of the whole network on any scalar S: double for finite differences (smooth mode) and as the
// reference of the engine (hard mode), dual<double, N, dual_role::perturbation> for Hessian-vector products. Slow and
// plain; training uses <backspike/gradient/engine.hpp>.

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/dense_backward.hpp>
#include <backspike/gradient/plan_activity.hpp>
#include <backspike/gradient/reach.hpp>
#include <backspike/network/sample_outputs.hpp>

#include <string>
#include <vector>

namespace backspike {

/// Of one output.
template <class S>
struct dense_output_result {
  S part = constant<S>(0.0);             // what it adds to the loss
  std::vector<std::int32_t> predicted;   // [samples] -1 where the loss knows no class
  std::size_t correct = 0, counted = 0;  // samples, or labelled steps

  void add(const sample_loss<S>& of_sample) {
    part = part + of_sample.value;
    predicted.push_back(of_sample.predicted);
    correct += of_sample.correct;
    counted += of_sample.counted;
  }
};

/// Sums over the samples of a batch: of the first output, of each of the others, and of the network.
template <class S>
struct dense_result : dense_output_result<S> {
  S loss = constant<S>(0.0);           // as batch_result::loss; the gradient is that of its mean
  S hidden_spikes = constant<S>(0.0);  // of all spiking populations that are no outputs
  std::vector<dense_output_result<S>> others;

  void add_outputs(const std::vector<sample_loss<S>>& of_sample) {
    this->add(of_sample.front());
    others.resize(of_sample.size() - 1);
    for (std::size_t k = 0; k < others.size(); ++k) {
      others[k].add(of_sample[k + 1]);
    }
  }
};

namespace detail {

/// A kernel without width has no derivative by its delay.
template <class S>
void check_dense_widths(const network& net, const arena<S>& parameters) {
  for (const connection& c : net.connections()) {
    for (std::size_t k = 0;
         c.kernel_width_parameter != no_parameter && k < net.parameters()[c.kernel_width_parameter].size(); ++k) {
      const parameter_info& p = net.parameters()[c.kernel_width_parameter];
      const double width = plain(parameters.view(c.kernel_width_parameter)(k / p.cols, k % p.cols));
      if (!(width > 0.0)) {
        throw value_error("dense_gradient", p.name, std::to_string(width) + " steps",
                          "above 0 where a gradient is asked for");
      }
    }
  }
}

/// Sums of the outputs of every neuron that the plan reads.
template <class S>
spike_counts<S> dense_counts(const network& net, const activity_plan& plan, const dense_sample<S>& x) {
  spike_counts<S> counts(x.populations.size());
  for (std::size_t q = 0; q < counts.size(); ++q) {
    const std::size_t units = net.populations()[q].units;
    counts[q].assign(plan.reads(q) ? units : 0, constant<S>(0.0));
    for (std::size_t k = 0; plan.reads(q) && k < x.steps * units; ++k) {
      counts[q][k % units] = counts[q][k % units] + x.populations[q].output[k];
    }
  }
  return counts;
}

/// Adds the cost of the number of spikes of one sample to `sum`; with `e` not null the error on every output.
template <class S>
void dense_activity(const activity_plan& plan, const network& net, const dense_sample<S>& x, double weight,
                    dense_result<S>& sum, std::vector<dense_errors<S>>* e) {
  const spike_counts<S> counts = dense_counts(net, plan, x);
  sum.loss = sum.loss + activity_cost(plan, counts, x.steps);
  activity_prices(plan, counts, x.steps, [&](std::size_t q, std::size_t n, const S& price) {
    for (std::size_t t = 0; e != nullptr && t < x.steps; ++t) {
      S& error = (*e)[q].output[t * net.populations()[q].units + n];
      error = error + constant<S>(weight) * price;
    }
  });
}

/// When the input of a sample has reached each output.
template <class S>
output_reach dense_reach(const reach_plan& plan, const dense_sample<S>& x, const dataset& data, std::uint32_t sample) {
  output_reach reach;
  reach.begin(plan);
  for (std::size_t t = 0; t < x.steps && reach.listens(); ++t) {
    for (std::size_t w = 0; w < plan.ways.size(); ++w) {
      const reach_way& way = plan.ways[w];
      const auto factors = x.draws.factors(way.connection);
      if (way.source == network_input) {
        reach.spikes(plan, w, t, data.inputs.spikes.row(data.inputs.sample_rows[sample] + t), factors);
      } else {
        reach.spikes(plan, w, t, x.populations[way.source].output.data() + t * way.sources, factors);
      }
    }
  }
  return reach;
}

/// Adds the loss of one sample to `sum`; with `e` not null the objective's error on every population's output.
template <class S>
void dense_objective(const network& net, const objective_spec& objective, const dense_sample<S>& x,
                     sample_outputs<S>& judges, const output_reach& reach, double weight, dense_result<S>& sum,
                     std::vector<dense_errors<S>>* e) {
  const auto is_counted = [&](std::size_t q) {
    return !net.populations()[q].is_output && net.populations()[q].cell->spiking;
  };
  for (std::size_t q = 0; q < x.populations.size() && e != nullptr; ++q) {
    (*e)[q].output.assign(x.populations[q].output.size(),
                          constant<S>(is_counted(q) ? objective.rate_penalty * weight : 0.0));
    (*e)[q].membrane.assign(x.populations[q].membrane.size(), constant<S>(0.0));
  }
  for (std::size_t k = 0; k < judges.size(); ++k) {
    judges[k].read(0, x.read(net.output(k)), reach.first(net.output(k)));
  }
  const S loss = judges.finish();
  for (std::size_t k = 0; k < judges.size() && e != nullptr; ++k) {
    const network_output& o = net.output(k);
    judges[k].add_error(0, x.read(o), weight, error_on(o, *e, x.steps));
  }
  S spikes = constant<S>(0.0);
  for (std::size_t q = 0; q < x.populations.size(); ++q) {
    for (std::size_t k = 0; is_counted(q) && k < x.populations[q].output.size(); ++k) {
      spikes = spikes + x.populations[q].output[k];
    }
  }
  sum.loss = sum.loss + loss + constant<S>(objective.rate_penalty) * spikes;
  sum.hidden_spikes = sum.hidden_spikes + spikes;
  sum.add_outputs(judges.results());
}

}  // namespace detail

/// Forward and, if `gradient` is not null, backward: it is overwritten with the gradient of the mean loss with respect
/// to every parameter, cell parameters included whether they are learned or not. In smooth mode, without detached
/// resets, it is the exact derivative of the loss. Throws shape_error and value_error as engine::gradient does.
template <class S>
dense_result<S> dense_gradient(const network& net, const objective_spec& objective, const arena<S>& parameters,
                               batch_view batch, spike_mode mode, arena<S>* gradient) {
  check_batch("dense_gradient", net, objective, batch);
  if (gradient != nullptr) {
    detail::check_dense_widths(net, parameters);
  }
  const dense_model<S> model(net, parameters, mode);
  std::vector<dense_errors<S>> errors = dense_no_errors(model);
  if (gradient != nullptr) {
    gradient->fill(constant<S>(0.0));
  }
  const activity_plan activity = plan_activity(net, objective);
  const reach_plan reach = plan_reach(net, objective, parameters);
  dense_result<S> sum;
  sample_outputs<S> judges;
  const double weight = 1.0 / static_cast<double>(batch.samples.size());
  for (const std::uint32_t s : batch.samples) {
    const dense_sample<S> x = dense_forward(model, *batch.data, s, batch.draws);
    judges.begin(net, objective, *batch.data, s);
    detail::dense_objective(net, objective, x, judges, detail::dense_reach(reach, x, *batch.data, s), weight, sum,
                            gradient == nullptr ? nullptr : &errors);
    detail::dense_activity(activity, net, x, weight, sum, gradient == nullptr ? nullptr : &errors);
    if (gradient != nullptr) {
      dense_backward(model, x, *batch.data, s, errors, *gradient);
    }
  }
  if (gradient != nullptr) {
    dense_pull_back(model, errors, *gradient);
  }
  return sum;
}

/// In double it is compiled once, in the library; other scalars are compiled where they are used.
extern template dense_result<double> dense_gradient(const network&, const objective_spec&, const arena<double>&,
                                                    batch_view, spike_mode, arena<double>*);
extern template dense_sample<double> dense_forward(const dense_model<double>&, const dataset&, std::uint32_t,
                                                   const batch_draws&);

}  // namespace backspike
