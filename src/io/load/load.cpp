// From data.source to its entry in the list of sources. Start here to see where data come from.

#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/split.hpp>

#include "data/append.hpp"
#include "data/split_data.hpp"
#include "io/load/sources.hpp"

namespace backspike {
namespace {

/// All samples that the source trains, validates and tests with.
dataset pooled(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  auto plain = spec;
  plain.limit = 0;
  plain.validation = 0.0;
  auto parts = entry_of(spec.source).load(plain, seed, progress);
  append_samples(parts.train, parts.validation);
  append_samples(parts.train, parts.test);
  return std::move(parts.train);
}

dataset_split load_fold(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto all = pooled(spec, seed, progress);
  if (all.labels.empty()) {
    throw value_error("load " + all.name, "data.folds", std::to_string(spec.folds),
                      "0: samples of " + std::string(name_of(spec.source)) + " have no classes");
  }
  std::vector<bool> test(all.size());
  for (const auto s : stratified_fold(all.labels, spec.folds, spec.fold).taken) {
    test[s] = true;
  }
  return split_marked(all, test, spec, seed);
}

}  // namespace

dataset_split load_data(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  return spec.folds > 0 ? load_fold(spec, seed, progress) : entry_of(spec.source).load(spec, seed, progress);
}

}  // namespace backspike
