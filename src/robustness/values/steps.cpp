// Projections onto balls, steepest steps, and random places.

#include "robustness/values/steps.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace backspike {
namespace {

double sign_of(float x) { return x > 0.0f ? 1.0 : x < 0.0f ? -1.0 : 0.0; }

/// What every |change| is lowered by so that they add up to the budget. [Duchi et al. 2008, ICML, 272-279]
double lowering(std::vector<double> sizes, double budget) {
  std::ranges::sort(sizes, std::greater<>());
  double sum = 0.0, lower = 0.0;
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    sum += sizes[k];
    const double candidate = (sum - budget) / static_cast<double>(k + 1);
    if (sizes[k] <= candidate) {
      break;
    }
    lower = candidate;
  }
  return std::max(lower, 0.0);
}

/// [values] now - before, brought into the ball.
std::vector<double> change_within(attack_norm norm, double budget, std::span<const float> before,
                                  std::span<const float> now) {
  std::vector<double> change(before.size()), sizes(norm == attack_norm::l1 ? before.size() : 0);
  double squares = 0.0;
  for (std::size_t k = 0; k < change.size(); ++k) {
    change[k] = static_cast<double>(now[k]) - static_cast<double>(before[k]);
    squares += change[k] * change[k];
    if (!sizes.empty()) {
      sizes[k] = std::abs(change[k]);
    }
  }
  const double factor = squares > budget * budget ? budget / std::sqrt(squares) : 1.0;
  const double lower = sizes.empty() ? 0.0 : lowering(std::move(sizes), budget);
  for (double& c : change) {
    c = norm == attack_norm::linf ? std::clamp(c, -budget, budget)
        : norm == attack_norm::l2 ? factor * c
                                  : std::copysign(std::max(std::abs(c) - lower, 0.0), c);
  }
  return change;
}

/// The nearest float that is not further from `before`, and is in the range.
float moved(float before, double change, value_range range) {
  const auto b = static_cast<double>(before);
  auto x = static_cast<float>(b + change);
  if (std::abs(static_cast<double>(x) - b) > std::abs(change)) {
    x = std::nextafter(x, before);
  }
  return std::clamp(x, range.low, range.high);
}

double step_of(attack_norm norm, double size, double gradient, double length) {
  return norm == attack_norm::linf ? size * (gradient > 0.0   ? 1.0
                                             : gradient < 0.0 ? -1.0
                                                              : 0.0)
         : length > 0.0            ? size * gradient / length
                                   : 0.0;
}

}  // namespace

void project(attack_norm norm, double budget, value_range range, std::span<const float> before, std::span<float> now) {
  const std::vector<double> change = change_within(norm, budget, before, now);
  for (std::size_t k = 0; k < now.size(); ++k) {
    now[k] = moved(before[k], change[k], range);
  }
}

void move_at_random(attack_norm norm, double budget, value_range range, std::span<const float> before,
                    random_stream& random, std::span<float> now) {
  std::vector<float> way(before.size());
  for (float& w : way) {
    w = norm == attack_norm::linf ? (random.below(2) == 0 ? -1.0f : 1.0f) : static_cast<float>(random.normal());
  }
  double length = 0.0;
  for (const float w : way) {
    length +=
        norm == attack_norm::l1 ? std::abs(static_cast<double>(w)) : static_cast<double>(w) * static_cast<double>(w);
  }
  length = norm == attack_norm::l2 ? std::sqrt(length) : length;
  for (std::size_t k = 0; k < now.size(); ++k) {
    now[k] =
        static_cast<float>(static_cast<double>(before[k]) + step_of(norm, budget, static_cast<double>(way[k]), length));
  }
  project(norm, budget, range, before, now);
}

void step_along(attack_norm norm, double size, value_range range, double share, std::span<const float> gradient,
                std::span<float> now) {
  const auto movable = [&](std::size_t k) {
    return gradient[k] > 0.0f ? now[k] < range.high : gradient[k] < 0.0f && now[k] > range.low;
  };
  float least = 0.0f;
  if (norm == attack_norm::l1) {
    std::vector<float> sizes;
    for (std::size_t k = 0; k < now.size(); ++k) {
      if (movable(k)) {
        sizes.push_back(std::abs(gradient[k]));
      }
    }
    if (sizes.empty()) {
      return;
    }
    const auto count =
        std::clamp<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(now.size())), 1, sizes.size());
    std::ranges::nth_element(sizes, sizes.begin() + static_cast<std::ptrdiff_t>(count - 1), std::greater<>());
    least = sizes[count - 1];
  }
  const auto taken = [&](std::size_t k) { return movable(k) && std::abs(gradient[k]) >= least; };
  double length = 0.0;
  for (std::size_t k = 0; k < now.size(); ++k) {
    const auto g = static_cast<double>(gradient[k]);
    length += !taken(k) ? 0.0 : norm == attack_norm::l1 ? 1.0 : g * g;
  }
  length = norm == attack_norm::l2 ? std::sqrt(length) : length;
  for (std::size_t k = 0; k < now.size(); ++k) {
    if (taken(k)) {
      const double g = norm == attack_norm::l1 ? sign_of(gradient[k]) : static_cast<double>(gradient[k]);
      now[k] = static_cast<float>(static_cast<double>(now[k]) + step_of(norm, size, g, length));
    }
  }
}

}  // namespace backspike
