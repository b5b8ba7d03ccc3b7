#pragma once
// A batch that has run forward, keeps its whole trajectory and waits for the error on its outputs: a network as one
// node of somebody else's graph, or under a loss that the library does not know.

#include <backspike/core/arena.hpp>
#include <backspike/core/events.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

class unrolled {
 public:
  /// The network and the pool must outlive it.
  unrolled(const network& net, thread_pool& pool);
  ~unrolled();

  /// Runs the picked samples of `data` and returns the trace of the outputs: [rows][outputs], the steps of one sample
  /// after another, the values of one output (network_output::first) after another. Dropout and noise are those that
  /// the batch draws. `backward`: keeps what the way back needs, and needs `data` and `parameters` until then. Only
  /// inputs and channels of the data are looked at. Throws shape_error (channels), value_error (no sample, an index
  /// that does not exist), numeric_error naming layer and time step if anything is not finite.
  std::span<const float> forward(const arena<float>& parameters, batch_view batch, bool backward);

  /// Adds dL/dparameters to `gradient`, given error = dL/doutputs [rows][outputs], and, unless it is empty, writes
  /// dL/dinput to `error_input` [rows][inputs], also where no event was. Once for each forward(): it uses up what was
  /// kept (value_error). Throws shape_error, and numeric_error if the gradient is not finite.
  void backward(std::span<const float> error, arena<float>& gradient, std::span<float> error_input = {});

  /// The same without dL/dparameters.
  void backward(std::span<const float> error, std::span<float> error_input);

  std::size_t rows() const;
  /// First row of each sample, and the number of rows: [samples + 1].
  std::span<const std::size_t> first_row() const;

  /// After forward(..., true): spikes of a population in one sample of the batch, a row a step; none for analog cells.
  const events& spikes(std::size_t population, std::size_t sample) const;
  /// After forward(..., true) and before backward(): a state variable, by the order of the cell's states, after every
  /// step: [steps][units].
  std::vector<float> state(std::size_t population, std::size_t sample, std::size_t variable) const;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace backspike
