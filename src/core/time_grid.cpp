// Finds the step of a time, and allows for the rounding that the time may have gone through; core/time_grid.hpp has the
// rule.

#include <backspike/core/time_grid.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

constexpr int kept_only = 16;                        // no more bits than this: nobody computes in such a type
constexpr double dividing = 4 * 0x1p-53;             // dt, the unit, their product with the time, and the division
constexpr int least_half = -13, least_float = -125;  // exponents (of frexp) below which the types lose digits

/// Half the distance between two neighbours of a type around `time`.
double half_unit(double time, int bits) {
  int exponent = 0;
  std::frexp(time, &exponent);
  return std::ldexp(0.5, std::max(exponent, bits == half_time ? least_half : least_float) - bits);
}

}  // namespace

time_grid::time_grid(double dt, double unit, int bits)
    : dt_(dt),
      unit_(unit),
      share_(dividing + (bits > kept_only ? std::ldexp(3.0, -bits) : 0.0)),
      kept_(bits > kept_only ? 0 : bits) {}

double time_grid::slack(double time, double place) const {
  const double rounding = kept_ == 0 ? 0.0 : half_unit(time, kept_) * unit_ / dt_;
  return std::min(0.5, rounding + share_ * std::fabs(place));
}

double time_grid::step_of(double time) const {
  const double place = time * unit_ / dt_;
  return std::floor(place + slack(time, place));
}

double time_grid::steps_until(double time) const {
  const double place = time * unit_ / dt_;
  return std::ceil(place - slack(time, place));
}

}  // namespace backspike
