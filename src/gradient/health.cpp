#include <backspike/gradient/health.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace backspike {
namespace {

// Where a warning starts. None of these is an error: networks learn beyond each of them, but seldom well.
constexpr double many_dead = 0.3, many_saturated = 0.1, few_in_support = 0.005;
constexpr double vanished = 1e-4, exploded = 1e3;
constexpr double fast_update = 0.1;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", 100.0 * share);
  return text;
}

std::string steps_text(double steps) { return std::to_string(std::lround(steps)) + " steps"; }

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", x);
  return text;
}

void warn_of_firing(const layer_health& layer, std::vector<std::string>& to) {
  if (layer.dead > many_dead) {
    to.push_back(layer.name + ": " + percent(layer.dead) +
                 " of the neurons never fire; try a larger init_sigma, a lower v_th, or a smaller rate_penalty");
  }
  if (layer.saturated > many_saturated) {
    to.push_back(
        layer.name + ": " + percent(layer.saturated) +
        " of the neurons fire in nearly every step; try a smaller init_sigma, a higher v_th, or a rate_penalty");
  }
  if (layer.in_support < few_in_support) {
    to.push_back(layer.name + ": only " + percent(layer.in_support) +
                 " of the membranes are within the surrogate's width of the threshold, so that few weights learn; try "
                 "a larger surrogate.width or init_sigma");
  }
}

/// `source`: the bin in which most of the error comes in, that is where the readout's own is largest.
void warn_of_errors(const layer_health& layer, std::size_t source, std::vector<std::string>& to) {
  if (layer.error.size() < 4) {
    return;
  }
  const double largest = *std::max_element(layer.error.begin(), layer.error.end()), far = layer.error.back();
  const double came_in = layer.error[std::min(source, layer.error.size() - 1)];
  if (layer.spiking && largest > 0.0 && far < vanished * largest) {
    to.push_back(layer.name + ": the error " +
                 steps_text(layer.steps_per_bin * static_cast<double>(layer.error.size())) + " back is " +
                 number(far / largest) +
                 " of its largest; if early input matters, try longer time constants or a wider surrogate");
  }
  if (layer.spiking && came_in > 0.0 && far > exploded * came_in) {
    to.push_back(
        layer.name + ": the error grows " + number(far / came_in) +
        " times on its way back; try optimiser.clip_norm, a lower surrogate.height or smaller recurrent weights");
  }
}

std::size_t largest_bin(const std::vector<double>& error) {
  return static_cast<std::size_t>(std::max_element(error.begin(), error.end()) - error.begin());
}

}  // namespace

std::vector<std::string> health_warnings(const std::vector<layer_health>& layers,
                                         const std::vector<update_ratio>& updates) {
  std::vector<std::string> warnings;
  for (const layer_health& layer : layers) {
    if (layer.spiking) {
      warn_of_firing(layer, warnings);
    }
    warn_of_errors(layer, largest_bin(layers.back().error), warnings);
  }
  for (const update_ratio& u : updates) {
    if (u.ratio > fast_update) {
      warnings.push_back(u.parameter + ": a step changes it by " + percent(u.ratio) +
                         " of its size; try a lower learning rate");
    }
  }
  return warnings;
}

}  // namespace backspike
