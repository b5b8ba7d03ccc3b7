#pragma once
// The cases of bench/cases.json, which bench/peers/cases.py reads too, and what one of them trains on. Input and
// weights are drawn here, not those of the Python side, but have its shapes, densities and scales.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike::bench {

struct training_case {
  std::string name;
  std::vector<std::uint32_t> sizes;  // inputs, hidden layers, outputs; the outputs are leaky integrators
  std::string stack;  // of convolutions and pools between them: "16C5-P2" is 16 channels of 5 by 5, a pool
  std::vector<std::uint32_t> grid;  // of the inputs, where there is a stack
  std::uint32_t batch = 1, steps = 1;
  double density = 0.0;  // share of input places that are 1; 0: Gaussian noise everywhere
  std::string cell = "lif";
  std::string surrogate = "fast_sigmoid";  // or triangle
  bool recurrent = false;
  bool once = false;        // each channel fires once at most, `density` is the share that does
  std::uint32_t every = 0;  // steps between checkpoints; 0: none
  std::uint32_t delay = 0;  // [steps] largest delay of the synapses, each of which learns its own; 0: there are none
  double width = 0.5;       // [steps] of the kernel around a delay
  std::string arithmetic = "fused";  // [rule] arithmetic
  std::size_t threads = 2;
  bool online = false, learns = false;  // one step of a stream at a time, with or without e-prop
  bool memory = false;                  // what matters is its peak: one repetition
  bool by_default = true;

  double neuron_steps() const;  // of hidden neurons, in one training step
};

/// Throws std::runtime_error if the file is not there or not as it should be.
std::vector<training_case> read_cases();

network_spec network_of(const training_case& c);
/// One batch.
dataset data_of(const training_case& c);
/// Weights such that hidden neurons fire in a few percent of the steps; cells at their specification.
arena<float> parameters_of(const training_case& c, const network& net);
rule_spec rule_of(const training_case& c);

}  // namespace backspike::bench
