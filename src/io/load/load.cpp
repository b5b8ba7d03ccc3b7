// From data.source to its entry in the list of sources. Start here to see where data come from.

#include <backspike/data/load.hpp>

#include "io/load/sources.hpp"

namespace backspike {

dataset_split load_data(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  return entry_of(spec.source).load(spec, seed, progress);
}

}  // namespace backspike
