#pragma once
// The readers behind the wall (wall.hpp), each without it: for the child, and for fuzzing, which needs the crash
// itself.

#include <backspike/data/checkpoint.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/data/mat_sequences.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include "io/audio/wav.hpp"
#include "io/wall/read_limits.hpp"

#include <string>

namespace backspike {

dataset read_spike_hdf5_here(const std::string& path, const spike_file_options& options, const read_limits& limits);
checkpoint read_checkpoint_here(const std::string& path, const read_limits& limits);
dataset read_mat_sequences_here(const std::string& path, const mat_sequence_options& options,
                                const read_limits& limits);
wav_recording read_wav_here(const std::string& path, const read_limits& limits);

}  // namespace backspike
