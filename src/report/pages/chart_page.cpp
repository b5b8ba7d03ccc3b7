// Fills the frame of pages of charts, and those pages that need no more.

#include "report/pages/chart_page.hpp"

#include <backspike/report/report.hpp>

#include "report/assets.hpp"
#include "report/text.hpp"

namespace backspike {

std::string report::chart_page(const chart_kind& kind, const std::string& title, const std::string& table,
                               const std::string& json) {
  const auto shown = escape_html(title), figures = escape_html(table), charts = escape_script(json);
  const auto js = std::string(common_js) + "\n" + std::string(kind.script);
  return fill(frame_html, {{"css", page_css},
                           {"js", js},
                           {"library", chart_library},
                           {"data", charts},
                           {"kind", kind.name},
                           {"sections", kind.sections},
                           {"title", shown},
                           {"table", figures}});
}

std::string render_comparison(const std::string& title, const std::string& table, const std::string& json) {
  return report::chart_page({"comparison of gradients", report::compare_html, report::compare_js}, title, table, json);
}

std::string render_mismatch(const std::string& title, const std::string& table, const std::string& json) {
  return report::chart_page({"mismatch of the gradient", report::mismatch_html, report::mismatch_js}, title, table,
                            json);
}

std::string render_deployment(const std::string& title, const std::string& table, const std::string& json) {
  return report::chart_page({"a network on many devices", report::deployment_html, report::deployment_js}, title, table,
                            json);
}

std::string render_sensitivity(const std::string& title, const std::string& table, const std::string& json) {
  return report::chart_page({"what mismatch costs", report::sensitivity_html, report::sensitivity_js}, title, table,
                            json);
}

}  // namespace backspike
