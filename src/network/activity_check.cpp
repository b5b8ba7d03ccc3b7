// Checks what a layer asks of its number of spikes: weights, bounds, rates that a neuron can reach.

#include "network/activity_check.hpp"

#include "core/short_number.hpp"

#include <cmath>

namespace backspike {
namespace {

struct named_value {
  const char* key;
  double activity_spec::*member;
  const char* unit;
};

constexpr named_value all[] = {{"l1", &activity_spec::l1, ""},
                               {"l2", &activity_spec::l2, ""},
                               {"lower_weight", &activity_spec::lower_weight, "1/Hz^2"},
                               {"upper_weight", &activity_spec::upper_weight, "1/Hz^2"},
                               {"target_weight", &activity_spec::target_weight, "1/Hz^2"},
                               {"lower", &activity_spec::lower, "Hz"},
                               {"upper", &activity_spec::upper, "Hz"},
                               {"target", &activity_spec::target, "Hz"}};

std::optional<activity_problem> range_problem(const activity_spec& s) {
  for (const auto& [key, member, unit] : all) {
    if (!(s.*member >= 0.0) || std::isinf(s.*member)) {
      return activity_problem{key, s.*member, unit, "a number, 0 or more"};
    }
  }
  return std::nullopt;
}

std::optional<activity_problem> analog_problem(const activity_spec& s) {
  for (const auto& [key, member, unit] : all) {
    if (unit != std::string("Hz") && s.*member != 0.0) {
      return activity_problem{key, s.*member, unit, "0 in a layer whose cell does not spike"};
    }
  }
  return std::nullopt;
}

std::optional<activity_problem> rate_problem(const activity_spec& s, double fastest) {
  const std::string reachable = "at most " + short_number(fastest) + " Hz, a spike in every step";
  if (s.lower_weight != 0.0 && s.lower > fastest) {
    return activity_problem{"lower", s.lower, "Hz", reachable};
  }
  if (s.target_weight != 0.0 && s.target > fastest) {
    return activity_problem{"target", s.target, "Hz", reachable};
  }
  if (s.lower_weight != 0.0 && s.upper_weight != 0.0 && s.lower > s.upper) {
    return activity_problem{"lower", s.lower, "Hz", "at most upper, " + short_number(s.upper) + " Hz"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<activity_problem> find_problem(const activity_spec& s, bool spiking, double fastest) {
  if (auto problem = range_problem(s)) {
    return problem;
  }
  return spiking ? rate_problem(s, fastest) : analog_problem(s);
}

}  // namespace backspike
