// Lets a network continue a series alone: every prediction becomes part of its next input.

#include <backspike/online/roll_out.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/reading.hpp>
#include <backspike/online/online_learner.hpp>

#include <limits>
#include <numeric>
#include <span>
#include <string>

namespace backspike {
namespace {

void require_fit(const network& net, const series_continuation& series) {
  const std::size_t shown = net.spec().inputs;
  if (net.outputs() != 1) {
    throw value_error("roll_out", "outputs", std::to_string(net.outputs()), "1: the series has one value");
  }
  if (series.known.size() < shown) {
    throw value_error("roll_out", "known points", std::to_string(series.known.size()),
                      "at least " + std::to_string(shown) + ", one for each input channel");
  }
  if (series.linear.size() != shown + 1) {
    throw shape_error("roll_out", "linear", "[" + std::to_string(series.linear.size()) + "]",
                      "[" + std::to_string(shown + 1) + "], one for each input channel and a constant");
  }
  if (series.steps == 0) {
    throw value_error("roll_out", "steps", "0", "at least 1 step for each point");
  }
}

/// The output after some steps from rest with this input.
double answer(online_learner& stream, std::span<const float> input, std::uint32_t steps) {
  stream.reset_state();
  float output = 0.0F;
  for (std::uint32_t t = 0; t < steps; ++t) {
    output = stream.infer(input)[0];
  }
  return static_cast<double>(output);
}

}  // namespace

std::vector<double> roll_out(const network& net, const arena<float>& parameters, const series_continuation& series,
                             std::size_t points) {
  require_fit(net, series);
  const std::size_t shown = net.spec().inputs;
  online_options options;
  options.learns = false;
  online_learner stream(net, {}, parameters, options);
  std::vector<double> inputs;  // all points, standardised
  for (std::size_t c = series.known.size() - shown; c < series.known.size(); ++c) {
    inputs.push_back((series.known[c] - series.centre) / series.scale);
  }
  std::vector<double> predicted;
  for (std::size_t k = 0; k < points; ++k) {
    const auto last = std::span<const double>(inputs).last(shown);
    const std::vector<float> input(last.begin(), last.end());
    if (first_no_reading(input) < input.size()) {  // it has run away, and stays away
      predicted.resize(points, std::numeric_limits<double>::quiet_NaN());
      break;
    }
    const double linear = std::inner_product(last.begin(), last.end(), series.linear.begin(), series.linear.back());
    inputs.push_back(linear + series.correction * answer(stream, input, series.steps));
    predicted.push_back(series.centre + series.scale * inputs.back());
  }
  return predicted;
}

}  // namespace backspike
