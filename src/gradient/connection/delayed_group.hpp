#pragma once
// Windows of up to eight samples whose errors go back through delays together: the same step of all of them is one
// small vector, so that nothing has to be shifted whatever the delays are, and a tap that was fetched serves them all.

#include "gradient/engine/workspace.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

struct pass;

/// A worker's; sample s of those that go together has lane s. What lanes without a sample hold is not looked at.
struct delayed_group {
  std::vector<aligned_vector<float>> lines;  // [inlets] [units][stride] errors on currents: [steps][8]
  aligned_vector<float> out;                 // [sources][steps of a block][8]
  std::size_t rows = 0, stride = 0;          // steps of a line; floats of one

  /// Whether errors on the currents of an inlet go back from here.
  bool takes(std::size_t inlet) const { return !lines[inlet].empty(); }
};

/// Room for windows of this length; with_input: errors on the network's input are asked for, too.
void plan_group(memory_plan& m, delayed_group& g, const network& net, const carry_layout& carry, std::size_t steps,
                bool with_input);

/// Errors on currents of the sample of one lane, and behind its window those that the later one left.
struct delayed_sender {
  const float* errors = nullptr;  // [steps][width of the target]
  std::size_t steps = 0;
  const float* later = nullptr;  // [later_steps][width]
  std::size_t later_steps = 0;
};

/// For inlets that a group takes. Writes what lies behind the windows; copies the errors of some steps.
void start_group(const pass& p, std::size_t inlet, std::span<const delayed_sender> from, delayed_group& g);
void write_group(const pass& p, std::size_t inlet, std::span<const delayed_sender> from, std::size_t first,
                 std::size_t count, delayed_group& g);

/// Where the errors on the outputs of a source go, of the sample of one lane.
struct delayed_receiver {
  float* error_output = nullptr;  // [steps][width of the source]; of the input [steps][inputs]
  std::size_t steps = 0;
};

/// Adds the errors on the outputs of connection k's source, of all steps or of step t.
void send_back_delayed(const pass& p, std::size_t k, std::span<const delayed_receiver> to, delayed_group& g);
void send_back_delayed(const pass& p, std::size_t k, std::span<const delayed_receiver> to, delayed_group& g,
                       std::size_t t);

}  // namespace backspike
