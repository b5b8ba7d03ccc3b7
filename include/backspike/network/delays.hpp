#pragma once
// What training and deployment do to the delays of a network, all of them at once.

#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace backspike {

/// True if any connection has delays.
bool has_delays(const network& net);

/// The width of a schedule in epoch `epoch` (from 0) of `epochs` [steps]: `from` in the first, `to` from the epoch on
/// that ends the schedule's share of them.
double delay_width_at(const delay_width_spec& spec, std::size_t epoch, std::size_t epochs);

/// True if some schedule has not reached its end in epoch `epoch` (from 0).
bool is_annealing(const network& net, std::size_t epoch, std::size_t epochs);

/// Sets every width that follows a schedule to its value in an epoch.
void anneal_delays(const network& net, arena<float>& parameters, std::size_t epoch, std::size_t epochs);

/// Delays become the integers next to them, widths 0: what a deployed network with one ring buffer does.
void round_delays(const network& net, arena<float>& parameters);

/// Draws the initial delays from `seed` and sets the widths that training starts with.
void initialise_delays(const network& net, arena<float>& parameters, std::uint64_t seed);

/// Throws value_error naming the first width of a kernel that is below least_delay_width: what the rounding of delays
/// leaves behind runs, and cannot be learned. Other ranges are require_in_range's (core/arena.hpp).
void require_learnable_widths(const network& net, const arena<float>& parameters);

/// Throws value_error unless the network has no delays; `operation` is what cannot take them, `instead` what can.
void refuse_delays(const network& net, const std::string& operation, const std::string& instead);

/// Throws value_error naming the first connection whose largest delay no sample of up to `longest` steps can show.
void check_delays_fit(const network& net, std::size_t longest);

}  // namespace backspike
