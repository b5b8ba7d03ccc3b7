#pragma once
// Spikes in the layout of the Spiking Heidelberg Digits (Cramer et al. 2020): spikes/times [s] and spikes/units, one
// variable-length entry a sample, labels, and optionally extra/speaker and extra/keys. Who has SHD or SSC reads them
// unchanged: floats of 16, 32 or 64 bits, integers of any size, texts of fixed or variable length. A time becomes a
// step as core/time_grid.hpp says, by the precision of the file's own type.
//
// The layout has seconds. Others write whole milliseconds or microseconds into it: times that are integers, or that
// reach beyond 10 s in a file that is not ours, are refused until the unit is given (data.time_unit).
//
// Classes are named by extra/keys, where labels are places in that list; otherwise the different labels are the
// classes, in ascending order, and their own names (data/classes.hpp). Speakers are numbers in these files and become
// names in ascending order of number; where the attribute `names` of extra/speaker is there, numbers are indices into
// it. Our own files have that attribute, `channels` on spikes/units, and extra/steps with the attribute `dt` [ms]: the
// length of every sample, which silent steps at its end would otherwise lose.

#include <backspike/data/dataset.hpp>
#include <backspike/data/event_spec.hpp>

#include <string>

namespace backspike {

struct spike_file_options {
  double bin_ms = 10.0;        // width of one step [ms]
  double duration_ms = 0.0;    // every sample lasts this long, later spikes are dropped; 0: extra/steps if its dt is
                               // bin_ms, otherwise each sample lasts to its last spike, and at least one step
  std::uint32_t channels = 0;  // 0: as many as the file names (attribute `channels` of spikes/units), else the largest
                               // unit + 1
  time_unit unit = time_unit::automatic;                // of spikes/times
  duplicate_events duplicates = duplicate_events::one;  // several spikes of a channel in one step
  bool labels_optional = false;                         // a file without labels gives samples without
};

/// Throws file_error (not there), format_error (truncated, not HDF5, a part missing, lengths that differ, a negative or
/// non-finite time; names part and sample) and value_error (label out of range, channel beyond `channels`, an option,
/// times whose unit is not clear).
dataset read_spike_hdf5(const std::string& path, const spike_file_options& options);

/// Atomic. A step t becomes the time (t + 0.5) * dt, so that reading with bin_ms = dt gives the same spikes back.
/// Data without labels give a file without; graded values and targets in time cannot be kept in this layout:
/// value_error.
void write_spike_hdf5(const std::string& path, const dataset& data);

}  // namespace backspike
