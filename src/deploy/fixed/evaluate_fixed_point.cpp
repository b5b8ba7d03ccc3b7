// Loss and accuracy of a network in fixed point, from what its first output gives.

#include <backspike/deploy/fixed_point_run.hpp>

#include <backspike/gradient/engine.hpp>
#include <backspike/objective/sample_objective.hpp>

#include <algorithm>

namespace backspike {
namespace {

constexpr std::size_t samples_at_once = 256;

struct sums {
  double loss = 0.0;
  std::size_t correct = 0, counted = 0;
};

/// One sample's rows of all outputs, of which the first is read.
void add(sums& to, const network& net, const objective_spec& objective, const dataset& data, const target_set& targets,
         std::uint32_t sample, std::span<const double> traces) {
  const network_output& o = net.output(0);
  const std::vector<std::size_t> reach(o.units, 0);
  sample_objective<double> reader;
  reader.begin(objective, data.target(sample, targets), data.inputs.length(sample), o.units);
  reader.read(0, {traces.data() + o.first, data.inputs.length(sample), o.units, net.outputs()}, reach);
  const sample_loss<double> of_sample = reader.finish();
  to.loss += of_sample.value;
  to.correct += of_sample.correct;
  to.counted += of_sample.counted;
}

}  // namespace

fixed_point_evaluation evaluate_fixed_point(const network& net, const objective_spec& objective,
                                            const arena<float>& parameters, const dataset& data,
                                            const target_set& targets, const fixed_point_spec& spec, thread_pool& pool,
                                            const std::function<void(std::size_t, std::size_t)>& progress) {
  const fixed_point_network in_fixed(net, parameters, spec, data.inputs.spikes.graded());
  const std::vector<std::uint32_t> all = every_sample(data);
  fixed_point_evaluation measured;
  measured.spikes.assign(net.populations().size(), 0.0);
  sums total;
  for (std::size_t begin = 0; begin < all.size(); begin += samples_at_once) {
    const auto samples = std::span(all).subspan(begin, std::min(samples_at_once, all.size() - begin));
    std::vector<std::uint64_t> spikes;
    const std::vector<double> traces = in_fixed.run(data, samples, pool, &spikes);
    std::size_t row = 0;
    for (const std::uint32_t s : samples) {
      add(total, net, objective, data, targets, s, std::span(traces).subspan(row * net.outputs()));
      row += data.inputs.length(s);
    }
    std::transform(spikes.begin(), spikes.end(), measured.spikes.begin(), measured.spikes.begin(),
                   [](std::uint64_t n, double sum) { return sum + static_cast<double>(n); });
    if (progress) {
      progress(begin + samples.size(), all.size());
    }
  }
  const auto count = static_cast<double>(all.size());
  measured.samples = all.size();
  measured.loss = total.loss / count;
  measured.accuracy = share_of(total.correct, total.counted);
  for (double& s : measured.spikes) {
    s /= count;
  }
  return measured;
}

}  // namespace backspike
