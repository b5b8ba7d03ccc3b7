#pragma once
// How parameters start: weights from the data, everything else from the specification.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>

namespace backspike {

/// Draws weights from `seed` and sets biases to 0; every other parameter stays as it is. Fluctuation-driven
/// (Rossbroich, Gygax & Zenke 2022, eq. 9): zero mean, variance such that the free membrane's standard deviation is
/// init_sigma * v_th under the input's measured rate. Layer by layer: the rate of each layer is measured on a few
/// samples of `data` before the next one is drawn, so that every layer fires from the first step. A layer of init
/// identity gets 1 from each neuron to that of the same number, 0 elsewhere. The analog readout of a regression (values
/// in the data and no labels) of init automatic is then scaled, output by output, to what the targets of some samples
/// are: near their mean, with 0.3 init_sigma of their deviation, so that training starts at about the loss of who
/// predicts the mean. Throws value_error for a parameter out of its range and for a membrane that input cannot move,
/// and what check_input throws.
void initialise_weights(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                        thread_pool& pool);

/// All initial parameters: those of cells and delays take their values from the specification, drawn from `seed` where
/// it gives a distribution; then initialise_weights.
void initialise(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                thread_pool& pool);

}  // namespace backspike
