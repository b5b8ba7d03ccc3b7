#pragma once
// A batch through a rule that goes forward in time: samples run on any worker, their results are added in the order of
// the batch, so that they have the same bits at any thread count.

#include <backspike/core/error.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/engine.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace backspike {

/// What a sample leaves for the sums over its batch.
template <class S>
struct sample_outcome {
  sample_loss<S> loss{};
  double hidden_spikes = 0.0;
  double total = 0.0;  // the loss, and what the spikes cost
};

/// How many samples are in flight: each has a worker of its own, which keeps the gradient until it is added.
inline std::size_t samples_at_once(batch_view batch, const thread_pool& pool) {
  return std::min(pool.threads(), batch.samples.size());
}

template <class S>
void add(const network& net, batch_view batch, std::uint32_t sample, const sample_outcome<S>& o,
         std::span<const std::uint32_t> confusion, batch_result& sum) {
  if (!std::isfinite(o.total)) {
    throw numeric_error(net.populations().back().spec.name,
                        "the loss of sample " + std::to_string(sample) + " is not finite");
  }
  sum.loss += o.total;
  sum.correct += o.loss.correct;
  sum.counted += o.loss.counted;
  sum.hidden_spikes += static_cast<std::uint64_t>(o.hidden_spikes);
  sum.steps += batch.data->inputs.length(sample);
  sum.add_predictions(o.loss.predicted, confusion, net.outputs());
  ++sum.samples;
}

/// make(): a worker with run(batch, sample, weight) -> sample_outcome and confusion(); keep(worker) adds the gradient
/// that its last sample left.
template <class Make, class Keep>
batch_result run_forward(const network& net, batch_view batch, thread_pool& pool, const Make& make, const Keep& keep) {
  const std::size_t at_once = samples_at_once(batch, pool);
  const double weight = 1.0 / static_cast<double>(batch.samples.size());
  std::vector<decltype(make())> workers(at_once);
  std::vector<decltype(workers[0]->run(batch, 0, weight))> outcomes(at_once);
  batch_result sum;
  for (std::size_t first = 0; first < batch.samples.size(); first += at_once) {
    const auto group = batch.samples.subspan(first, std::min(at_once, batch.samples.size() - first));
    pool.for_each(group.size(), [&](std::size_t i, std::size_t) {
      if (!workers[i]) {
        workers[i] = make();
      }
      outcomes[i] = workers[i]->run(batch, group[i], weight);
    });
    for (std::size_t i = 0; i < group.size(); ++i) {
      add(net, batch, group[i], outcomes[i], workers[i]->confusion(), sum);
      keep(*workers[i]);
    }
  }
  return sum;
}

/// The same with one worker, in double.
template <class Worker, class Keep>
dense_result<double> run_forward(batch_view batch, Worker& worker, const Keep& keep) {
  dense_result<double> sum;
  for (const std::uint32_t s : batch.samples) {
    const auto o = worker.run(batch, s, 1.0 / static_cast<double>(batch.samples.size()));
    sum.loss += o.total;
    sum.hidden_spikes += o.hidden_spikes;
    sum.predicted.push_back(o.loss.predicted);
    sum.correct += o.loss.correct;
    sum.counted += o.loss.counted;
    keep(worker);
  }
  return sum;
}

}  // namespace backspike
