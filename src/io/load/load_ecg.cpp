// Loads the ECG recordings of QTDB from their two MATLAB files.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/name_ending.hpp>
#include <backspike/data/mat_sequences.hpp>

#include "data/append.hpp"
#include "data/split_data.hpp"
#include "io/load/sources.hpp"

namespace backspike {
namespace {

// 250 samples a second; the parts of a heartbeat between the marks of the annotators.
mat_sequence_options options(bool labels_optional) {
  return {"QTDB", {"P", "PQ", "QR", "RS", "ST", "TP"}, 4.0, labels_optional};
}

dataset read_part(const data_spec& spec, const std::string& file, bool labels_optional = false) {
  const auto path = spec.path.empty() ? "" : path_in_any_case(spec.path + "/" + file);
  if (path.empty()) {
    throw missing_data_error(spec.path.empty() ? file : spec.path + "/" + file,
                             "set data.path to the folder with QTDB_train.mat and QTDB_test.mat, which the repository "
                             "byin-cwi/Efficient-spiking-networks keeps in its folder data");
  }
  return read_mat_sequences(path, options(labels_optional));
}

void require_same_channels(const dataset& training, const dataset& test) {
  if (training.channels != test.channels) {
    throw shape_error("load QTDB", "x of QTDB_test.mat", "[" + std::to_string(test.channels) + " channels]",
                      "[" + std::to_string(training.channels) + " channels], as in QTDB_train.mat");
  }
}

}  // namespace

dataset_split load_ecg(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto report = [&](std::size_t done) {
    if (progress) {
      progress("reading electrocardiograms", done, 2);
    }
  };
  report(0);
  const auto training = read_part(spec, "QTDB_train.mat");
  report(1);
  const auto test = read_part(spec, "QTDB_test.mat");
  report(2);
  require_same_channels(training, test);
  return split_apart(training, test, spec, seed);
}

dataset whole_ecg(const data_spec& spec, const expected_data&, std::uint64_t, const load_progress&) {
  if (!is_folder(spec.path)) {
    return read_mat_sequences(spec.path, options(true));
  }
  auto all = read_part(spec, "QTDB_train.mat", true);
  const auto more = read_part(spec, "QTDB_test.mat", true);
  require_same_channels(all, more);
  if (all.step_labels.empty() != more.step_labels.empty()) {
    throw format_error(spec.path, "", "only one of QTDB_train.mat and QTDB_test.mat has labels (y)");
  }
  append_samples(all, more);
  return all;
}

}  // namespace backspike
