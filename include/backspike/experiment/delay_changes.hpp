#pragma once
// What training did to the delays of a network: how many synapses had which delay before and after, how far each moved,
// and how wide the kernel around them was in every epoch.

#include <backspike/core/arena.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>
#include <backspike/report/report.hpp>

#include <memory>
#include <string>
#include <vector>

namespace backspike {

/// One entry for each connection with delays. The bins of the delays are whole delays, or as many of them together as
/// it takes for at most 64 bins; those of the distances have the same width, and 0 is in the middle of one.
std::vector<delay_change> delay_changes(const network& net, const arena<float>& before, const arena<float>& after);

/// The width of every kernel that has one, its mean where each delay has its own.
std::vector<delay_width> delay_widths(const network& net, const arena<float>& parameters);

/// The delays that a run began with, if its checkpoint_initial.h5 lies beside `path`, a checkpoint or a run directory;
/// else none. Throws as load_trained does.
std::unique_ptr<arena<float>> initial_parameters(const std::string& path, const network& net);

}  // namespace backspike
