// All of a file or folder for a network that is trained already.

#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/data/load.hpp>
#include <backspike/gradient/check_batch.hpp>

#include "io/load/sources.hpp"

namespace backspike {
namespace {

std::string text_of(double x) {
  auto text = std::to_string(x);
  text.erase(text.find_last_not_of('0') + 1);
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

dataset load_whole(const data_spec& spec, const expected_data& network, std::uint64_t seed,
                   const load_progress& progress) {
  const auto& entry = entry_of(spec.source);
  if (spec.path.empty() && entry.installed.empty()) {
    throw value_error("load", "data", "\"\"", "a file or folder");
  }
  if (entry.whole == nullptr) {
    throw value_error("load", "data", spec.path,
                      "no file: the samples of " + std::string(name_of(spec.source)) +
                          " are generated from the seed; data.source = \"spike_hdf5\" reads a file of spikes");
  }
  const std::string where = "load " + spec.path;
  auto data = entry.whole(spec, network, seed, progress);
  if (data.size() == 0) {
    throw value_error("load", "data", spec.path, "a file or folder with samples");
  }
  if (data.channels != network.channels) {
    throw shape_error(where, "a sample", "[steps, " + std::to_string(data.channels) + " channels]",
                      "[steps, " + std::to_string(network.channels) + " channels], the network's inputs");
  }
  if (!is_same_step(data.dt, network.dt)) {
    throw value_error(where, "width of a step", text_of(data.dt) + " ms", text_of(network.dt) + " ms, the network's");
  }
  if (data.labels.empty() && data.step_labels.empty()) {
    data.class_names = network.class_names;
  } else if (!network.class_names.empty()) {
    adopt_classes(data, network.class_names, where);
  }
  return data;
}

}  // namespace backspike
