#pragma once
// Labelled sequences in a MATLAB file (version 5, as `save -v6` and `-v7` write it), read through the matio library:
//
//   x  [samples, steps, channels]  events: 0 is none, any other value is the event's graded value
//   y  [samples, steps, classes]   one 1 in each labelled step; all 0: the step has no label
//
// the layout of the QT database in the recurrent-SNN papers (Yin, Corradi & Bohte 2021, Nature Machine Intelligence 3,
// 905-913). An event's sign stays its value, so that a channel is one input: of the four channels of QTDB only one
// ever has a negative event, one a recording, and four more inputs would be silent.

#include <backspike/data/dataset.hpp>

#include <string>
#include <vector>

namespace backspike {

struct mat_sequence_options {
  std::string name;                      // of the data set
  std::vector<std::string> class_names;  // as many as y has classes
  double dt = 1.0;                       // [ms] width of one step
  bool labels_optional = false;          // a file without y gives sequences without labels
};

/// Throws file_error (not there), format_error (not a MATLAB file of version 5, truncated, damaged, a variable missing,
/// not an array of real numbers or of another rank, shapes of x and y that differ, a value of x that is no reading
/// (core/reading.hpp), a step of y that is not one-hot; names variable and place).
dataset read_mat_sequences(const std::string& path, const mat_sequence_options& options);

}  // namespace backspike
