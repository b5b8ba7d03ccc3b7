#pragma once
// Which version of the library this is.

#include <string_view>

namespace backspike {

/// The library's version, "0.1.0"; it stands in checkpoints, summaries and reports.
std::string_view version();

}  // namespace backspike
