// The report of an attack as JSON and as tables for a terminal.

#include <backspike/robustness/attack_report.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

json json_of(const attack_point& p) {
  return {{"budget", p.budget},       {"success", p.success_rate},    {"accuracy", p.accuracy},
          {"mean_size", p.mean_size}, {"median_size", p.median_size}, {"predicted", p.predicted},
          {"actual", p.actual},       {"queries", p.queries},         {"gradients", p.gradients},
          {"seconds", p.seconds}};
}

json json_of(const attacked_sample& a) {
  return {{"label", a.label},
          {"before", a.before},
          {"after", a.after},
          {"attacked", a.attacked},
          {"success", a.success},
          {"size", a.size},
          {"loss_before", a.loss_before},
          {"loss_after", a.loss_after},
          {"predicted", a.predicted},
          {"queries", a.queries},
          {"gradients", a.gradients}};
}

json json_of(const attack_options& o) {
  json settings{{"norm", name_of(o.norm)},          {"steps", o.steps}, {"restarts", o.restarts}, {"width", o.width},
                {"encoder_width", o.encoder_width}, {"draws", o.draws}, {"queries", o.queries},   {"seed", o.seed}};
  if (o.target) {
    settings["target"] = *o.target;
  }
  return settings;
}

json json_of(const attack_report& r) {
  json points = json::array(), samples = json::array();
  for (const attack_point& p : r.points) {
    points.push_back(json_of(p));
  }
  for (const attacked_sample& a : r.attacked) {
    samples.push_back(json_of(a));
  }
  return {{"name", r.name},
          {"attack", r.options.attack},
          {"space", name_of(r.space)},
          {"samples", r.samples},
          {"accuracy_before", r.accuracy},
          {"settings", json_of(r.options)},
          {"points", points},
          {"attacked", samples}};
}

std::string share(double x) { return std::isnan(x) ? "-" : fmt::format("{:.1f}%", 100.0 * x); }
std::string number(double x) { return std::isnan(x) ? "-" : fmt::format("{:.4g}", x); }

}  // namespace

std::string to_json(const attack_report& r) {
  return json_of(r).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string to_text(const attack_report& r) {
  auto text = fmt::format(
      "{}: attack {} on {} ({}), {} samples, accuracy before {}\n\n{:>9} {:>9} {:>9} {:>10} {:>10} {:>10} "
      "{:>10} {:>9} {:>9} {:>8}\n",
      r.name, r.options.attack, name_of(r.space), name_of(r.options.norm), r.samples, share(r.accuracy), "budget",
      "accuracy", "success", "mean size", "median", "predicted", "actual", "queries", "gradients", "seconds");
  for (const attack_point& p : r.points) {
    text += fmt::format("{:>9g} {:>9} {:>9} {:>10} {:>10} {:>10} {:>10} {:>9} {:>9} {:>8.2f}\n", p.budget,
                        share(p.accuracy), share(p.success_rate), number(p.mean_size), number(p.median_size),
                        number(p.predicted), number(p.actual), number(p.queries), number(p.gradients), p.seconds);
  }
  return text;
}

}  // namespace backspike
