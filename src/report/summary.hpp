#pragma once
// The parts of the page that are text: readable in any browser, with or without charts. All return HTML.

#include <backspike/report/report.hpp>

namespace backspike::report {

/// The key figures: accuracy, loss, spikes per sample, training time.
std::string cards(const report_data& data);

/// The rows of the run's table.
std::string facts_table(const report_data& data);

/// Rows: the pairs of classes that are mistaken for one another most often.
std::string confusions_table(const report_data& data);

/// Items: what the run's health gave reason to say.
std::string warning_list(const report_data& data);

/// Rows: what running the network costs.
std::string energy_rows(const report_data& data);

/// Rows: how far the delays of each connection moved.
std::string delay_rows(const report_data& data);

/// Rows: the dead and the saturated neurons of each layer, by number.
std::string firing_table(const report_data& data);

}  // namespace backspike::report
