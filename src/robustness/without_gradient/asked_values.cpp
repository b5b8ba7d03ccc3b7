// Runs values through the encoder and the hard network, and keeps count.

#include "robustness/without_gradient/asked_values.hpp"

#include <algorithm>
#include <utility>

namespace backspike {
namespace {

constexpr std::size_t most_together = 256;  // samples whose trajectories are kept

attack_samples labelled(const attack_problem& problem, attack_samples samples, const attack_options& options) {
  relabel(samples.data, problem, options);
  return samples;
}

}  // namespace

asked_values::asked_values(const attack_problem& problem, const attack_samples& samples, const attack_options& options)
    : problem_(problem),
      options_(options),
      samples_(labelled(problem, samples, options)),
      movable_(samples_),
      network_(problem.net, problem.objective, problem.pool),
      answers_(samples.data.size()),
      queries_(samples.data.size(), 0) {
  for (std::uint32_t s = 0; s < samples.data.size(); ++s) {
    aims_.push_back(aim_of(problem, samples.data, s, options));
  }
}

const std::vector<attack_answer>& asked_values::ask(std::span<const float> values,
                                                    std::span<const std::uint32_t> picked) {
  const dataset& data = movable_.encode(values, 0, problem_.pool);
  for (std::size_t first = 0; first < picked.size(); first += most_together) {
    const auto some = picked.subspan(first, std::min(most_together, picked.size() - first));
    network_.forward(problem_.parameters, {&data, some});
    for (std::size_t k = 0; k < some.size(); ++k) {
      const attack_aim& aim = aims_[some[k]];
      answers_[some[k]] = {aim.sign() * network_.losses()[k], aim.reached(network_.predicted()[k])};
      ++queries_[some[k]];
    }
  }
  return answers_;
}

std::vector<std::uint32_t> asked_values::open(std::span<const attack_answer> answers) {
  std::vector<std::uint32_t> left;
  for (std::uint32_t s = 0; s < answers.size(); ++s) {
    if (!answers[s].reached) {
      left.push_back(s);
    }
  }
  return left;
}

attack_proposal asked_values::propose(std::vector<float> values) {
  attack_proposal proposal = movable_.propose(std::move(values), problem_.pool);
  proposal.queries = queries_;
  proposal.gradients.assign(samples(), 0);
  return proposal;
}

}  // namespace backspike
