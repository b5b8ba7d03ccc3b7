// Integrates the Mackey-Glass equation with Runge-Kutta steps of fourth order. make_mackey_glass.cpp makes samples of
// the series.

#include <backspike/core/error.hpp>
#include <backspike/data/tasks/mackey_glass.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

constexpr double beta = 0.2, gamma = 0.1, past = 0.7206597;

double slope(double x, double delayed) { return beta * delayed / (1.0 + std::pow(delayed, 10)) - gamma * x; }

/// The solution on the grid of the integrator, with slopes, as far as it has come.
class solution {
 public:
  solution(double tau, double step) : tau_(tau), step_(step), x_{past}, slope_{slope(past, past)} {}

  std::size_t steps() const { return x_.size() - 1; }
  double last() const { return x_.back(); }

  void advance() {
    const double t = static_cast<double>(steps()) * step_, x = x_.back(), h = step_;
    const double here = at(t - tau_), middle = at(t + h / 2.0 - tau_), there = at(t + h - tau_);
    const double k1 = slope(x, here), k2 = slope(x + h / 2.0 * k1, middle), k3 = slope(x + h / 2.0 * k2, middle),
                 k4 = slope(x + h * k3, there);
    x_.push_back(x + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4));
    slope_.push_back(slope(x_.back(), there));
  }

  double at(double t) const {
    if (t <= 0.0) {
      return past;
    }
    const auto k = std::min(static_cast<std::size_t>(t / step_), steps() - 1);
    const double s = t / step_ - static_cast<double>(k), r = 1.0 - s;
    return (1.0 + 2.0 * s) * r * r * x_[k] + (3.0 - 2.0 * s) * s * s * x_[k + 1] +
           s * r * (r * slope_[k] - s * slope_[k + 1]) * step_;
  }

 private:
  double tau_, step_;
  std::vector<double> x_, slope_;
};

void require(const mackey_glass_grid& grid) {
  const auto refuse = [](const char* setting, double value, const std::string& accepted) {
    throw value_error("Mackey-Glass series", setting, short_number(value), accepted);
  };
  if (!(grid.tau > 0.0)) {
    refuse("tau", grid.tau, "above 0");
  }
  if (!(grid.interval > 0.0) || std::isinf(grid.interval)) {
    refuse("interval", grid.interval, "a finite number above 0");
  }
  if (!(grid.start >= 0.0) || std::isinf(grid.start)) {
    refuse("start", grid.start, "a finite number, at least 0");
  }
  if (grid.substeps == 0 || grid.interval / grid.substeps > grid.tau) {
    refuse("substeps", grid.substeps,
           "at least " + short_number(std::max(1.0, std::ceil(grid.interval / grid.tau))) +
               ", so that a step of the integrator is no longer than tau");
  }
}

}  // namespace

std::vector<double> mackey_glass_series(const mackey_glass_grid& grid, std::size_t points) {
  require(grid);
  const double step = grid.interval / grid.substeps;
  solution x(grid.tau, step);
  std::vector<double> series;
  for (std::size_t k = 0; k < points; ++k) {
    const double t = grid.start + static_cast<double>(k) * grid.interval;
    while (static_cast<double>(x.steps()) * step < t || x.steps() == 0) {
      x.advance();
    }
    series.push_back(x.at(t));
  }
  return series;
}

}  // namespace backspike
