// What all encoders of observations have in common: checks, the range of each number, and what is shown of a frame.

#include <backspike/environment/observation_encoder.hpp>

#include "environment/encoders/encoders.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace backspike {
namespace {

constexpr const char* operation = "observation_encoder";

/// What is not given follows from the space.
std::vector<double> ends(const std::vector<double>& given, const std::vector<double>& of_space, double otherwise,
                         const char* argument) {
  if (!given.empty() && given.size() != of_space.size()) {
    throw shape_error(operation, argument, "[" + std::to_string(given.size()) + "]",
                      "[" + std::to_string(of_space.size()) + "], one for each number of an observation");
  }
  std::vector<double> chosen = given.empty() ? of_space : given;
  std::ranges::replace_if(
      chosen, [](double x) { return !std::isfinite(x); }, otherwise);
  return chosen;
}

}  // namespace

observation_encoder::observation_encoder(observation_spec spec, const space& observations) : spec_(std::move(spec)) {
  if (observations.discrete()) {  // one channel for each choice would be a code of its own
    throw value_error(operation, "observations", text_of(observations), "a box of numbers");
  }
  spec_.low = ends(spec_.low, observations.low, -1.0, "low");
  spec_.high = ends(spec_.high, observations.high, 1.0, "high");
  for (std::size_t v = 0; v < spec_.low.size(); ++v) {
    if (!(spec_.low[v] < spec_.high[v])) {
      throw value_error(operation, "high of number " + std::to_string(v), std::to_string(spec_.high[v]),
                        "above low, which is " + std::to_string(spec_.low[v]));
    }
  }
  if (!std::isfinite(spec_.gain)) {
    throw value_error(operation, "gain", std::to_string(spec_.gain), "a finite number");
  }
  values_.resize(spec_.low.size());
  observations::with_encoder(spec_.code, [&](auto encoder) {
    encoder.check(spec_);
    channels_ = encoder.channels(spec_, values_.size());
    memory_.resize(encoder.remembers ? values_.size() : 0);
  });
  shown_.resize(channels_);
  start();
}

void observation_encoder::start() { std::ranges::fill(memory_, 0.0F); }

void observation_encoder::check(std::span<const float> observation) const {
  if (observation.size() != values_.size()) {
    throw shape_error(operation, "observation", "[" + std::to_string(observation.size()) + "]",
                      "[" + std::to_string(values_.size()) + "]");
  }
  for (std::size_t v = 0; v < observation.size(); ++v) {
    if (!std::isfinite(observation[v])) {
      throw value_error(operation, "observation, number " + std::to_string(v), std::to_string(observation[v]),
                        "a finite number");
    }
  }
}

void observation_encoder::see(std::span<const float> observation) {
  check(observation);
  for (std::size_t v = 0; v < observation.size(); ++v) {
    values_[v] = (static_cast<double>(observation[v]) - spec_.low[v]) / (spec_.high[v] - spec_.low[v]);
  }
  observations::with_encoder(spec_.code, [&](auto encoder) { encoder.see(spec_, values_, memory_, shown_); });
}

void observation_encoder::write(std::uint32_t step, random_stream& draws, std::span<float> input) const {
  observations::with_encoder(spec_.code, [&](auto encoder) { encoder.write(spec_, shown_, step, draws, input); });
}

}  // namespace backspike
