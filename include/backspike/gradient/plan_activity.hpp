#pragma once
// Which losses on numbers of spikes a network and its objective ask for, put together once (objective/activity.hpp has
// the losses).

#include <backspike/network/network.hpp>
#include <backspike/objective/activity.hpp>
#include <backspike/objective/objective_spec.hpp>

namespace backspike {

/// What layers and objective ask of the number of spikes. Throws value_error if the budget of synaptic operations is
/// not positive, its weight negative, or no neuron's spike reaches a synapse; what is asked of a layer the network has
/// checked.
activity_plan plan_activity(const network& net, const objective_spec& objective);

}  // namespace backspike
