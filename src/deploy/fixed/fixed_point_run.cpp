// Samples through a network in fixed point, each on its own.

#include <backspike/deploy/fixed_point_run.hpp>

#include "deploy/fixed/fixed_run.hpp"

#include <backspike/gradient/check_batch.hpp>

namespace backspike {

struct fixed_point_network::implementation {
  deploy::network_program whole;
  deploy::fixed_program program;
};

fixed_point_network::fixed_point_network(const network& net, const arena<float>& parameters,
                                         const fixed_point_spec& spec, bool graded_input)
    : implementation_(std::make_unique<implementation>()) {
  implementation_->whole = deploy::program_of(net, parameters, graded_input);
  implementation_->program = deploy::fixed_program_of(implementation_->whole, spec);
}

fixed_point_network::~fixed_point_network() = default;

std::vector<double> fixed_point_network::run(const dataset& data, std::span<const std::uint32_t> samples,
                                             thread_pool& pool, std::vector<std::uint64_t>* spikes) const {
  const network& net = *implementation_->whole.net;
  check_input("run", net, data, samples);
  std::vector<std::size_t> first{0};
  for (const std::uint32_t s : samples) {
    first.push_back(first.back() + data.inputs.length(s));
  }
  std::vector<double> traces(first.back() * net.outputs());
  std::vector<std::vector<std::uint64_t>> counts(samples.size(), std::vector<std::uint64_t>(net.populations().size()));
  pool.for_each(samples.size(), [&](std::size_t i, std::size_t) {
    deploy::fixed_run run(implementation_->program);
    const std::uint64_t row = data.inputs.sample_rows[samples[i]];
    for (std::size_t t = 0; t < data.inputs.length(samples[i]); ++t) {
      run.step(data.inputs.spikes.row(row + t));
      run.read_outputs(std::span(traces).subspan((first[i] + t) * net.outputs(), net.outputs()));
      for (std::size_t q = 0; q < counts[i].size(); ++q) {
        counts[i][q] += run.sent(q);
      }
    }
  });
  if (spikes != nullptr) {
    spikes->assign(net.populations().size(), 0);
    for (const auto& of_sample : counts) {
      for (std::size_t q = 0; q < of_sample.size(); ++q) {
        (*spikes)[q] += of_sample[q];
      }
    }
  }
  return traces;
}

}  // namespace backspike
