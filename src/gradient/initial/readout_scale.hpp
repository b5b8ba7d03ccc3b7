#pragma once
// Where the readout of a regression starts: near the mean of the targets, at a share of their deviation.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>

namespace backspike {

/// The deviation of a fresh readout, as a share of the targets': small beside it, so that the first loss is near the
/// targets' variance, and not so small that hardly any error comes to the layers before.
inline constexpr double readout_share = 0.3;

/// True if the initial weights of an output follow its targets: an analog cell of init `auto`, and targets that are
/// values and no classes.
bool follows_targets(const network& net, const network_output& output, const dataset& data);

/// Scales the drawn weights of a layer that is an output, neuron by neuron, and adds to bias or weights what brings the
/// output near the mean of the targets. Output k is linear in its weights: with a_t what the drawn ones give, and c_t
/// what a constant gives (the bias 1; without one the weights r_j / sum r^2, r_j the rate of neuron j, whose current is
/// 1 on average), it becomes
///
///   y_t = beta c_t + g a_t,  beta = <c, target> / <c, c>,  g = readout_share * init_sigma * d / rms(a)
///
/// d being the root mean square of target - beta c: all sums over some samples of the data and the steps that count,
/// with their weights. An output that has no input yet, or only targets of 0, keeps the drawn weights.
void scale_readout(const network& net, const network_output& output, arena<float>& parameters, const dataset& data,
                   thread_pool& pool);

}  // namespace backspike
