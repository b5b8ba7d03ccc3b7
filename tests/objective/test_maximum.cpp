// The maximum over time and the steps that the input has not reached, on traces written by hand.

#include <backspike/gradient/reach.hpp>
#include <backspike/objective/sample_objective.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t steps = 5, classes = 2;

/// Output 0 is 0 before the input comes in step 2 and below 0 ever after; output 1 rises above 0.
const std::vector<double> trace{0.0, 0.0, 0.0, 0.0, -0.4, 0.5, -0.2, 0.9, -0.3, 0.7};

struct outcome {
  sample_loss<double> loss;
  std::vector<double> error;
};

/// Read in pieces of so many steps, each with what its spikes tell.
outcome run(std::span<const std::size_t> first, std::size_t piece, std::span<const float> weights = {}) {
  objective_spec spec;
  spec.readout = readout_kind::max;
  sample_objective<double> objective;
  objective.begin(spec, {0, {}, {}, weights}, steps, classes);
  for (std::size_t t = 0; t < steps; t += piece) {
    const std::size_t n = std::min(piece, steps - t);
    std::vector<std::size_t> told(first.begin(), first.end());
    for (std::size_t& f : told) {
      f = f < t + n ? f : never_reached;  // later spikes have not come yet
    }
    objective.read(t, {trace.data() + t * classes, n, classes, classes}, told);
  }
  outcome o{objective.finish(), std::vector<double>(steps * classes)};
  objective.error(0, {trace.data(), steps, classes, classes}, 1.0, {o.error.data(), steps, classes, classes});
  return o;
}

double loss_of(double z0, double z1) { return std::log(std::exp(z0) + std::exp(z1)) - z0; }

TEST(MaximumOverTime, LeavesOutStepsBeforeTheInput) {
  const std::size_t first[] = {2, 2};
  for (std::size_t piece = 1; piece <= steps; ++piece) {
    SCOPED_TRACE(piece);
    const outcome o = run(first, piece);
    EXPECT_NEAR(o.loss.value, loss_of(-0.2, 0.9), 1e-12);
    const double p1 = std::exp(0.9) / (std::exp(-0.2) + std::exp(0.9));
    for (std::size_t t = 0; t < steps; ++t) {
      EXPECT_NEAR(o.error[t * classes], t == 3 ? -p1 : 0.0, 1e-12) << "not in step 0, where no weight acts";
      EXPECT_NEAR(o.error[t * classes + 1], t == 3 ? p1 : 0.0, 1e-12);
    }
  }
}

TEST(MaximumOverTime, IsThatOfEveryStepWhereAllAreReachedOrNone) {
  EXPECT_NEAR(run({}, 2).loss.value, loss_of(0.0, 0.9), 1e-12);
  const std::size_t at_once[] = {0, 0}, never[] = {never_reached, never_reached};
  EXPECT_NEAR(run(at_once, 2).loss.value, loss_of(0.0, 0.9), 1e-12);
  EXPECT_NEAR(run(never, 2).loss.value, loss_of(0.0, 0.9), 1e-12);
}

TEST(MaximumOverTime, WaitsForEachOutputAlone) {
  const std::size_t first[] = {4, 0};
  EXPECT_NEAR(run(first, 1).loss.value, loss_of(-0.3, 0.9), 1e-12);
}

TEST(MaximumOverTime, CountsNoStepWithoutWeight) {
  const std::size_t first[] = {2, 2};
  const float some[] = {1, 1, 1, 0, 1}, before[] = {1, 1, 0, 0, 0};
  EXPECT_NEAR(run(first, 2, some).loss.value, loss_of(-0.3, 0.7), 1e-12);
  EXPECT_NEAR(run(first, 2, before).loss.value, loss_of(0.0, 0.0), 1e-12) << "no step that counts is reached";
}

}  // namespace
}  // namespace backspike
