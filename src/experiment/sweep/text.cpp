// The table of a sweep for a terminal, for programs and as a page.

#include <backspike/experiment/sweep.hpp>
#include <backspike/experiment/version.hpp>
#include <backspike/report/report.hpp>

#include "experiment/folder/json_text.hpp"
#include "experiment/sweep/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;
using row = std::vector<std::string>;

constexpr std::array<const char*, 3> state_names{"unfinished", "finished", "failed"};

const char* name_of(sweep_outcome::state state) { return state_names[static_cast<std::size_t>(state)]; }

/// "88.90 ± 0.12"; without the deviation where there is none.
std::string shown(const sweep_figure& figure, const sweep_quantity_info& of) {
  const auto text = [&](double value) { return fmt::format("{:.{}f}", of.scale * value, of.decimals); };
  if (std::isnan(figure.mean)) {
    return "-";
  }
  return std::isnan(figure.deviation) ? text(figure.mean) : text(figure.mean) + " \u00b1 " + text(figure.deviation);
}

std::vector<row> rows_of(const sweep_table& t) {
  std::vector<row> rows(1);
  for (const auto& axis : t.plan.axes) {
    rows[0].push_back(axis.key);
  }
  rows[0].insert(rows[0].end(), {"seeds"});
  for (const sweep_quantity_info& of : quantities_of(t.plan)) {
    rows[0].push_back(of.heading);
  }
  for (std::size_t p = 0; p < t.points.size(); ++p) {
    auto cells = t.plan.points[p];
    const auto all = t.points[p].finished + t.points[p].failed + t.points[p].unfinished;
    cells.push_back(t.points[p].finished == all ? std::to_string(all)
                                                : fmt::format("{} of {}", t.points[p].finished, all));
    for (std::size_t q = 0; q < sweep_quantities; ++q) {
      cells.push_back(shown(t.points[p].figures[q], quantities_of(t.plan)[q]));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::string member_text(const sweep_table& t, std::size_t m) {
  const auto& member = t.plan.members[m];
  return fmt::format("{}, seed {}", point_text(t.plan, member.point), member.seed);
}

std::vector<std::string> failures_of(const sweep_table& t) {
  std::vector<std::string> list;
  for (std::size_t m = 0; m < t.outcomes.size(); ++m) {
    if (t.outcomes[m].ended == sweep_outcome::state::failed) {
      list.push_back(member_text(t, m) + ": " + t.outcomes[m].failure);
    }
  }
  return list;
}

/// How many members are not well, and what the first of them says; empty where all are.
std::string health_of(const sweep_table& t) {
  std::size_t count = 0, first = 0;
  for (std::size_t m = t.outcomes.size(); m-- > 0;) {
    if (!t.outcomes[m].warnings.empty()) {
      first = m;
      ++count;
    }
  }
  return count == 0
             ? ""
             : fmt::format("warning: {} of {} members {} not well (their reports and sweep.json say more); {}: {}\n",
                           count, t.outcomes.size(), count == 1 ? "is" : "are", member_text(t, first),
                           t.outcomes[first].warnings.front());
}

/// A field that may hold commas, quotes or line ends (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

std::string csv_number(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

std::string csv_axes(const sweep_plan& plan) {
  std::string text;
  for (const auto& axis : plan.axes) {
    text += csv_field(axis.key) + ",";
  }
  return text;
}

std::string csv_values(const sweep_plan& plan, std::size_t point) {
  std::string text;
  for (const auto& value : plan.points[point]) {
    text += csv_field(value) + ",";
  }
  return text;
}

json figures_of(const sweep_plan& plan, const sweep_point& point) {
  json figures;
  for (std::size_t q = 0; q < sweep_quantities; ++q) {
    figures[quantities_of(plan)[q].name] = {{"mean", point.figures[q].mean}, {"deviation", point.figures[q].deviation}};
  }
  return figures;
}

json point_of(const sweep_table& t, std::size_t p) {
  return {{"values", t.plan.points[p]},
          {"finished", t.points[p].finished},
          {"failed", t.points[p].failed},
          {"unfinished", t.points[p].unfinished},
          {"figures", figures_of(t.plan, t.points[p])}};
}

json member_of(const sweep_table& t, std::size_t m) {
  const auto& outcome = t.outcomes[m];
  json entry{{"values", t.plan.points[t.plan.members[m].point]},
             {"seed", t.plan.members[m].seed},
             {"directory", t.plan.members[m].directory},
             {"state", name_of(outcome.ended)}};
  if (outcome.ended == sweep_outcome::state::finished) {
    for (std::size_t q = 0; q < sweep_quantities; ++q) {
      entry[quantities_of(t.plan)[q].name] = outcome.figures[q];
    }
    entry["warnings"] = outcome.warnings;
    if (!outcome.curve.empty()) {
      entry["curve"] = outcome.curve;
    }
  } else if (outcome.ended == sweep_outcome::state::failed) {
    entry["failure"] = outcome.failure;
  }
  return entry;
}

json json_of(const sweep_table& t) {
  json axes = json::array(), points = json::array(), members = json::array();
  for (const auto& axis : t.plan.axes) {
    axes.push_back({{"key", axis.key}, {"values", axis.values}});
  }
  for (std::size_t p = 0; p < t.points.size(); ++p) {
    points.push_back(point_of(t, p));
  }
  for (std::size_t m = 0; m < t.outcomes.size(); ++m) {
    members.push_back(member_of(t, m));
  }
  return {{"name", t.plan.name}, {"axes", axes},       {"seeds", t.plan.seeds},
          {"points", points},    {"members", members}, {"version", version()}};
}

}  // namespace

std::array<const char*, sweep_quantities> sweep_quantity_names(const sweep_plan& plan) {
  std::array<const char*, sweep_quantities> names{};
  std::ranges::transform(quantities_of(plan), names.begin(), &sweep_quantity_info::name);
  return names;
}

std::string to_text(const sweep_table& t) {
  const auto rows = rows_of(t);
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const auto signs = static_cast<std::size_t>(
          std::count_if(cells[c].begin(), cells[c].end(), [](char x) { return (x & '\xC0') != '\x80'; }));
      widths[c] = std::max(widths[c], signs);
    }
  }
  std::string text;
  for (const auto& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      text += c < t.plan.axes.size() ? fmt::format("{:<{}}", cells[c], widths[c])
                                     : fmt::format("{}{:>{}}", c == 0 ? "" : "  ", cells[c], widths[c]);
      text += c + 1 < t.plan.axes.size() ? "  " : "";
    }
    text += "\n";
  }
  for (const auto& failure : failures_of(t)) {
    text += "failed: " + failure + "\n";
  }
  text += health_of(t);
  text += seeds_text(t);
  const auto sparsest = sparsest_text(t);
  return text + (sparsest.empty() ? "" : sparsest + "\n");
}

