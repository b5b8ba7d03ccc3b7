#include "inspect_text.hpp"

#include <backspike/core/bytes.hpp>

#include <fmt/format.h>

#include <cmath>

namespace backspike::app {
namespace {

/// 1234567 as "1,234,567".
std::string grouped(double value) {
  auto text = fmt::format("{:.0f}", value);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3) {
    text.insert(static_cast<std::size_t>(i), 1, ',');
  }
  return text;
}

std::string source_name(const network& net, const connection& c) {
  return c.source == network_input ? "input" : net.populations()[c.source].spec.name;
}

std::string range_text(const parameter_info& info) {
  return std::isinf(info.low) && std::isinf(info.high) ? "any" : fmt::format("{:g} .. {:g}", info.low, info.high);
}

std::string operation_line(const std::string& name, const std::string& events, double dense, double sparse) {
  return fmt::format("{:<24} {:>12} {:>18} {:>18} {:>9.2f} %\n", name, events, grouped(dense), grouped(sparse),
                     dense > 0 ? 100 * sparse / dense : 0.0);
}

}  // namespace

std::string layer_table(const network& net) {
  auto text = fmt::format("{:<16} {:<18} {:>8}  {}\n", "layer", "cell", "neurons", "receives from");
  for (std::size_t p = 0; p < net.populations().size(); ++p) {
    const auto& population = net.populations()[p];
    std::string sources;
    for (const auto& c : net.connections()) {
      if (c.target == p) {
        const shape extents{{c.source_units, population.units}};
        sources += fmt::format("{}{} {}{}", sources.empty() ? "" : ", ", source_name(net, c), extents.text(),
                               c.delay > 0 ? fmt::format(" after {} step", c.delay) : "");
      }
    }
    text += fmt::format("{:<16} {:<18} {:>8}  {}\n", population.spec.name, population.cell->name, population.units,
                        sources);
  }
  return text;
}

std::string parameter_table(const network& net) {
  auto text = fmt::format("{:<28} {:<14} {:>12}  {:<9} {:<5} {}\n", "parameter", "shape", "numbers", "learnable",
                          "unit", "range");
  std::size_t total = 0;
  for (const auto& info : net.parameters().entries()) {
    total += info.size();
    text += fmt::format("{:<28} {:<14} {:>12}  {:<9} {:<5} {}\n", info.name, info.extents.text(),
                        grouped(static_cast<double>(info.size())), info.learnable ? "yes" : "no", info.unit,
                        range_text(info));
  }
  return text + fmt::format("total {}, of which {} learnable\n", grouped(static_cast<double>(total)),
                            grouped(static_cast<double>(net.parameters().learnable_count())));
}

std::string operation_table(const complexity& c) {
  auto text = fmt::format("{:<24} {:>12} {:>18} {:>18} {:>11}\n", "connection", "events in", "dense mult.-adds",
                          "event operations", "share");
  for (const auto& link : c.connections) {
    text += operation_line(link.source + " -> " + link.target, fmt::format("{:.1f}", link.events), link.counted.dense,
                           link.counted.effective());
  }
  return text + operation_line("total", "", c.operations.dense, c.operations.effective());
}

std::string memory_table(const memory_forecast& forecast) {
  return fmt::format(
      "parameters, gradients, moments {:>14}\n"
      "samples in flight              {:>14}\n"
      "checkpoints                    {:>14}\n"
      "threads                        {:>14}  ({} x {})\n"
      "data                           {:>14}\n"
      "program                        {:>14}\n"
      "total                          {:>14}\n",
      bytes_text(forecast.parameters), bytes_text(forecast.per_chunk), bytes_text(forecast.checkpoints),
      bytes_text(forecast.per_worker * forecast.threads), forecast.threads, bytes_text(forecast.per_worker),
      bytes_text(forecast.dataset), bytes_text(forecast.program), bytes_text(forecast.total()));
}

}  // namespace backspike::app
