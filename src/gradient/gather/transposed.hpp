#pragma once
// error on a source's output += W * error on the currents that it reached. Two ways: a dot product for each neuron
// inside the surrogate's support, or one product with the transposed weights for all neurons and several steps.

#include "gradient/engine/pass.hpp"

namespace backspike {

/// One step of one sample.
struct transposed_step {
  float* out;                    // [source width]
  const float* error;            // [target width]
  const std::uint16_t* support;  // [source width / 16] bits of the neurons that the error matters for; null: all
};

/// All steps of one sample; rows lie one after another.
struct transposed_steps {
  float* out;
  const float* error;
  const std::uint16_t* support;
  std::size_t steps;
};

/// The matrix on whose transpose errors go back, and the population whose outputs they go to.
struct way_back {
  std::size_t source;
  std::size_t targets, target_width;
  matrix_view<const float> weight;  // [source units][target width]
  const panels* packed;             // its transpose
};

/// Of a connection to neurons.
way_back way_of(const pass& p, std::size_t connection);

class transposed_product {
 public:
  transposed_product(const pass& p, const way_back& way, worker_scratch& w);

  /// Steps whose product is to be dense wait for finish().
  void add(const transposed_step& step);
  void finish() { w_.rows.multiply(*p_.kernels, *way_.packed); }

  void over_time(const transposed_steps& all);

 private:
  void dot_tile(const transposed_steps& all, std::size_t tile);

  bool is_dense(const std::uint16_t* support) const;

  const pass& p_;
  way_back way_;
  worker_scratch& w_;
  const population& source_;
};

}  // namespace backspike
