// Draws, narrows and rounds the delays of a network, and refuses them for operations that cannot take them.

#include <backspike/network/delays.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace backspike {
namespace {

/// Epochs after which a schedule is at its end.
std::size_t epochs_of(const delay_width_spec& spec, std::size_t epochs) {
  return static_cast<std::size_t>(std::max(1.0, std::round(spec.share * static_cast<double>(epochs))));
}

bool follows_schedule(const connection& c) { return c.kernel_width_parameter != no_parameter && !c.late.width.learn; }

template <class Change>
void for_each_number(matrix_view<float> view, const Change& change) {
  for (std::size_t r = 0; r < view.rows; ++r) {
    for (std::size_t k = 0; k < view.cols; ++k) {
      change(view(r, k));
    }
  }
}

double draw(const delay_spec& d, random_stream& random) {
  const double top = d.max;
  switch (d.init) {
    case delay_init::uniform:
      return top * random.uniform();
    case delay_init::normal:
      return std::clamp(d.value + d.spread * random.normal(), 0.0, top);
    case delay_init::constant:
      break;
  }
  return d.value;
}

}  // namespace

bool has_delays(const network& net) {
  return std::ranges::any_of(net.connections(), [](const connection& c) { return c.has_delays(); });
}

double delay_width_at(const delay_width_spec& spec, std::size_t epoch, std::size_t epochs) {
  const std::size_t n = epochs_of(spec, epochs);
  if (spec.schedule == width_schedule::constant) {
    return spec.from;
  }
  if (n == 1 || epoch + 1 >= n) {
    return spec.to;
  }
  const double x = static_cast<double>(epoch) / static_cast<double>(n - 1);
  switch (spec.schedule) {
    case width_schedule::exponential:
      return spec.from * std::pow(spec.to / spec.from, x);
    case width_schedule::cosine:
      return spec.to + (spec.from - spec.to) * 0.5 * (1.0 + std::cos(std::numbers::pi * x));
    case width_schedule::linear:
    case width_schedule::constant:
      break;
  }
  return spec.from + (spec.to - spec.from) * x;
}

bool is_annealing(const network& net, std::size_t epoch, std::size_t epochs) {
  return std::ranges::any_of(net.connections(), [&](const connection& c) {
    return follows_schedule(c) && c.late.width.schedule != width_schedule::constant &&
           epoch + 1 < epochs_of(c.late.width, epochs);
  });
}

void anneal_delays(const network& net, arena<float>& parameters, std::size_t epoch, std::size_t epochs) {
  for (const connection& c : net.connections()) {
    if (follows_schedule(c)) {
      parameters.view(c.kernel_width_parameter)(0, 0) = static_cast<float>(delay_width_at(c.late.width, epoch, epochs));
    }
  }
}

void round_delays(const network& net, arena<float>& parameters) {
  for (const connection& c : net.connections()) {
    if (c.has_delays()) {
      const float top = static_cast<float>(c.late.max);
      for_each_number(parameters.view(c.delay_parameter),
                      [&](float& d) { d = std::clamp(std::floor(d + 0.5f), 0.0f, top); });
    }
    if (c.kernel_width_parameter != no_parameter) {
      for_each_number(parameters.view(c.kernel_width_parameter), [](float& width) { width = 0.0f; });
    }
  }
}

void initialise_delays(const network& net, arena<float>& parameters, std::uint64_t seed) {
  for (const connection& c : net.connections()) {
    if (c.has_delays()) {
      random_stream random(seed, random_purpose::delays, c.delay_parameter);
      for_each_number(parameters.view(c.delay_parameter),
                      [&](float& d) { d = static_cast<float>(draw(c.late, random)); });
    }
    if (c.kernel_width_parameter != no_parameter) {
      for_each_number(parameters.view(c.kernel_width_parameter),
                      [&](float& s) { s = static_cast<float>(c.late.width.from); });
    }
  }
}

void require_learnable_widths(const network& net, const arena<float>& parameters) {
  for (const connection& c : net.connections()) {
    const auto view = c.kernel_width_parameter == no_parameter ? matrix_view<const float>()
                                                               : parameters.view(c.kernel_width_parameter);
    for (std::size_t k = 0; k < view.rows * view.cols; ++k) {
      if (const float width = view(k / view.cols, k % view.cols); width < static_cast<float>(least_delay_width)) {
        const parameter_info& p = net.parameters()[c.kernel_width_parameter];
        throw value_error("network", p.name + "[" + std::to_string(k) + "]", short_number(width) + " steps",
                          "at least " + short_number(least_delay_width) + " steps, for the delays to be learned");
      }
    }
  }
}

void refuse_delays(const network& net, const std::string& operation, const std::string& instead) {
  for (const connection& c : net.connections()) {
    if (c.has_delays()) {
      throw value_error(operation, net.parameters()[c.delay_parameter].name + " max",
                        std::to_string(c.late.max) + " steps", instead);
    }
  }
}

void check_delays_fit(const network& net, std::size_t longest) {
  for (const connection& c : net.connections()) {
    if (c.has_delays() && c.late.max + c.base_delay >= longest) {
      throw value_error("network", net.parameters()[c.delay_parameter].name + " max",
                        std::to_string(c.late.max) + " steps",
                        "less than the longest sample, which has " + std::to_string(longest) +
                            " steps: no spike would arrive that late");
    }
  }
}

}  // namespace backspike
