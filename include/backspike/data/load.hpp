#pragma once

#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>

#include <functional>
#include <string>

namespace backspike {

/// Called now and then while data are read and encoded: what is being done, how much of how much.
using load_progress = std::function<void(const std::string& what, std::size_t done, std::size_t total)>;

/// Reads, encodes and splits the data of an experiment. `seed` decides the validation split and random encoders.
/// Throws missing_data_error, format_error, file_error, value_error.
dataset_split load_data(const data_spec& spec, std::uint64_t seed, const load_progress& progress = {});

}  // namespace backspike
