#pragma once
// Which samples belong to which part of the data, and always the same ones for the same seed.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace backspike {

/// Sample indices, each list in ascending order.
struct split_picks {
  std::vector<std::uint32_t> kept, taken;
};

/// Takes round(share * samples) of the samples, from every class in proportion (largest remainder), at random: a pure
/// function of labels, share and seed. Every class keeps at least one sample, so that fewer may be taken.
/// Throws value_error unless 0 <= share < 1 and no label is negative.
split_picks stratified_split(std::span<const std::int32_t> labels, double share, std::uint64_t seed);

/// Part `fold` (from 1 on) of `folds` parts into which the samples of every class are dealt at random, always the same:
/// every sample is in one of the parts, and their sizes differ by one at most. Throws value_error unless
/// 2 <= folds <= samples and 1 <= fold <= folds.
split_picks stratified_fold(std::span<const std::int32_t> labels, std::uint32_t folds, std::uint32_t fold);

/// `count` samples (all if there are no more), of every class in proportion, and of each class its first ones: files
/// are often sorted by class, and their first samples would show one class only.
std::vector<std::uint32_t> stratified_first(std::span<const std::int32_t> labels, std::size_t count);

/// `count` of `samples` indices (all if there are no more) at equal distances, beginning with 0: always the same few,
/// and from every part of a file that is sorted.
std::vector<std::uint32_t> spread_evenly(std::size_t samples, std::size_t count);

/// Sample s is taken where chosen(s).
split_picks split_where(std::size_t samples, const std::function<bool(std::size_t sample)>& chosen);

}  // namespace backspike
