// Finds the step of each group of weights by the least squared error, and rounds.

#include "deploy/fixed/weight_grid.hpp"

#include "deploy/fixed/fixed_numbers.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike::deploy {
namespace {

constexpr int tried_steps = 64;      // from the one that reaches the largest weight down to a fifth of it
constexpr double least_share = 0.2;  // with few bits the largest weights are cut and the others told apart
constexpr int bits_of_factor = 22;   // of the largest step; those of other channels have fewer
constexpr int most_grid_shift = 40;

struct grid {
  std::int64_t low = 0, high = 0, zero = 0;  // of what is stored
  std::int64_t store(double weight, double step) const {
    const double at = std::floor(weight / step + 0.5) + static_cast<double>(zero);
    return static_cast<std::int64_t>(std::clamp(at, static_cast<double>(low), static_cast<double>(high)));
  }
  double weight(std::int64_t stored, double step) const { return static_cast<double>(stored - zero) * step; }
  double error(double w, double step) const {
    const double e = w - weight(store(w, step), step);
    return e * e;
  }
  /// The step at which the grid reaches a weight.
  double reaching(double w) const {
    const std::int64_t end = w < 0.0 ? zero - low : high - zero;
    return end == 0 ? 0.0 : std::fabs(w) / static_cast<double>(end);
  }
};

grid grid_of(const std::vector<float>& weights, const fixed_point_spec& spec) {
  if (spec.symmetric) {
    const std::int64_t most = (std::int64_t{1} << (spec.weight_bits - 1)) - 1;
    return {-most, most, 0};
  }
  const auto [least, most] = std::ranges::minmax_element(weights);
  const double low = weights.empty() ? 0.0 : std::min(static_cast<double>(*least), 0.0);
  const double high = weights.empty() ? 1.0 : std::max(static_cast<double>(*most), 0.0);
  const std::int64_t levels = (std::int64_t{1} << spec.weight_bits) - 1;
  const double share = high > low ? -low / (high - low) : 0.0;
  return {0, levels, static_cast<std::int64_t>(std::floor(share * static_cast<double>(levels) + 0.5))};
}

/// Which weights share a step: targets of one group, by the number of a weight among those of the connection.
class groups {
 public:
  groups(const network_program& net, const connection_program& c, grid_sharing sharing)
      : c_(c), target_(net.net->populations()[c.is->target]), by_channel_(sharing == grid_sharing::channel) {}

  std::size_t count() const {
    return !by_channel_ ? 1 : is_patches() ? out() : own_channels() ? target_.spec.channels : target_.units;
  }
  std::size_t of_target(std::size_t t) const {
    if (!by_channel_ || count() == target_.units) {
      return by_channel_ ? t : 0;
    }
    return is_patches() || !target_.spec.shape.empty() ? t % count() : t / (target_.units / count());
  }
  std::size_t of_weight(std::size_t k) const {
    switch (c_.form) {
      case synapse_form::matrix:
        return of_target(k / c_.taps % target_.units);
      case synapse_form::patches:
        return by_channel_ ? k % out() : 0;
      default:
        return of_target(c_.target[k / c_.taps]);
    }
  }

 private:
  bool is_patches() const { return c_.form == synapse_form::patches; }
  bool own_channels() const { return target_.spec.channels > 0; }
  std::size_t out() const { return c_.is->synapses.patches.channels_out; }

  const connection_program& c_;
  const population& target_;
  bool by_channel_;
};

/// The step of least squared error.
double best_step(const grid& g, const std::vector<double>& weights) {
  double widest = 0.0;
  for (const double w : weights) {
    widest = std::max(widest, g.reaching(w));
  }
  double best = widest, least = -1.0;
  for (int k = 0; k < tried_steps && widest > 0.0; ++k) {
    const double step = widest * (1.0 - (1.0 - least_share) * k / tried_steps);
    double error = 0.0;
    for (const double w : weights) {
      error += g.error(w, step);
    }
    if (least < 0.0 || error < least) {
      least = error;
      best = step;
    }
  }
  return best;
}

/// Steps in units of a state as factor / 2^shift.
std::vector<std::int64_t> factors_of(const std::vector<double>& steps, const std::string& name, int& shift) {
  const double largest = *std::ranges::max_element(steps);
  shift = largest > 0.0
              ? std::clamp(bits_of_factor - static_cast<int>(std::floor(std::log2(largest))), 0, most_grid_shift)
              : 0;
  std::vector<std::int64_t> factors;
  factors.reserve(steps.size());
  for (const double step : steps) {
    factors.push_back(std::llround(std::ldexp(step, shift)));
  }
  if (*std::ranges::max_element(factors) > most_factor) {
    throw value_error(
        "fixed point", "weights of " + name, fmt::format("a step of {:.3g} states", largest),
        fmt::format("weights whose step is at most {} units of a state: fewer bits of fraction", most_factor));
  }
  return factors;
}

}  // namespace

fixed_connection on_grid(const network_program& net, const connection_program& c, const fixed_point_spec& spec) {
  fixed_point_spec own = spec;
  if (c.is->info->fixed) {  // a pool adds what arrives: one step, exactly
    own = {.weight_bits = 2, .weight_grid = grid_sharing::layer, .symmetric = true};
  }
  const grid g = grid_of(c.weights, own);
  const groups by(net, c, own.weight_grid);
  std::vector<std::vector<double>> of_group(by.count());
  for (std::size_t k = 0; k < c.weights.size(); ++k) {
    of_group[by.of_weight(k)].push_back(static_cast<double>(c.weights[k]));
  }
  std::vector<double> steps;
  steps.reserve(of_group.size());
  for (const auto& weights : of_group) {
    steps.push_back(std::ldexp(best_step(g, weights), spec.state_fraction));
  }
  fixed_connection made;
  made.bits = own.weight_bits;
  made.zero = g.zero;
  const auto factors = factors_of(steps, c.is->name, made.shift);
  for (std::size_t k = 0; k < c.weights.size(); ++k) {
    const double step = std::ldexp(static_cast<double>(factors[by.of_weight(k)]), -made.shift - spec.state_fraction);
    made.stored.push_back(step > 0.0 ? g.store(static_cast<double>(c.weights[k]), step) : g.zero);
  }
  for (std::size_t t = 0; t < net.net->populations()[c.is->target].units; ++t) {
    made.factor.push_back(factors[by.of_target(t)]);
  }
  made.shift += c.graded ? spec.state_fraction : 0;  // values stand for so many times what they are
  return made;
}

}  // namespace backspike::deploy
