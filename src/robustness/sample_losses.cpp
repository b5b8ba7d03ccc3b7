// Judges the outputs of an unrolled batch sample by sample, and sends each sample's own error back.

#include <backspike/robustness/sample_losses.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

namespace backspike {
namespace {

/// The first step at which the input of one sample reaches each output.
output_reach reach_of(const reach_plan& plan, const unrolled& trajectory, const ragged_events& inputs,
                      std::uint32_t sample, std::size_t place) {
  output_reach reach;
  reach.begin(plan);
  for (std::size_t t = 0; t < inputs.length(sample) && reach.listens(); ++t) {
    for (std::size_t w = 0; w < plan.ways.size(); ++w) {
      const std::size_t source = plan.ways[w].source;
      reach.spikes(plan, w, t,
                   source == network_input ? inputs.spikes.row(inputs.sample_rows[sample] + t)
                                           : trajectory.spikes(source, place).row(t));
    }
  }
  return reach;
}

}  // namespace

sample_losses::sample_losses(const network& net, const objective_spec& objective, thread_pool& pool)
    : net_(net), objective_(objective), trajectory_(net, pool) {}

void sample_losses::forward(const arena<float>& parameters, batch_view batch, bool same_reach) {
  const std::span<const float> outputs = trajectory_.forward(parameters, batch, true);
  outputs_.assign(outputs.begin(), outputs.end());
  error_.assign(outputs.size(), 0.0);
  data_ = batch.data;
  picked_.assign(batch.samples.begin(), batch.samples.end());
  losses_.resize(batch.samples.size());
  predicted_.resize(batch.samples.size());
  reach_.resize(batch.samples.size());
  plan_ = plan_reach(net_, objective_, parameters);
  for (std::size_t k = 0; k < batch.samples.size(); ++k) {
    read(k, batch, same_reach);
  }
}

void sample_losses::read(std::size_t sample, batch_view batch, bool same_reach) {
  const std::uint32_t picked = batch.samples[sample];
  const std::size_t first = trajectory_.first_row()[sample], steps = trajectory_.first_row()[sample + 1] - first;
  const std::size_t width = net_.outputs();
  if (!same_reach) {
    reach_[sample] = reach_of(plan_, trajectory_, batch.data->inputs, picked, sample);
  }
  judges_.begin(net_, objective_, *batch.data, picked);
  const auto view = [&](auto* values, const network_output& o) {
    return trace_view<std::remove_pointer_t<decltype(values)>>{values + first * width + o.first, steps, o.units, width};
  };
  for (std::size_t k = 0; k < judges_.size(); ++k) {
    const network_output& o = net_.output(k);
    judges_[k].read(0, view(std::as_const(outputs_).data(), o), reach_[sample].first(o));
  }
  losses_[sample] = judges_.finish();
  predicted_[sample] = judges_.results().front().predicted;
  for (std::size_t k = 0; k < judges_.size(); ++k) {
    const network_output& o = net_.output(k);
    judges_[k].add_error(0, view(std::as_const(outputs_).data(), o), 1.0, view(error_.data(), o));
  }
}

/// The loss of the first output if the sample had this label; adds `weight` times its error.
double sample_losses::judge_as(std::size_t sample, std::int32_t label, double weight, std::span<double> error) {
  const std::size_t first = trajectory_.first_row()[sample], steps = trajectory_.first_row()[sample + 1] - first;
  const std::size_t width = net_.outputs();
  const network_output& o = net_.output(0);
  sample_target target = data_->target(picked_[sample], data_->targets(o.target));
  target.label = label;
  sample_objective<double> judge;
  judge.begin(objective_.of(0), target, steps, o.units);
  const double* outputs = outputs_.data() + first * width + o.first;
  judge.read(0, trace_view<const double>{outputs, steps, o.units, width}, reach_[sample].first(o));
  const double loss = judge.finish().value;
  if (weight != 0.0) {
    judge.add_error(0, trace_view<const double>{outputs, steps, o.units, width}, weight,
                    trace_view<double>{error.data() + first * width + o.first, steps, o.units, width});
  }
  return loss;
}

std::vector<double> sample_losses::shares() {
  const std::size_t classes = net_.output(0).units;
  std::vector<double> all(losses_.size() * classes);
  for (std::size_t k = 0; k < all.size(); ++k) {
    all[k] = std::exp(-judge_as(k / classes, static_cast<std::int32_t>(k % classes), 0.0, {}));
  }
  return all;
}

std::vector<double> sample_losses::judge_by(std::span<const double> shares, double weight) {
  const std::size_t classes = net_.output(0).units;
  std::ranges::fill(error_, 0.0);
  std::vector<double> sums(losses_.size(), 0.0);
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const double loss =
        judge_as(k / classes, static_cast<std::int32_t>(k % classes), weight * shares[k], std::span(error_));
    sums[k / classes] += shares[k] * loss;
  }
  return sums;
}

void sample_losses::normalise() {
  const std::span<const std::size_t> rows = trajectory_.first_row();
  const std::size_t width = net_.outputs();
  scales_.resize(losses_.size());
  for (std::size_t s = 0; s < scales_.size(); ++s) {
    const auto error = std::span(error_).subspan(rows[s] * width, (rows[s + 1] - rows[s]) * width);
    double largest = 0.0;
    for (const double e : error) {
      largest = std::max(largest, std::abs(e));
    }
    scales_[s] = largest;
    for (double& e : error) {
      e /= largest > 0.0 ? largest : 1.0;
    }
  }
}

void sample_losses::backward(std::span<float> error_input) {
  const std::vector<float> error(error_.begin(), error_.end());
  trajectory_.backward(error, error_input);
}

void sample_losses::backward(arena<float>& gradient, std::span<float> error_input) {
  const std::vector<float> error(error_.begin(), error_.end());
  trajectory_.backward(error, gradient, error_input);
}

}  // namespace backspike
