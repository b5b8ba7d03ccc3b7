// A deployment as JSON, as tables for a terminal, and as a page.

#include <backspike/hardware/deployment.hpp>
#include <backspike/report/report.hpp>

#include "robustness/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

json json_of(const device_result& r) {
  return {{"accuracy", r.accuracy}, {"loss", r.loss}, {"rates", r.rates}, {"clamped", r.clamped}};
}

json json_of(const device_spec& s) {
  json mismatch = json::array();
  for (const parameter_mismatch& m : s.mismatch) {
    mismatch.push_back(
        {{"match", m.match}, {"distribution", name_of(m.distribution)}, {"sigma", m.sigma}, {"relative", m.relative}});
  }
  return {{"mismatch", mismatch}, {"dead_synapses", s.dead_synapses}, {"silent_neurons", s.silent_neurons}};
}

json json_of(const deployment& d) {
  json devices = json::array();
  for (const device_result& r : d.devices) {
    devices.push_back(json_of(r));
  }
  json all{{"name", d.name},
           {"device", json_of(d.device)},
           {"seed", d.seed},
           {"samples", d.samples},
           {"of", d.tells_classes() ? "accuracy" : "loss"},
           {"mean", d.mean()},
           {"deviation", d.deviation()},
           {"worst", d.worst()}};
  if (d.tells_classes()) {
    all["bar"] = d.bar;
    all["yield"] = d.yield();
  }
  all["layers"] = d.layers;
  all["ideal"] = json_of(d.ideal);
  all["devices"] = devices;
  return all;
}

std::string device_text(const device_spec& s) {
  std::string text;
  for (const parameter_mismatch& m : s.mismatch) {
    text += fmt::format("  {}: {}, sigma {:g}{}\n", m.match, name_of(m.distribution), m.sigma,
                        m.distribution == mismatch_distribution::lognormal ? " of the logarithm"
                        : m.relative                                       ? " of each number"
                                                                           : "");
  }
  if (s.dead_synapses > 0.0) {
    text += fmt::format("  {:g} of the weights are 0\n", s.dead_synapses);
  }
  if (s.silent_neurons > 0.0) {
    text += fmt::format("  {:g} of the spiking neurons never fire\n", s.silent_neurons);
  }
  return text;
}

std::string rates_table(const deployment& d) {
  std::string text =
      fmt::format("{:<20} {:>10} {:>10} {:>10} {:>10}\n", "spikes/neuron/step", "ideal", "mean", "lowest", "highest");
  for (std::size_t k = 0; k < d.layers.size(); ++k) {
    double sum = 0.0, low = d.devices.front().rates[k], high = low;
    for (const device_result& r : d.devices) {
      sum += r.rates[k];
      low = std::min(low, r.rates[k]);
      high = std::max(high, r.rates[k]);
    }
    text += fmt::format("{:<20} {:>10.4f} {:>10.4f} {:>10.4f} {:>10.4f}\n", d.layers[k], d.ideal.rates[k],
                        sum / static_cast<double>(d.devices.size()), low, high);
  }
  return text;
}

std::string clamped_text(const deployment& d) {
  std::size_t clamped = 0;
  for (const device_result& r : d.devices) {
    clamped += r.clamped;
  }
  return clamped == 0
             ? ""
             : fmt::format("\n{} numbers, of all devices together, left their range and were brought back.\n", clamped);
}

}  // namespace

std::string to_json(const deployment& d) { return json_file_text(json_of(d)); }

std::string to_text(const deployment& d) {
  const bool classes = d.tells_classes();
  std::string text = fmt::format("{}: {} samples on {} devices (seed {}), simulated\n{}\n", d.name, d.samples,
                                 d.devices.size(), d.seed, device_text(d.device));
  text += fmt::format("{:<12} {:>8.4f}  without mismatch\n", classes ? "accuracy" : "loss",
                      classes ? d.ideal.accuracy : d.ideal.loss);
  text += fmt::format("{:<12} {:>8.4f}  standard deviation {:.4f}\n{:<12} {:>8.4f}\n", "mean", d.mean(), d.deviation(),
                      "worst", d.worst());
  if (classes) {
    text += fmt::format("{:<12} {:>7.1f}%  of the devices reach {:.4f}\n", "yield", 100.0 * d.yield(), d.bar);
  }
  return text + "\n" + rates_table(d) + clamped_text(d);
}

std::string to_html(const deployment& d) { return render_deployment(d.name, to_text(d), json_page_text(json_of(d))); }

}  // namespace backspike
