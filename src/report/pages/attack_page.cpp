// Fills the page of an attack.

#include <backspike/report/attack_page.hpp>

#include <fmt/format.h>

#include "report/assets.hpp"
#include "report/pages/chart_page.hpp"
#include "report/text.hpp"

namespace backspike {
namespace {

std::string checklist_of(const attack_page& page) {
  std::string html;
  bool failed = false;
  for (const auto& c : page.checklist) {
    failed = failed || c.failed;
    html += fmt::format("<li{}><strong>{}</strong> {}</li>\n", c.failed ? "" : " class=\"well\"",
                        report::escape_html(c.state == "left_out" ? "left out" : c.state), report::escape_html(c.text));
  }
  if (failed) {
    html = "<li><strong>These figures are unreliable:</strong> an item of the checklist failed.</li>\n" + html;
  }
  return html.empty() ? "<li class=\"well\">Not asked for.</li>" : html;
}

}  // namespace

std::string render_attack(const attack_page& page) {
  const auto checklist = checklist_of(page);
  const auto sections = report::fill(report::attack_html, {{"checklist", checklist}});
  return report::chart_page({"attack", sections, report::attack_js}, page.title, page.table, page.json);
}

}  // namespace backspike
