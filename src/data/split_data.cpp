// Decides which samples train, which choose and which test; data/split.hpp draws them.

#include "data/split_data.hpp"

#include <backspike/core/error.hpp>
#include <backspike/data/split.hpp>

#include <algorithm>

namespace backspike {
namespace {

using indices = std::vector<std::uint32_t>;

/// from[k] for each k.
template <class T>
std::vector<T> among(const std::vector<T>& from, const indices& picked) {
  std::vector<T> values(picked.size());
  std::ranges::transform(picked, values.begin(), [&](std::uint32_t k) { return from[k]; });
  return values;
}

sample_labels labels_of(const dataset& data) {
  if (data.labels.empty()) {
    return {data.name, std::vector<std::int32_t>(data.size(), 0), {}};
  }
  return {data.name, data.labels, data.class_names};
}

/// One rule decides what a good data set is, here before anything is encoded.
void require_every_class(const sample_labels& training) {
  dataset bare;
  bare.name = training.name;
  bare.labels = training.labels;
  bare.class_names = training.class_names;
  bare.inputs.sample_rows.assign(training.labels.size() + 1, 0);
  bare.validate();
}

/// What data.limit leaves of a set.
indices limited(const indices& set, const std::vector<std::int32_t>& labels, const data_spec& spec) {
  return spec.limit > 0 ? among(set, stratified_first(among(labels, set), spec.limit)) : set;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "none: these data name no speakers" : text;
}

}  // namespace

sample_parts split_apart(const sample_labels& training, std::span<const std::int32_t> test, const data_spec& spec,
                         std::uint64_t seed) {
  if (!training.class_names.empty()) {
    require_every_class(training);
  }
  const auto carved = stratified_split(training.labels, spec.validation, seed);
  const auto all = split_where(test.size(), [](std::size_t) { return true; }).taken;
  return {limited(carved.kept, training.labels, spec), limited(carved.taken, training.labels, spec),
          limited(all, {test.begin(), test.end()}, spec)};
}

dataset_split split_apart(const dataset& training, const dataset& test, const data_spec& spec, std::uint64_t seed) {
  const auto parts = split_apart(labels_of(training), labels_of(test).labels, spec, seed);
  return {subset(training, parts.train), subset(training, parts.validation), subset(test, parts.test)};
}

dataset_split split_marked(const dataset& all, const std::vector<bool>& test, const data_spec& spec,
                           std::uint64_t seed) {
  const auto sides = split_where(all.size(), [&](std::size_t s) { return test[s]; });
  const auto [name, labels, class_names] = labels_of(all);
  const auto parts =
      split_apart({name, among(labels, sides.kept), class_names}, among(labels, sides.taken), spec, seed);
  return {subset(all, among(sides.kept, parts.train)), subset(all, among(sides.kept, parts.validation)),
          subset(all, among(sides.taken, parts.test))};
}

std::vector<bool> samples_of(const std::string& speaker, const dataset& all) {
  const auto& names = all.speaker_names;
  const auto found = std::find(names.begin(), names.end(), speaker);
  if (found == names.end()) {
    throw value_error("load " + all.name, "data.held_out_speaker", speaker, listed(names));
  }
  const auto number = static_cast<std::int32_t>(found - names.begin());
  std::vector<bool> marks(all.size());
  std::transform(all.speakers.begin(), all.speakers.end(), marks.begin(), [&](std::int32_t s) { return s == number; });
  if (std::find(marks.begin(), marks.end(), true) == marks.end()) {
    throw value_error("load " + all.name, "data.held_out_speaker", speaker, "a speaker who has samples in these data");
  }
  return marks;
}

}  // namespace backspike
