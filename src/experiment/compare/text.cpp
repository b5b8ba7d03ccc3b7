// A comparison of gradients as JSON and as a table for a terminal.

#include <backspike/experiment/compare_gradients.hpp>
#include <backspike/report/report.hpp>

#include "experiment/folder/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

std::string cell(double value) { return std::isnan(value) ? "-" : fmt::format("{:.4f}", value); }

const gradient_match* find(const gradient_comparison& c, const std::string& rule, const std::string& parameter,
                           std::uint32_t steps) {
  const auto found = std::find_if(c.matches.begin(), c.matches.end(), [&](const gradient_match& m) {
    return m.rule == rule && m.parameter == parameter && m.steps == steps;
  });
  return found == c.matches.end() ? nullptr : &*found;
}

std::string over_length(const gradient_comparison& c) {
  auto text = fmt::format("Cosine with full BPTT, all parameters, by the number of steps\n{:<22}", "rule");
  for (const auto steps : c.lengths) {
    text += fmt::format(" {:>9}", fmt::format("T={}", steps));
  }
  text += "\n";
  for (const auto& rule : c.rules) {
    text += fmt::format("{:<22}", rule);
    for (const auto steps : c.lengths) {
      const auto* m = find(c, rule, "all", steps);
      text += fmt::format(" {:>9}", m == nullptr ? "-" : cell(m->cosine));
    }
    text += "\n";
  }
  return text;
}

std::string by_parameter(const gradient_comparison& c) {
  auto text = fmt::format("{:<22} {:<28} {:>8} {:>8} {:>8}\n", "rule", "parameter", "cosine", "signs", "norm");
  for (const auto& m : c.matches) {
    if (m.steps == c.lengths.back()) {
      text += fmt::format("{:<22} {:<28} {:>8} {:>8} {:>8}\n", m.rule, m.parameter, cell(m.cosine),
                          cell(m.sign_agreement), cell(m.norm_ratio));
    }
  }
  return text;
}

std::string life(const gradient_comparison& c) {
  auto text = fmt::format("{:<22} {:>12} {:>12} {:>12}\n", "layer", "spikes/step", "live", "in support");
  for (const auto& layer : c.layers) {
    if (layer.steps == c.lengths.back() && layer.health.spiking) {
      text += fmt::format("{:<22} {:>12.4f} {:>11.1f}% {:>11.1f}%\n", layer.health.name, layer.health.rate,
                          100.0 * (1.0 - layer.health.dead), 100.0 * layer.health.in_support);
    }
  }
  return text;
}

json json_of(const gradient_comparison& c) {
  json matches = json::array(), refused = json::array(), layers = json::array();
  for (const auto& m : c.matches) {
    matches.push_back({{"rule", m.rule},
                       {"parameter", m.parameter},
                       {"steps", m.steps},
                       {"cosine", m.cosine},
                       {"sign_agreement", m.sign_agreement},
                       {"norm_ratio", m.norm_ratio}});
  }
  for (const auto& r : c.refused) {
    refused.push_back({{"rule", r.rule}, {"reason", r.reason}});
  }
  for (const auto& l : c.layers) {
    layers.push_back({{"layer", l.health.name},
                      {"steps", l.steps},
                      {"rate", l.health.rate},
                      {"live", 1.0 - l.health.dead},
                      {"in_support", l.health.in_support}});
  }
  return {{"name", c.name},   {"samples", c.samples}, {"reference", "bptt"}, {"lengths", c.lengths},
          {"rules", c.rules}, {"matches", matches},   {"refused", refused},  {"layers", layers}};
}

}  // namespace

std::string to_json(const gradient_comparison& c) { return json_text(json_of(c), 2) + "\n"; }

std::string to_html(const gradient_comparison& c) {
  return render_comparison(c.name, to_text(c), json_ascii(json_of(c)));
}

std::string to_text(const gradient_comparison& c) {
  auto text = fmt::format("{}: {} samples of up to {} steps, gradients against full BPTT\n\n{}\n{}\n{}", c.name,
                          c.samples, c.lengths.back(), life(c), over_length(c), by_parameter(c));
  for (const auto& r : c.refused) {
    text += fmt::format("\n{} does not take part: {}\n", r.rule, r.reason);
  }
  return text;
}

}  // namespace backspike
