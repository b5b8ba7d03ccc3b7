// The tables that `backspike inspect` prints, as text.

#include "commands/inspect_text.hpp"

#include <backspike/core/bytes.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/network/delays.hpp>
#include <backspike/report/graph_picture.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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

/// What a population receives, one connection each.
std::vector<std::string> sources_of(const network& net, std::size_t population) {
  std::vector<std::string> sources;
  for (const auto& c : net.connections()) {
    if (c.target == population) {
      sources.push_back(source_name(net, c) + ": " + connection_text(net, c));
    }
  }
  return sources.empty() ? std::vector<std::string>{"nothing"} : sources;
}

std::string range_text(const parameter_info& info) {
  return std::isinf(info.low) && std::isinf(info.high) ? "any" : fmt::format("{:g} .. {:g}", info.low, info.high);
}

std::string operation_line(const std::string& name, const std::string& events, double dense, double sparse) {
  return fmt::format("{:<24} {:>12} {:>18} {:>18} {:>9.2f} %\n", name, events, grouped(dense), grouped(sparse),
                     dense > 0 ? 100 * sparse / dense : 0.0);
}

/// Neighbouring bins together, so that there are at most `most`.
weight_histogram coarse(const weight_histogram& fine, std::size_t most) {
  const std::size_t each = (fine.after.size() + most - 1) / most;
  weight_histogram h{fine.name, {fine.edges.front()}, {}, {}};
  for (std::size_t k = 0; k < fine.after.size(); k += each) {
    const std::size_t end = std::min(k + each, fine.after.size());
    const auto sum = [&](const std::vector<std::uint64_t>& counts) {
      return std::accumulate(counts.begin() + static_cast<std::ptrdiff_t>(k),
                             counts.begin() + static_cast<std::ptrdiff_t>(end), std::uint64_t{0});
    };
    h.before.push_back(sum(fine.before));
    h.after.push_back(sum(fine.after));
    h.edges.push_back(fine.edges[end]);
  }
  return h;
}

std::string delay_line(const weight_histogram& h, std::size_t bin, std::uint64_t largest, bool trained) {
  constexpr std::size_t longest_bar = 40;
  const double first = h.edges[bin] + 0.5, last = h.edges[bin + 1] - 0.5;
  const auto range = first == last ? fmt::format("{:g}", first) : fmt::format("{:g} - {:g}", first, last);
  const auto before = trained ? fmt::format(" {:>10}", grouped(static_cast<double>(h.before[bin]))) : "";
  const auto bar = std::string(h.after[bin] * longest_bar / std::max<std::uint64_t>(largest, 1), '#');
  const auto line = fmt::format("  {:>9}{} {:>10}  {}", range, before, grouped(static_cast<double>(h.after[bin])), bar);
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string delay_text(const delay_change& c, bool trained) {
  constexpr std::size_t most_lines = 26;
  const auto h = coarse(c.delays, most_lines);
  const auto all = std::accumulate(h.after.begin(), h.after.end(), std::uint64_t{0});
  auto text = fmt::format("{}: {} delays", h.name, grouped(static_cast<double>(all)));
  if (trained) {
    text +=
        fmt::format(", moved by {:.2f} steps on average and {:.2f} at most, {:.1f} % of them by more than half a step",
                    c.mean_distance, c.largest_distance, 100 * c.share_moved);
  }
  text += fmt::format("\n  {:>9}{} {:>10}\n", "steps", trained ? fmt::format(" {:>10}", "before") : "",
                      trained ? "after" : "delays");
  for (std::size_t k = 0; k < h.after.size(); ++k) {
    text += delay_line(h, k, std::ranges::max(h.after), trained);
  }
  return text;
}

/// The width in a few epochs of the run, the first and the last among them.
std::string schedule_text(const delay_width_spec& width, std::uint32_t epochs) {
  constexpr std::uint32_t shown = 6;
  std::string text;
  std::uint32_t last = 0;
  for (std::uint32_t k = 0; k < shown; ++k) {
    const std::uint32_t epoch = 1 + static_cast<std::uint32_t>(std::uint64_t{epochs - 1} * k / (shown - 1));
    if (epoch != last) {
      text += fmt::format("{}{:.3g} steps in epoch {}", text.empty() ? "" : ", ",
                          delay_width_at(width, epoch - 1, epochs), epoch);
    }
    last = epoch;
  }
  return text;
}

}  // namespace

std::string layer_table(const network& net) {
  auto text = fmt::format("{:<16} {:<18} {:>8}  {}\n", "layer", "cell", "neurons", "receives from");
  for (std::size_t p = 0; p < net.populations().size(); ++p) {
    const auto& population = net.populations()[p];
    auto start = fmt::format("{:<16} {:<18} {:>8}  ", population.spec.name, population.cell->name, population.units);
    std::string shape = population.spec.shape.size() < 2 ? "" : ", shape " + text_of(population.spec.shape);
    for (const auto& source : sources_of(net, p)) {
      text += start + source + shape + "\n";
      start.assign(start.size(), ' ');
      shape.clear();
    }
    if (population.refractory > 0.0) {
      const double period = population.refractory * net.spec().dt;
      text += fmt::format("{}refractory for {:g} ms after a spike\n", start, period);
    }
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

std::string delay_table(const std::vector<delay_change>& changes, bool trained) {
  std::string text;
  for (const auto& c : changes) {
    text += delay_text(c, trained);
  }
  return text;
}

std::string width_table(const network& net, const arena<float>& parameters, std::uint32_t epochs) {
  std::string text;
  for (const auto& [name, mean] : delay_widths(net, parameters)) {
    const auto& c = *std::ranges::find_if(net.connections(), [&, &name = name](const connection& k) {
      return k.kernel_width_parameter != no_parameter && net.parameters()[k.kernel_width_parameter].name == name;
    });
    text += c.late.width.learn
                ? fmt::format("{}: learned from {:g} steps, {:.3g} steps on average\n", name, c.late.width.from, mean)
                : fmt::format("{}: {}\n", name, schedule_text(c.late.width, epochs));
  }
  return text;
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
      bytes_text(forecast.parameters), bytes_text(forecast.per_in_flight), bytes_text(forecast.checkpoints),
      bytes_text(forecast.per_worker * forecast.threads), forecast.threads, bytes_text(forecast.per_worker),
      bytes_text(forecast.dataset), bytes_text(forecast.program), bytes_text(forecast.total()));
}

}  // namespace backspike::app
