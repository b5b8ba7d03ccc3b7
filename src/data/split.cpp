// Chooses samples for validation and tests in proportion to the classes, always the same ones for a seed.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/split.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace backspike {
namespace {

using members = std::vector<std::vector<std::uint32_t>>;  // samples of each class, ascending

members members_of(std::span<const std::int32_t> labels) {
  members classes;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    if (labels[s] < 0) {
      throw value_error("split", "label of sample " + std::to_string(s), std::to_string(labels[s]), "at least 0");
    }
    const auto label = static_cast<std::size_t>(labels[s]);
    classes.resize(std::max(classes.size(), label + 1));
    classes[label].push_back(static_cast<std::uint32_t>(s));
  }
  return classes;
}

/// Shares `total` among the classes in proportion to their sizes: whole parts first, then one more for the largest
/// remainders (ties: the lower class) of those that have a sample left beyond `spared`.
std::vector<std::size_t> apportion(const members& classes, std::size_t samples, std::size_t total, std::size_t spared) {
  std::vector<std::size_t> quota(classes.size()), order(classes.size());
  std::vector<std::uint64_t> remainder(classes.size());
  std::size_t left = total;
  const auto most = [&](std::size_t c) { return classes[c].size() - std::min(spared, classes[c].size()); };
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::uint64_t exact = std::uint64_t{total} * classes[c].size();
    quota[c] = std::min<std::size_t>(exact / samples, most(c));
    remainder[c] = exact % samples;
    left -= quota[c];
  }
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
  for (bool given = true; left > 0 && given;) {
    given = false;
    for (std::size_t k = 0; k < order.size() && left > 0; ++k) {
      if (quota[order[k]] < most(order[k])) {
        ++quota[order[k]];
        --left;
        given = true;
      }
    }
  }
  return quota;
}

}  // namespace

split_picks stratified_split(std::span<const std::int32_t> labels, double share, std::uint64_t seed) {
  if (!(share >= 0.0 && share < 1.0)) {
    throw value_error("split", "share", std::to_string(share), "0 to 1 exclusive");
  }
  const auto classes = members_of(labels);
  const auto total = static_cast<std::size_t>(std::llround(share * static_cast<double>(labels.size())));
  const auto quota = apportion(classes, labels.size(), total, 1);
  std::vector<bool> taken(labels.size(), false);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto n = static_cast<std::uint32_t>(classes[c].size());
    const auto order = permutation(n, random_stream(seed, random_purpose::split, c));
    for (std::size_t k = 0; k < quota[c]; ++k) {
      taken[classes[c][order[k]]] = true;
    }
  }
  return split_where(labels.size(), [&](std::size_t s) { return taken[s]; });
}

split_picks stratified_fold(std::span<const std::int32_t> labels, std::uint32_t folds, std::uint32_t fold) {
  if (folds < 2 || folds > labels.size()) {
    throw value_error("split", "folds", std::to_string(folds),
                      "2 to " + std::to_string(labels.size()) + ", the samples");
  }
  if (fold < 1 || fold > folds) {
    throw value_error("split", "fold", std::to_string(fold), "1 to " + std::to_string(folds));
  }
  constexpr std::uint64_t first_stream = std::uint64_t{1} << 32U;  // classes below have those of stratified_split
  const auto classes = members_of(labels);
  std::vector<bool> taken(labels.size(), false);
  std::size_t dealt = 0;  // goes on from class to class, so that the parts are of one size
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto n = static_cast<std::uint32_t>(classes[c].size());
    for (const auto k : permutation(n, random_stream(0, random_purpose::split, first_stream + c))) {
      taken[classes[c][k]] = dealt++ % folds + 1 == fold;
    }
  }
  return split_where(labels.size(), [&](std::size_t s) { return taken[s]; });
}

std::vector<std::uint32_t> stratified_first(std::span<const std::int32_t> labels, std::size_t count) {
  const auto classes = members_of(labels);
  const auto quota = apportion(classes, labels.size(), std::min(count, labels.size()), 0);
  std::vector<std::uint32_t> picked;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    picked.insert(picked.end(), classes[c].begin(), classes[c].begin() + static_cast<std::ptrdiff_t>(quota[c]));
  }
  std::sort(picked.begin(), picked.end());
  return picked;
}

std::vector<std::uint32_t> spread_evenly(std::size_t samples, std::size_t count) {
  std::vector<std::uint32_t> picked(std::min(samples, count));
  for (std::size_t k = 0; k < picked.size(); ++k) {
    picked[k] = static_cast<std::uint32_t>(k * samples / picked.size());
  }
  return picked;
}

split_picks split_where(std::size_t samples, const std::function<bool(std::size_t)>& chosen) {
  split_picks picks;
  for (std::size_t s = 0; s < samples; ++s) {
    (chosen(s) ? picks.taken : picks.kept).push_back(static_cast<std::uint32_t>(s));
  }
  return picks;
}

}  // namespace backspike
