#pragma once
// The check of a report's data, before anything is drawn.

#include <backspike/report/report.hpp>

namespace backspike::report {

/// Every list may be empty; lists that belong together must fit. Throws shape_error naming the list that does not, or
/// value_error for a spike outside its raster.
void check(const report_data& data);

}  // namespace backspike::report
