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
struct sample_outcome {
  double hidden_spikes = 0.0;
  double total = 0.0;  // the loss, and what the spikes cost
};

/// How many samples are in flight: each has a worker of its own, which keeps the gradient until it is added.
inline std::size_t samples_at_once(batch_view batch, const thread_pool& pool) {
  return std::min(pool.threads(), batch.samples.size());
}

template <class S>
void add(const network& net, batch_view batch, std::uint32_t sample, const sample_outcome& o,
         const sample_outputs<S>& judges, batch_result& sum) {
  if (!std::isfinite(o.total)) {
    throw numeric_error(output_not_finite(net, judges),
                        "the loss of sample " + std::to_string(sample) + " is not finite");
  }
  sum.loss += o.total;
  sum.hidden_spikes += static_cast<std::uint64_t>(o.hidden_spikes);
  sum.steps += batch.data->inputs.length(sample);
  sum.others.resize(judges.size() - 1);
  for (std::size_t k = 0; k < judges.size(); ++k) {
    sum.of(k).add(judges.results()[k], judges[k].confusion(), net.output(k).units);
  }
  ++sum.samples;
}

/// make(): a worker with run(batch, sample, weight) -> sample_outcome and judges(), after finish(); keep(worker) adds
/// the gradient that its last sample left.
template <class Make, class Keep>
batch_result run_forward(const network& net, batch_view batch, thread_pool& pool, const Make& make, const Keep& keep) {
  const std::size_t at_once = samples_at_once(batch, pool);
  const double weight = 1.0 / static_cast<double>(batch.samples.size());
  std::vector<decltype(make())> workers(at_once);
  std::vector<sample_outcome> outcomes(at_once);
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
      add(net, batch, group[i], outcomes[i], workers[i]->judges(), sum);
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
    sum.add_outputs(worker.judges().results());
    keep(worker);
  }
  return sum;
}

}  // namespace backspike
