#pragma once
// What a layer's activity must fulfil; the network and the experiment file refuse with the same words.

#include <backspike/objective/activity_spec.hpp>

#include <optional>
#include <string>

namespace backspike {

struct activity_problem {
  std::string key;  // of activity_spec
  double value = 0.0;
  std::string unit, accepted;
};

/// The first thing that is wrong with it in a layer that spikes at most `fastest` times a second, or not at all.
std::optional<activity_problem> find_problem(const activity_spec& spec, bool spiking, double fastest);

}  // namespace backspike
