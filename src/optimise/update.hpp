#pragma once
// What one update does to the numbers of a parameter: one set of formulas for the optimiser, which spreads its work
// over a pool of threads, and for streams, which take a few rows at a time on one. Nothing here allocates.

#include <backspike/core/arena.hpp>
#include <backspike/optimise/optimiser_spec.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backspike {

struct update {
  optimiser_kind kind;
  float rate, momentum, beta1, beta2, epsilon, scale;  // scale: what clipping leaves of the gradient
  float correction1, correction2;                      // 1 / (1 - beta^t)
  float gradient_decay, value_decay;                   // L2 added to the gradient; decoupled
};

/// The update number `steps`, from 1, without a rate.
update update_of(const optimiser_spec& spec, std::uint64_t steps, double scale);

/// The same for one parameter and its rate: weight decay is for weights only.
update update_of(update common, const optimiser_spec& spec, const parameter_info& p, double rate);

/// Where the numbers of a parameter begin in each arena.
struct numbers {
  float *value, *gradient, *first, *second;
  numbers operator+(std::size_t n) const { return {value + n, gradient + n, first + n, second + n}; }
};

/// Whole lanes of a parameter that moves as it is, without regard to its range.
void apply(const update& u, std::size_t n, const numbers& at);

/// Numbers of a parameter that moves through its transform, without padding.
void apply_through(const parameter_info& p, const update& u, std::size_t n, const numbers& at);

/// By parameter what its rate is multiplied by; 0 where nothing is to change. Throws value_error for a group that
/// matches no learned parameter.
std::vector<double> rate_factors(const optimiser_spec& spec, const parameter_layout& layout);

}  // namespace backspike
