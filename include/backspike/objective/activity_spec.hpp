#pragma once
// What a loss may ask of the number of spikes. The equations are those of objective/activity.hpp.

namespace backspike {

/// Of one layer, in one sample. Every term has a weight of its own; 0: it is not there.
struct activity_spec {
  double l1 = 0.0;             // for every spike
  double l2 = 0.0;             // for the square of every neuron's number of spikes
  double lower = 1.0;          // [Hz] rate below which a neuron costs
  double lower_weight = 0.0;   // for the square of what is missing [1 / Hz^2]
  double upper = 100.0;        // [Hz] rate above which a neuron costs
  double upper_weight = 0.0;   // for the square of what is too much [1 / Hz^2]
  double target = 10.0;        // [Hz] rate to be at
  double target_weight = 0.0;  // for the square of the distance [1 / Hz^2]
  bool operator==(const activity_spec&) const = default;
};

/// Of the network, in one sample: additions that the spikes of its neurons cause, one for each synapse they reach.
struct synaptic_operations_spec {
  double budget = 1e6;  // operations from which on they cost
  double weight = 0.0;  // for the square of the excess, as a share of the budget; 0: no budget
  bool operator==(const synaptic_operations_spec&) const = default;
};

/// True if the terms of a layer cost anything.
constexpr bool is_active(const activity_spec& a) {
  return a.l1 != 0.0 || a.l2 != 0.0 || a.lower_weight != 0.0 || a.upper_weight != 0.0 || a.target_weight != 0.0;
}

/// True if the price of a spike does not depend on how many there are: it is known before the sample is over.
constexpr bool is_constant_price(const activity_spec& a) {
  return a.l2 == 0.0 && a.lower_weight == 0.0 && a.upper_weight == 0.0 && a.target_weight == 0.0;
}

}  // namespace backspike
