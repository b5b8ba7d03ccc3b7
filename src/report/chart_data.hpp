#pragma once
// From the data of a report to the JSON that its page draws (template/page.js).

#include <backspike/report/report.hpp>

namespace backspike::report {

/// What page.js draws, as ASCII JSON. Numbers are rounded to the digits that a screen can show; NaN and infinity are
/// null, which the charts show as a gap.
std::string chart_data(const report_data& data);

}  // namespace backspike::report
