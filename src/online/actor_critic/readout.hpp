#pragma once
// How the outputs of the network become those of the policy: as they are, or within a limit that a softmax can come
// back from.

#include "gradient/rule/eprop/eprop_pass.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <span>
#include <vector>

namespace backspike {

/// Parameters of outputs, and of connections that lead to them.
inline std::vector<std::size_t> readout_parameters(const network& net) {
  std::set<std::size_t> own;
  for (const population& p : net.populations()) {
    if (p.is_output) {
      own.insert(p.parameters.begin(), p.parameters.end());
      own.insert(p.bias);
    }
  }
  for (const connection& c : net.connections()) {
    if (net.populations()[c.target].is_output) {
      own.insert(c.weight);
    }
  }
  own.erase(no_parameter);
  return {own.begin(), own.end()};
}

/// The values of all outputs in the step that ran last, one output after the other.
template <class S>
void copy_outputs(const eprop_pass<S>& pass, const network& net, std::span<S> to) {
  for (const network_output& o : net.output_list()) {
    std::copy_n(pass.read(o), o.units, to.begin() + static_cast<std::ptrdiff_t>(o.first));
  }
}

/// limit tanh(y / limit) of all but the last, which is the value. limit 0: as they are.
template <class S>
void read_policy(std::span<const S> y, double limit, std::span<S> to) {
  for (std::size_t k = 0; k < y.size(); ++k) {
    const bool limited = limit > 0.0 && k + 1 < y.size();
    to[k] = limited ? static_cast<S>(limit * std::tanh(static_cast<double>(y[k]) / limit)) : y[k];
  }
}

/// Errors on what was read become those on the outputs.
template <class S>
void limit_slope(std::span<const S> read, double limit, std::span<S> error) {
  for (std::size_t k = 0; k < error.size() && limit > 0.0; ++k) {
    const double share = static_cast<double>(read[k]) / limit;
    error[k] *= static_cast<S>(1.0 - share * share);
  }
}

}  // namespace backspike
