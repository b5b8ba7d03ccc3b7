#pragma once
// One documented exit code for each cause of an error.

#include <exception>
#include <string>

namespace backspike::app {

enum class exit_code : int {
  ok = 0,
  usage = 2,         // command line, experiment file, a value or shape that is refused
  missing_data = 3,  // a data set that is not where it should be
  format = 4,        // a file that is truncated, corrupt or of another format
  file = 5,          // the operating system refused a read or a write
  checkpoint = 6,    // a checkpoint of another network, experiment or version
  numeric = 7,       // NaN or infinity in weights, loss or gradient
  resources = 8,     // the run would not fit in memory
  members = 9,       // runs of a sweep failed
  internal = 70,     // our bug
};

/// The lines of --help that list them.
std::string exit_code_help();

/// Writes "backspike: error: ..." and, where there is something to advise, a "hint: ..." line to stderr.
exit_code report_error(const std::exception_ptr& error);

}  // namespace backspike::app
