// A measured mismatch as JSON, as tables for a terminal, and as a page.

#include <backspike/report/report.hpp>
#include <backspike/robustness/mismatch.hpp>

#include "robustness/json_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

json json_of(const mismatch_point& p) {
  json layers = json::array();
  for (const changed_layer& l : p.layers) {
    layers.push_back({{"layer", l.name}, {"changed", l.changed}, {"still", l.still}, {"first_still", l.first_still}});
  }
  return {{"direction", p.direction},
          {"width", p.width},
          {"size", p.size},
          {"predicted", p.predicted},
          {"actual", p.actual},
          {"correlation", p.correlation},
          {"sign_agreement", p.sign_agreement},
          {"ratio", p.ratio},
          {"unchanged", p.unchanged},
          {"layers", layers}};
}

json json_of(const mismatch& m) {
  json points = json::array();
  for (const mismatch_point& p : m.points) {
    points.push_back(json_of(p));
  }
  json control{{"sizes", m.control.sizes}, {"differences", m.control.differences}, {"slope", m.control.slope}};
  if (!m.control.left_out.empty()) {
    control = {{"left_out", m.control.left_out}};
  }
  return {{"name", m.name}, {"of", name_of(m.of)}, {"samples", m.samples}, {"loss", m.loss},
          {"rate", m.rate}, {"points", points},    {"smooth", control}};
}

std::string number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.3f}", value); }

std::string points_table(const mismatch& m, const std::string& direction) {
  auto text = fmt::format("{:>7} {:>8} {:>12} {:>12} {:>8} {:>8} {:>8} {:>10}\n", "width", "size", "predicted",
                          "actual", "corr.", "signs", "ratio", "unchanged");
  for (const mismatch_point& p : m.points) {
    if (p.direction == direction) {
      text +=
          fmt::format("{:>7g} {:>8g} {:>12.4g} {:>12.4g} {:>8} {:>8} {:>8} {:>9.1f}%\n", p.width, p.size, p.predicted,
                      p.actual, number(p.correlation), number(p.sign_agreement), number(p.ratio), 100.0 * p.unchanged);
    }
  }
  return text;
}

/// Along the gradient at the width nearest to the network's own.
std::string layers_table(const mismatch& m) {
  double own = m.points.front().width;
  for (const mismatch_point& p : m.points) {
    own = std::abs(std::log(p.width)) < std::abs(std::log(own)) ? p.width : own;
  }
  auto text =
      fmt::format("{:<20} {:>8} {:>16} {:>10} {:>12}\n", "layer", "size", "spikes changed", "still", "first still");
  for (const mismatch_point& p : m.points) {
    for (const changed_layer& l : p.layers) {
      if (p.direction == "gradient" && p.width == own) {
        text += fmt::format("{:<20} {:>8g} {:>15}% {:>9.1f}% {:>11.1f}%\n", l.name, p.size,
                            std::isnan(l.changed) ? "-" : fmt::format("{:.2f}", 100.0 * l.changed), 100.0 * l.still,
                            100.0 * l.first_still);
      }
    }
  }
  return text;
}

std::string control_text(const smooth_control& c) {
  if (!c.left_out.empty()) {
    return fmt::format("No control on the smooth relaxation: {}.\n", c.left_out);
  }
  std::string text = "Smooth relaxation, |actual - predicted|:";
  for (std::size_t k = 0; k < c.sizes.size(); ++k) {
    text += fmt::format("{} {:.2g} at {:g}", k == 0 ? "" : ",", c.differences[k], c.sizes[k]);
  }
  return text + fmt::format("; slope {:.2f} (2: they agree to second order)\n", c.slope);
}

}  // namespace

std::string to_json(const mismatch& m) { return json_file_text(json_of(m)); }

std::string to_text(const mismatch& m) {
  return fmt::format(
      "{}: {} samples, mean loss {:.4f}, {:.4f} spikes a neuron and step; {} moved\n\n"
      "Along the sign of the gradient (width: of the surrogate, over the network's own)\n{}\n"
      "At random\n{}\nSpikes that changed along the gradient\n{}\n{}",
      m.name, m.samples, m.loss, m.rate, name_of(m.of), points_table(m, "gradient"), points_table(m, "random"),
      layers_table(m), control_text(m.control));
}

std::string to_html(const mismatch& m) { return render_mismatch(m.name, to_text(m), json_page_text(json_of(m))); }

}  // namespace backspike
