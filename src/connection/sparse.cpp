// Lists the synapses of sparse connections: pairs that are given, or drawn.

#include <backspike/connection/sparse.hpp>

#include <backspike/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace backspike::connections {
namespace {

enum setting : std::size_t { density, seed, autapses };

using pair = std::pair<std::uint32_t, std::uint32_t>;

std::vector<pair> sorted_pairs(const synapse_request& r) {
  std::vector<pair> pairs;
  for (std::size_t k = 0; k < r.pair_sources.size(); ++k) {
    pairs.emplace_back(r.pair_sources[k], r.pair_targets[k]);
  }
  std::ranges::sort(pairs);
  return pairs;
}

std::string text_of(const pair& p) { return std::to_string(p.first) + " to " + std::to_string(p.second); }

std::optional<synapse_problem> pair_problem(const synapse_request& r) {
  for (std::size_t k = 0; k < r.pair_sources.size(); ++k) {
    if (r.pair_sources[k] >= r.sources || r.pair_targets[k] >= r.targets) {
      return synapse_problem{"sources", text_of({r.pair_sources[k], r.pair_targets[k]}),
                             "pairs of one of the " + std::to_string(r.sources) + " neurons before and one of the " +
                                 std::to_string(r.targets) + " behind, both counted from 0"};
    }
  }
  const std::vector<pair> pairs = sorted_pairs(r);
  const auto twice = std::ranges::adjacent_find(pairs);
  if (twice != pairs.end()) {
    return synapse_problem{"sources", text_of(*twice) + ", twice", "each pair once"};
  }
  return std::nullopt;
}

/// Steps over the pairs that are not drawn: the distance to the next one has a geometric distribution.
class pair_skips {
 public:
  pair_skips(double density, std::uint64_t seed)
      : random_(seed, random_purpose::synapses), log_of_absent_(std::log1p(-density)), all_(density >= 1.0) {}

  std::uint64_t next() {
    if (all_) {
      return 0;
    }
    const double skipped = std::floor(std::log(random_.uniform()) / log_of_absent_);
    return skipped < 9e18 ? static_cast<std::uint64_t>(skipped) : std::numeric_limits<std::uint64_t>::max() / 2;
  }

 private:
  random_stream random_;
  double log_of_absent_;
  bool all_;
};

std::vector<pair> drawn_pairs(const synapse_request& r) {
  std::vector<pair> pairs;
  if (r.settings[density] <= 0.0) {
    return pairs;
  }
  pair_skips skips(r.settings[density], static_cast<std::uint64_t>(r.settings[seed]));
  const std::uint64_t all = std::uint64_t{r.sources} * r.targets;
  for (std::uint64_t at = skips.next(); at < all; at += 1 + skips.next()) {
    const auto source = static_cast<std::uint32_t>(at / r.targets), target = static_cast<std::uint32_t>(at % r.targets);
    if (!r.loop || r.settings[autapses] != 0.0 || source != target) {
      pairs.emplace_back(source, target);
    }
  }
  return pairs;
}

}  // namespace

std::optional<synapse_problem> sparse::problem(const synapse_request& r) {
  if (r.pair_sources.size() != r.pair_targets.size()) {
    return synapse_problem{"targets", std::to_string(r.pair_targets.size()) + " neurons",
                           "as many as in sources, " + std::to_string(r.pair_sources.size())};
  }
  if (r.settings[autapses] != 0.0 && r.settings[autapses] != 1.0) {
    return synapse_problem{"autapses", std::to_string(r.settings[autapses]), "0 or 1"};
  }
  constexpr double most = 2147483647.0;  // synapses have numbers of 32 bits
  const double expected = r.settings[density] * static_cast<double>(r.sources) * static_cast<double>(r.targets);
  if (r.pair_sources.empty() && expected > most / 2) {
    return synapse_problem{"density", std::to_string(r.settings[density]),
                           "a density with at most 1e9 synapses: there would be " + std::to_string(expected)};
  }
  return pair_problem(r);
}

void sparse::plan(const synapse_request& r, synapse_plan& p) {
  const std::vector<pair> pairs = r.pair_sources.empty() ? drawn_pairs(r) : sorted_pairs(r);
  p.first.assign(r.sources + 1, 0);
  p.target.clear();
  for (const auto& [source, target] : pairs) {
    ++p.first[source + 1];
    p.target.push_back(target);
  }
  for (std::size_t i = 0; i < r.sources; ++i) {
    p.first[i + 1] += p.first[i];
  }
}

}  // namespace backspike::connections
