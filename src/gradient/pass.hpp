#pragma once
// Forward and backward of one sample. A pass holds what all samples of a batch share: the network, its parameters, the
// cells' constants and the kernels of the processor.

#include "gradient/workspace.hpp"
#include "kernels/kernel_table.hpp"

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <vector>

namespace backspike {

struct pass {
  const network* net = nullptr;
  const objective_spec* objective = nullptr;
  const kernels::table* kernels = nullptr;
  const arena<float>* parameters = nullptr;
  std::vector<aligned_vector<float>> constants;   // [populations]
  std::vector<aligned_vector<float>> transposed;  // [connections] weights [target][source], where the product is dense
  std::vector<std::uint32_t> identity;            // 0, 1, 2, ...: "all rows"
  double sample_weight = 1.0;                     // 1 / samples of the batch

  spike_function spike_of(std::size_t population) const;
};

/// Derives constants and transposed weights from the parameters. Throws numeric_error if one is not finite.
void prepare_pass(pass& p, const network& net, const objective_spec& objective, const arena<float>& parameters,
                  std::size_t rows, bool backward);

/// Runs sample i of the chunk; fills its currents, spikes and, with `backward`, trajectories.
void forward_sample(const pass& p, chunk& c, std::size_t i, worker_scratch& w, bool backward);

/// Loss of sample i from the readout; with `backward` also the error on the last population's output.
void objective_sample(const pass& p, chunk& c, std::size_t i, worker_scratch& w, bool backward);

/// Turns the currents of sample i into the errors on them.
void backward_sample(const pass& p, chunk& c, std::size_t i, worker_scratch& w);

/// Adds the weight and bias gradients of a chunk whose samples have run backward, and the cell parameters'.
void gather_chunk(const pass& p, const chunk& c, thread_pool& pool, arena<float>& gradient);

/// Throws numeric_error naming the first layer and step of sample i that is not finite, if there is one. It looks at
/// the final states, which costs little: what is not finite once stays so under decay and reset.
void refuse_non_finite(const pass& p, const chunk& c, std::size_t i, const worker_scratch& w);

/// Throws numeric_error naming the first parameter that is not finite; `what` says what the values are of it.
void refuse_non_finite(const arena<float>& values, const char* what);

}  // namespace backspike
