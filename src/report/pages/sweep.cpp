// The page of a sweep.

#include <backspike/report/report.hpp>

#include <fmt/format.h>

#include "report/assets.hpp"
#include "report/text.hpp"

namespace backspike {
namespace {

std::string table_row(const std::vector<std::string>& cells, std::size_t axes, const char* tag) {
  std::string html = "<tr>";
  for (std::size_t c = 0; c < cells.size(); ++c) {
    html += fmt::format("<{0}{1}>{2}</{0}>", c < axes ? "th" : tag, c < axes ? "" : " class=\"number\"",
                        report::escape_html(cells[c]));
  }
  return html + "</tr>\n";
}

std::string body_of(const sweep_page& page) {
  std::string html;
  for (std::size_t r = 1; r < page.rows.size(); ++r) {
    html += table_row(page.rows[r], page.axes, "td");
  }
  return html;
}

std::string notes_of(const sweep_page& page) {
  std::string html;
  if (!page.reading.empty()) {
    html += "<li class=\"well\">" + report::escape_html(page.reading) + "</li>\n";
  }
  for (const auto& failure : page.failures) {
    html += "<li>failed: " + report::escape_html(failure) + "</li>\n";
  }
  return html;
}

}  // namespace

std::string render_sweep(const sweep_page& page) {
  const auto js = std::string(report::common_js) + "\n" + std::string(report::sweep_js);
  const auto title = report::escape_html(page.title), charts = report::escape_script(page.json);
  const auto heading = page.rows.empty() ? "" : table_row(page.rows.front(), page.axes, "th");
  const auto body = body_of(page), notes = notes_of(page);
  const auto lead = fmt::format(
      "{} of {} runs finished, {} failed; {} seed{} at each point. Error bars are one sample "
      "standard deviation over the seeds.",
      page.finished, page.members, page.failures.size(), page.seeds, page.seeds == 1 ? "" : "s");
  return report::fill(report::sweep_html, {{"css", report::page_css},
                                           {"js", js},
                                           {"library", report::chart_library},
                                           {"data", charts},
                                           {"title", title},
                                           {"lead", lead},
                                           {"notes", notes},
                                           {"heading", heading},
                                           {"rows", body}});
}

}  // namespace backspike
