// The learning rate of each step: warm-up, then constant, in steps, along a cosine, or one cycle.

#include <backspike/optimise/optimiser.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace backspike {
namespace {

/// From 1 at x = 0 to `end` at x = 1 along half a cosine.
double half_cosine(double x, double end) {
  return end + (1.0 - end) * 0.5 * (1.0 + std::cos(std::numbers::pi * std::clamp(x, 0.0, 1.0)));
}

/// The schedule's factor after the warm-up; x is the share of the steps after it.
double factor_at(const optimiser_spec& spec, double x, double epoch) {
  switch (spec.schedule) {
    case schedule_kind::constant:
      return 1.0;
    case schedule_kind::step:
      return std::pow(spec.step_factor, std::floor(epoch / spec.step_every));
    case schedule_kind::cosine:
    case schedule_kind::one_cycle:
      return half_cosine(x, spec.final_rate);
  }
  return 1.0;
}

}  // namespace

double learning_rate_at(const optimiser_spec& spec, std::uint64_t step, std::uint64_t total_steps,
                        std::uint64_t steps_per_epoch) {
  const bool one_cycle = spec.schedule == schedule_kind::one_cycle;
  const double share = one_cycle && spec.warmup == 0.0 ? 0.3 : spec.warmup;
  const double rise = share * static_cast<double>(total_steps), at = static_cast<double>(step);
  if (at < rise) {
    return spec.learning_rate * (at + 1.0) / std::ceil(rise);
  }
  const double rest = std::max(1.0, static_cast<double>(total_steps) - rise);
  const double epoch = at / static_cast<double>(std::max<std::uint64_t>(steps_per_epoch, 1));
  return spec.learning_rate * factor_at(spec, (at - rise) / rest, epoch);
}

}  // namespace backspike