std::string points_csv(const sweep_table& t) {
  auto text = csv_axes(t.plan) + "finished,failed,unfinished";
  for (const auto* name : sweep_quantity_names(t.plan)) {
    text += fmt::format(",{0}_mean,{0}_deviation", name);
  }
  text += "\n";
  for (std::size_t p = 0; p < t.points.size(); ++p) {
    const auto& point = t.points[p];
    text += csv_values(t.plan, p) + fmt::format("{},{},{}", point.finished, point.failed, point.unfinished);
    for (const auto& figure : point.figures) {
      text += "," + csv_number(figure.mean) + "," + csv_number(figure.deviation);
    }
    text += "\n";
  }
  return text;
}

std::string members_csv(const sweep_table& t) {
  auto text = csv_axes(t.plan) + "seed,directory,state";
  for (const auto* name : sweep_quantity_names(t.plan)) {
    text += fmt::format(",{}", name);
  }
  text += ",failure\n";
  for (std::size_t m = 0; m < t.outcomes.size(); ++m) {
    const auto& member = t.plan.members[m];
    const auto& outcome = t.outcomes[m];
    text += csv_values(t.plan, member.point) +
            fmt::format("{},{},{}", member.seed, csv_field(member.directory), name_of(outcome.ended));
    for (const double value : outcome.figures) {
      text += "," + (outcome.ended == sweep_outcome::state::finished ? csv_number(value) : "");
    }
    text += "," + csv_field(outcome.failure) + "\n";
  }
  return text;
}

std::string to_json(const sweep_table& t) { return json_text(json_of(t), 2) + "\n"; }

std::string to_html(const sweep_table& t) {
  sweep_page page;
  page.title = t.plan.name;
  page.rows = rows_of(t);
  page.axes = t.plan.axes.size();
  page.failures = failures_of(t);
  page.reading = sparsest_text(t);
  for (std::size_t m = 0; m < t.outcomes.size(); ++m) {
    page.finished += t.outcomes[m].ended == sweep_outcome::state::finished ? 1 : 0;
  }
  page.members = t.outcomes.size();
  page.seeds = t.plan.seeds.size();
  page.json = json_ascii(json_of(t));
  return render_sweep(page);
}

}  // namespace backspike
