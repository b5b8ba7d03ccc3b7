#pragma once
// A network that runs a step at a time, without learning and without an end: for what comes in as it comes, and for
// loops in which the network's output decides its next input.

#include <backspike/core/arena.hpp>
#include <backspike/core/events.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

class stream {
 public:
  /// Network and parameters must outlive it. Parameters are read here: a stream does not see later changes. Throws
  /// value_error: a network with delays.
  stream(const network& net, const arena<float>& parameters);
  ~stream();

  /// Runs one step. Returns the output of the last layer, [outputs], valid until the next call. Nothing is allocated.
  /// Throws value_error (a channel that does not exist) and shape_error; the stream is then as before the call.
  std::span<const float> step(const event_row& input);
  std::span<const float> step(std::span<const float> input);  // [inputs]

  /// Neurons at rest.
  void reset_state();

  std::size_t inputs() const;
  std::uint64_t steps() const;  // since the last reset_state()

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// The next `points` of a series by the network alone: shows it the last points, as many as it has inputs, for
/// series.steps steps from rest, corrects the linear prediction of the next point by its last output, and so on. Throws
/// value_error (fewer known points than inputs, a network of more than one output) and shape_error (coefficients).
std::vector<double> roll_out(stream& network, const series_continuation& series, std::size_t points);

}  // namespace backspike
