#pragma once
// Derivatives along a direction v in the space of all parameters, exact through nested dual numbers on the dense path:
//
//   J v        d y_t / d theta * v, of every output at every step
//   H v        d (grad L) / d theta * v, of the mean loss over a batch
//   mixed      the part of H between two groups of parameters, for example weights and what a chip makes of time
//              constants and thresholds: how much the gradient of the first moves if the second is off
//
// In smooth mode these are the derivatives of what the network computes. In hard mode the spike's derivative is the
// surrogate, and its second derivative that of the surrogate. A direction goes through every reset, detached or not:
// detaching is a property of one gradient step (dual_role), a direction changes the network itself.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// Some parameters of a layout, by their index, ascending.
using parameter_set = std::vector<std::size_t>;

/// The parameters whose name matches one of the patterns; `*` stands for any text, `?` for one character. Throws
/// value_error, listing the names there are, if a pattern matches none.
parameter_set find_parameters(const parameter_layout& layout, std::span<const std::string> patterns);

/// One sample's readout and its derivative along the direction.
struct output_change {
  std::size_t steps = 0;
  std::vector<double> value, along;  // [steps][outputs]
};

/// J v for every sample of the batch. Throws shape_error if the channels do not fit the network.
std::vector<output_change> jacobian_vector(const network& net, const arena<double>& parameters,
                                           const arena<double>& direction, batch_view batch, spike_mode mode);

/// H v: overwrites `product` with the derivative of the gradient of the mean loss. Throws as dense_gradient does.
void hessian_vector(const network& net, const objective_spec& objective, const arena<double>& parameters,
                    const arena<double>& direction, batch_view batch, spike_mode mode, arena<double>& product);

/// The same between two groups: the derivative of the gradient of `of` along `direction` in `along`. What `direction`
/// holds for other parameters is left out, and so is what they would receive: it stays zero in `product`.
void mixed_derivative(const network& net, const objective_spec& objective, const arena<double>& parameters,
                      const parameter_set& along, const arena<double>& direction, const parameter_set& of,
                      batch_view batch, spike_mode mode, arena<double>& product);

/// Second derivatives between every number of `of` (rows) and every number of `along` (columns).
struct mixed_matrix {
  std::vector<std::string> rows, columns;  // "hidden1.weight(2, 0)"
  std::vector<double> values;              // [rows][columns]
};

/// One backward pass of the dense path for each column: for small groups.
mixed_matrix mixed_derivatives(const network& net, const objective_spec& objective, const arena<double>& parameters,
                               const parameter_set& along, const parameter_set& of, batch_view batch, spike_mode mode);

}  // namespace backspike
