// Draws a partner for each sample, and has all of them made by many threads.

#include <backspike/core/random.hpp>
#include <backspike/data/made_anew.hpp>

#include "data/append.hpp"

#include <utility>
#include <vector>

namespace backspike {
namespace {

/// The samples of each class.
std::vector<std::vector<std::uint32_t>> members_of(const dataset& data) {
  std::vector<std::vector<std::uint32_t>> members(data.classes());
  for (std::uint32_t s = 0; s < data.size(); ++s) {
    members[static_cast<std::size_t>(data.labels[s])].push_back(s);
  }
  return members;
}

/// Everything but the inputs.
dataset without_inputs(const dataset& data) {
  auto bare = subset(data, {});
  static_cast<target_set&>(bare) = data;
  bare.speakers = data.speakers;
  bare.further = data.further;
  bare.sample_weights = data.sample_weights;
  bare.maker_numbers = data.maker_numbers;
  return bare;
}

}  // namespace

dataset made_anew(const dataset& train, std::uint32_t epoch, std::uint64_t seed, thread_pool& pool) {
  const auto members = members_of(train);
  constexpr std::uint64_t partners = std::uint64_t{1} << 32U;  // what a maker draws has the streams below
  random_stream random(seed, random_purpose::augment, partners + epoch);
  std::vector<std::uint32_t> partner(train.size());
  for (std::size_t s = 0; s < partner.size(); ++s) {
    const auto& same = members[static_cast<std::size_t>(train.labels[s])];
    partner[s] = train.maker_numbers[same[random.below(static_cast<std::uint32_t>(same.size()))]];
  }
  std::vector<ragged_events> made(train.size());
  pool.for_each(made.size(), [&](std::size_t s, std::size_t) {
    train.maker->append(train.maker_numbers[s], partner[s], epoch, made[s]);
  });
  auto anew = without_inputs(train);
  for (auto& sample : made) {
    append_samples(anew.inputs, std::exchange(sample, {}));
  }
  return anew;
}

}  // namespace backspike
