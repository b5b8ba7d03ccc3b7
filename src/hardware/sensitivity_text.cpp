// A sensitivity as JSON, as tables for a terminal, and as a page.

#include <backspike/hardware/sensitivity.hpp>
#include <backspike/report/report.hpp>

#include "robustness/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_listed = 20;  // neurons in the table

json json_of(const std::vector<sensitivity_part>& parts) {
  json all = json::array();
  for (const sensitivity_part& p : parts) {
    all.push_back({{"name", p.name}, {"curvature", p.curvature}, {"slope", p.slope}});
  }
  return all;
}

json json_of(const sensitivity& s) {
  json points = json::array();
  for (const sensitivity_point& p : s.points) {
    points.push_back({{"sigma", p.sigma},
                      {"predicted_mean", p.predicted_mean},
                      {"mean", p.mean},
                      {"predicted_deviation", p.predicted_deviation},
                      {"deviation", p.deviation},
                      {"accuracy", p.accuracy}});
  }
  json control{{"sizes", s.control.sizes}, {"differences", s.control.differences}, {"slope", s.control.slope}};
  if (!s.control.left_out.empty()) {
    control = {{"left_out", s.control.left_out}};
  }
  return {{"name", s.name},
          {"match", s.match},
          {"samples", s.samples},
          {"loss", s.loss},
          {"accuracy", s.accuracy},
          {"probe_sigma", s.probe_sigma},
          {"curvature", s.curvature},
          {"curvature_error", s.curvature_error},
          {"slope", s.slope},
          {"points", points},
          {"parameters", json_of(s.parameters)},
          {"neurons", json_of(s.neurons)},
          {"smooth", control}};
}

std::string points_table(const sensitivity& s) {
  auto text = fmt::format("{:>8} {:>12} {:>12} {:>12} {:>12} {:>10}\n", "sigma", "mean, pred.", "devices",
                          "dev., pred.", "devices", "accuracy");
  for (const sensitivity_point& p : s.points) {
    text += fmt::format("{:>8g} {:>12.4g} {:>12.4g} {:>12.4g} {:>12.4g} {:>10}\n", p.sigma, p.predicted_mean, p.mean,
                        p.predicted_deviation, p.deviation,
                        std::isnan(p.accuracy) ? "-" : fmt::format("{:.4f}", p.accuracy));
  }
  return text;
}

std::string parts_table(const char* heading, const std::vector<sensitivity_part>& parts, std::size_t most) {
  auto text = fmt::format("{:<28} {:>14} {:>14}\n", heading, "mean/sigma^2", "dev./sigma");
  for (std::size_t k = 0; k < std::min(parts.size(), most); ++k) {
    text += fmt::format("{:<28} {:>14.4g} {:>14.4g}\n", parts[k].name, parts[k].curvature, parts[k].slope);
  }
  return text + (parts.size() > most ? fmt::format("... and {} more\n", parts.size() - most) : "");
}

std::string control_text(const second_order_control& c) {
  if (!c.left_out.empty()) {
    return fmt::format("No control on the smooth relaxation: {}.\n", c.left_out);
  }
  return fmt::format("Smooth relaxation, |change of the gradient - H v|: slope {:.2f} (2: the second order is exact)\n",
                     c.slope);
}

}  // namespace

std::string to_json(const sensitivity& s) { return json_file_text(json_of(s)); }

std::string to_text(const sensitivity& s) {
  return fmt::format(
      "{}: {} samples, loss {:.4f}; parameters {} off by a share of their size\n"
      "change of the loss: mean {:.4g} sigma^2 (+- {:.2g}), deviation {:.4g} sigma; probed at sigma "
      "{:g}\n\n{}\n{}\n{}\n{}",
      s.name, s.samples, s.loss, s.match, s.curvature, s.curvature_error, s.slope, s.probe_sigma, points_table(s),
      parts_table("parameter", s.parameters, s.parameters.size()), parts_table("neuron", s.neurons, most_listed),
      control_text(s.control));
}

std::string to_html(const sensitivity& s) { return render_sensitivity(s.name, to_text(s), json_page_text(json_of(s))); }

}  // namespace backspike
