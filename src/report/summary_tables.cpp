// The tables of a report: facts, frequent mistakes, firing, energy, delays, warnings.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/summary.hpp"
#include "report/text.hpp"

namespace backspike::report {
namespace {

constexpr std::size_t neurons_listed = 24, confusions_listed = 8;

struct confusion_entry {
  std::size_t truth, predicted;
  std::uint32_t count;
};

/// Off the diagonal, the largest count first.
std::vector<confusion_entry> mistakes(const std::vector<std::vector<std::uint32_t>>& confusion) {
  std::vector<confusion_entry> found;
  for (std::size_t t = 0; t < confusion.size(); ++t) {
    for (std::size_t p = 0; p < confusion[t].size(); ++p) {
      if (t != p && confusion[t][p] > 0) {
        found.push_back({t, p, confusion[t][p]});
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  return found;
}

std::string class_name(const report_data& data, std::size_t index) {
  return escape_html(index < data.class_names.size() ? data.class_names[index] : std::to_string(index));
}

std::string confusion_row(const report_data& data, const confusion_entry& entry) {
  const auto& row = data.confusion[entry.truth];
  const auto all = std::accumulate(row.begin(), row.end(), std::uint64_t{0});
  return fmt::format("<tr><td>{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{:.1f} %</td></tr>\n",
                     class_name(data, entry.truth), class_name(data, entry.predicted), entry.count,
                     100.0 * entry.count / static_cast<double>(all));
}

/// "5: 0, 3, 17, 20, 31", or "310: 0, 1, ... and 286 more".
template <class Wanted>
std::string neuron_list(const std::vector<double>& rates, Wanted wanted) {
  std::string listed;
  std::size_t count = 0;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    if (wanted(rates[i])) {
      if (count < neurons_listed) {
        listed += fmt::format("{}{}", count == 0 ? "" : ", ", i);
      }
      ++count;
    }
  }
  if (count == 0) {
    return "none";
  }
  const auto rest = count > neurons_listed ? fmt::format(" and {} more", count - neurons_listed) : std::string{};
  return fmt::format("<strong>{}</strong> of {}: {}{}", count, rates.size(), listed, rest);
}

std::string firing_row(const layer_activity& layer) {
  const auto& rates = layer.rates;
  const auto mean = rates.empty() ? 0.0 : std::accumulate(rates.begin(), rates.end(), 0.0) / double(rates.size());
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{:.4f}</td>"
      "<td class=\"neurons\">{}</td><td class=\"neurons\">{}</td></tr>\n",
      escape_html(layer.name), rates.size(), mean, neuron_list(rates, [](double rate) { return rate < dead_rate; }),
      neuron_list(rates, [](double rate) { return rate > saturated_rate; }));
}

}  // namespace

std::string facts_table(const report_data& data) {
  std::string rows;
  for (const auto& [name, value] : data.facts) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape_html(name), escape_html(value));
  }
  return data.facts.empty() ? "<tr><td>nothing recorded</td></tr>\n" : rows;
}

std::string confusions_table(const report_data& data) {
  auto entries = mistakes(data.confusion);
  entries.resize(std::min(entries.size(), confusions_listed));
  std::string rows;
  for (const auto& entry : entries) {
    rows += confusion_row(data, entry);
  }
  return entries.empty() ? "<tr><td colspan=\"4\">none</td></tr>\n" : rows;
}

std::string warning_list(const report_data& data) {
  if (data.epochs.empty()) {
    return "";
  }
  std::string items;
  for (const auto& record : data.epochs) {
    for (const auto& warning : record.warnings) {
      items += fmt::format("<li>epoch {}: {}</li>\n", record.epoch, escape_html(warning.text));
    }
  }
  return items.empty() ? "<li class=\"well\">Nothing to warn of in any epoch.</li>\n" : items;
}

std::string energy_rows(const report_data& data) {
  std::string rows;
  for (const auto& row : data.energy) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td>{}</td></tr>\n",
                        escape_html(row.name), escape_html(row.value), escape_html(row.meaning));
  }
  return rows;
}

std::string delay_rows(const report_data& data) {
  std::string rows;
  for (const auto& c : data.delays) {
    const auto all = std::accumulate(c.moved.begin(), c.moved.end(), std::uint64_t{0});
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{:.2f}</td>"
        "<td class=\"number\">{:.2f}</td><td class=\"number\">{:.1f} %</td></tr>\n",
        escape_html(c.delays.name), all, c.mean_distance, c.largest_distance, 100.0 * c.share_moved);
  }
  return rows;
}

std::string firing_table(const report_data& data) {
  std::string rows;
  for (const auto& layer : data.activity) {
    rows += firing_row(layer);
  }
  return rows;
}

}  // namespace backspike::report
