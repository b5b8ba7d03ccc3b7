// Labels as an attack looks at them.

#include "robustness/attack/attack_aim.hpp"

#include <algorithm>

namespace backspike {

const std::vector<std::int32_t>& labels_of(const attack_problem& problem, const dataset& data) {
  return data.targets(problem.net.output(0).target).labels;
}

attack_aim aim_of(const attack_problem& problem, const dataset& data, std::uint32_t sample,
                  const attack_options& options) {
  return {options.target, labels_of(problem, data)[sample]};
}

void relabel(dataset& data, const attack_problem& problem, const attack_options& options) {
  if (!options.target) {
    return;
  }
  const auto of = std::ranges::find(data.further, problem.net.output(0).target, &named_targets::name);
  std::ranges::fill(of == data.further.end() ? data.labels : of->labels, *options.target);
}

}  // namespace backspike
