// The report of an attack as JSON and as tables for a terminal.

#include <backspike/report/attack_page.hpp>
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

json json_of(const check_item& i) {
  json item{{"item", i.item}, {"claim", i.claim}, {"state", name_of(i.state)}, {"seen", i.seen}};
  if (!i.cause.empty()) {
    item["cause"] = i.cause;
  }
  return item;
}

json json_of(const attack_report& r) {
  json points = json::array(), samples = json::array();
  for (const attack_point& p : r.points) {
    points.push_back(json_of(p));
  }
  for (const attacked_sample& a : r.attacked) {
    samples.push_back(json_of(a));
  }
  json checklist = json::array();
  for (const check_item& i : r.checklist) {
    checklist.push_back(json_of(i));
  }
  json all{{"name", r.name},
           {"attack", r.options.attack},
           {"space", name_of(r.space)},
           {"samples", r.samples},
           {"accuracy_before", r.accuracy},
           {"settings", json_of(r.options)},
           {"points", points},
           {"attacked", samples}};
  if (!r.checklist.empty()) {
    all["reliable"] = is_reliable(r.checklist);
    all["checklist"] = checklist;
  }
  return all;
}

json json_of(const attack_example& e) {
  return {{"sample", json_of(e.told)},
          {"rows", e.rows},
          {"columns", e.columns},
          {"before", e.before},
          {"after", e.after},
          {"spikes_before", e.spikes_before},
          {"spikes_after", e.spikes_after}};
}

std::string checklist_text(const std::vector<check_item>& list) {
  std::string text = list.empty() ? "" : "\nChecklist\n";
  for (const check_item& i : list) {
    const char* mark = i.state == check_state::passed ? "ok" : i.state == check_state::failed ? "FAILED" : "left out";
    text += fmt::format("  {:<8}  {}: {}\n", mark, i.claim, i.seen);
    if (!i.cause.empty()) {
      text += fmt::format("            likely cause: {}\n", i.cause);
    }
  }
  if (!is_reliable(list)) {
    text += "These figures are unreliable: an item of the checklist failed.\n";
  }
  return text;
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
  return text + checklist_text(r.checklist);
}

std::string to_html(const attack_report& r) {
  json page = json_of(r);
  page["classes"] = r.class_names;
  page["examples"] = json::array();
  for (const attack_example& e : r.examples) {
    page["examples"].push_back(json_of(e));
  }
  attack_page shown{
      .title = r.name, .table = to_text(r), .json = page.dump(-1, ' ', true, json::error_handler_t::replace)};
  for (const check_item& i : r.checklist) {
    shown.checklist.push_back(
        {i.state == check_state::failed,
         fmt::format("{}: {}{}{}", i.claim, i.seen, i.cause.empty() ? "" : ". Likely cause: ", i.cause),
         std::string(name_of(i.state))});
  }
  return render_attack(shown);
}

}  // namespace backspike
