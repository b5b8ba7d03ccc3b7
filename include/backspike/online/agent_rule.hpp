#pragma once
// The rules by which an agent learns.

#include <backspike/core/enum_names.hpp>

namespace backspike {

/// actor_critic  three factors: the traces of e-prop, those of decisions, and one broadcast error
/// a2c           the same decisions and errors, and backpropagation through the episode: what the rule stands in for
/// stdp          into spiking layers pairs of spikes alone, whatever is paid; into policy and value actor_critic
/// r_stdp        into spiking layers pairs of spikes, and that error as a third factor; the same readout
enum class agent_rule { actor_critic, a2c, stdp, r_stdp };
template <>
inline constexpr auto enum_names<agent_rule> = std::to_array<enum_name<agent_rule>>({
    {agent_rule::actor_critic, "actor_critic"},
    {agent_rule::a2c, "a2c"},
    {agent_rule::stdp, "stdp"},
    {agent_rule::r_stdp, "r_stdp"},
});

}  // namespace backspike
