// Cuts the samples of a source into training, validation and test set; data/split.hpp chooses which samples.

#include <backspike/core/error.hpp>
#include <backspike/data/split.hpp>

#include "io/load/load_parts.hpp"

#include <algorithm>
#include <numeric>

namespace backspike {
namespace {

std::vector<std::uint32_t> pick(const std::vector<std::uint32_t>& from, std::span<const std::int32_t> labels,
                                const data_spec& spec) {
  std::vector<std::int32_t> own(from.size());
  std::transform(from.begin(), from.end(), own.begin(), [&](std::uint32_t s) { return labels[s]; });
  auto picked = limited(own, spec);
  std::transform(picked.begin(), picked.end(), picked.begin(), [&](std::uint32_t k) { return from[k]; });
  return picked;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "none: these data name no speakers" : text;
}

}  // namespace

training_parts carve_validation(const std::string& name, std::span<const std::int32_t> labels,
                                const std::vector<std::string>& class_names, const data_spec& spec,
                                std::uint64_t seed) {
  dataset bare;  // labels alone, so that one rule decides what a good data set is, before anything is encoded
  bare.name = name;
  bare.labels.assign(labels.begin(), labels.end());
  bare.class_names = class_names;
  bare.inputs.sample_rows.assign(labels.size() + 1, 0);
  bare.validate();
  const auto parts = stratified_split(labels, spec.validation, seed);
  return {pick(parts.kept, labels, spec), pick(parts.taken, labels, spec)};
}

std::vector<std::uint32_t> limited(std::span<const std::int32_t> labels, const data_spec& spec) {
  if (spec.limit > 0) {
    return stratified_first(labels, spec.limit);
  }
  std::vector<std::uint32_t> all(labels.size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

dataset_split split_from(const dataset& training, const dataset& test, const data_spec& spec, std::uint64_t seed) {
  const auto parts = carve_validation(training.name, training.labels, training.class_names, spec, seed);
  return {subset(training, parts.train), subset(training, parts.validation), subset(test, limited(test.labels, spec))};
}

dataset_split split_unlabelled(const dataset& training, const dataset& test, const data_spec& spec,
                               std::uint64_t seed) {
  const std::vector<std::int32_t> alike(training.size(), 0), tested(test.size(), 0);
  const auto parts = stratified_split(alike, spec.validation, seed);
  return {subset(training, pick(parts.kept, alike, spec)), subset(training, pick(parts.taken, alike, spec)),
          subset(test, limited(tested, spec))};
}

dataset_split hold_out_speaker(const dataset& all, const data_spec& spec, std::uint64_t seed) {
  const auto& names = all.speaker_names;
  const auto found = std::find(names.begin(), names.end(), spec.held_out_speaker);
  if (found == names.end()) {
    throw value_error("load " + all.name, "data.held_out_speaker", spec.held_out_speaker, listed(names));
  }
  const auto speaker = static_cast<std::int32_t>(found - names.begin());
  const auto parts = split_where(all.size(), [&](std::size_t s) { return all.speakers[s] == speaker; });
  if (parts.taken.empty()) {
    throw value_error("load " + all.name, "data.held_out_speaker", spec.held_out_speaker,
                      "a speaker who has samples in these data");
  }
  return split_from(subset(all, parts.kept), subset(all, parts.taken), spec, seed);
}

}  // namespace backspike
