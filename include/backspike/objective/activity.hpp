#pragma once
// Losses on the number of spikes of one sample. With n_j the spikes of neuron j (smooth mode: the sum of its outputs),
// N neurons in its layer and r_j = 1000 n_j / (steps dt) its rate [Hz], a layer costs
//
//   l1 sum_j n_j  +  l2 sum_j n_j^2  +  1/N sum_j ( lower_weight  max(0, lower - r_j)^2
//                                               + upper_weight  max(0, r_j - upper)^2
//                                               + target_weight (r_j - target)^2 )
//
// and the network, with f_j the synapses that neuron j reaches and O = sum_j f_j n_j its synaptic operations,
//
//   weight max(0, O / budget - 1)^2
//
// (Neftci, Mostafa & Zenke 2019, IEEE Signal Processing Magazine 36(6):51, l1 and l2; Zenke & Vogels 2021, Neural
// Computation 33:899, bounds; Sorbaro et al. 2020, Frontiers in Neuroscience 14:662, synaptic operations, there held
// at the budget from both sides). The derivative with respect to n_j is that of every spike of the neuron: one
// number for the whole sample. A sample without steps costs nothing.

#include <backspike/objective/activity_spec.hpp>
#include <backspike/scalar/scalar.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace backspike {

/// What is asked of a network; <backspike/gradient/plan_activity.hpp> makes it. Empty: nothing.
struct activity_plan {
  struct layer {
    activity_spec spec;
    std::vector<double> fan_out;  // [units] synapses that a spike reaches; empty: none

    bool reaches() const {
      return std::any_of(fan_out.begin(), fan_out.end(), [](double f) { return f != 0.0; });
    }
    double fan_out_of(std::size_t neuron) const { return fan_out.empty() ? 0.0 : fan_out[neuron]; }
  };
  std::vector<layer> layers;  // [populations]
  synaptic_operations_spec operations;
  double dt = 1.0;  // [ms]

  /// True if spikes of the population have a price.
  bool reads(std::size_t q) const {
    return q < layers.size() && (is_active(layers[q].spec) || (operations.weight != 0.0 && layers[q].reaches()));
  }
  bool any() const {
    for (std::size_t q = 0; q < layers.size(); ++q) {
      if (reads(q)) {
        return true;
      }
    }
    return false;
  }
};

/// Spikes of each neuron of each population, [populations][units]; empty where the plan does not read.
template <class Count>
using spike_counts = std::vector<std::vector<Count>>;

/// What a loss on counts is computed in: double for whole numbers.
template <class Count>
using activity_scalar = std::conditional_t<std::is_integral_v<Count>, double, Count>;

namespace detail {

template <class S>
S excess(const S& x) {
  return plain(x) > 0.0 ? x : constant<S>(0.0);
}

/// Distances of a neuron's rate [Hz] to what is asked.
template <class S>
struct rate_distances {
  S under, over, off;
  rate_distances(const activity_spec& a, const S& rate)
      : under(excess(constant<S>(a.lower) - rate)),
        over(excess(rate - constant<S>(a.upper))),
        off(rate - constant<S>(a.target)) {}
};

/// The cost of n spikes; `hertz`: the rate of one spike, `share`: 1 / N.
template <class S>
S neuron_cost(const activity_spec& a, const S& n, double hertz, double share) {
  const rate_distances<S> d(a, n * constant<S>(hertz));
  return (constant<S>(a.l1) + constant<S>(a.l2) * n) * n +
         constant<S>(share) *
             (constant<S>(a.lower_weight) * d.under * d.under + constant<S>(a.upper_weight) * d.over * d.over +
              constant<S>(a.target_weight) * d.off * d.off);
}

/// Its derivative with respect to n.
template <class S>
S neuron_price(const activity_spec& a, const S& n, double hertz, double share) {
  const rate_distances<S> d(a, n * constant<S>(hertz));
  return constant<S>(a.l1) + constant<S>(2.0 * a.l2) * n +
         constant<S>(2.0 * share * hertz) *
             (constant<S>(a.upper_weight) * d.over - constant<S>(a.lower_weight) * d.under +
              constant<S>(a.target_weight) * d.off);
}

/// Synaptic operations past the budget, as a share of it.
template <class Count>
activity_scalar<Count> operations_excess(const activity_plan& p, const spike_counts<Count>& counts) {
  using S = activity_scalar<Count>;
  S operations = constant<S>(0.0);
  for (std::size_t q = 0; q < p.layers.size() && p.operations.weight != 0.0; ++q) {
    for (std::size_t n = 0; p.reads(q) && n < counts[q].size(); ++n) {
      operations = operations + constant<S>(p.layers[q].fan_out_of(n)) * static_cast<S>(counts[q][n]);
    }
  }
  return excess(operations * constant<S>(1.0 / p.operations.budget) - constant<S>(1.0));
}

inline double hertz_of_a_spike(const activity_plan& p, std::size_t steps) {
  return 1000.0 / (static_cast<double>(steps) * p.dt);
}

}  // namespace detail

/// The loss of one sample of so many steps.
template <class Count>
activity_scalar<Count> activity_cost(const activity_plan& p, const spike_counts<Count>& counts, std::size_t steps) {
  using S = activity_scalar<Count>;
  S sum = constant<S>(0.0);
  for (std::size_t q = 0; q < p.layers.size() && steps > 0; ++q) {
    const std::size_t units = p.reads(q) ? counts[q].size() : 0;
    for (std::size_t n = 0; n < units; ++n) {
      sum = sum + detail::neuron_cost(p.layers[q].spec, static_cast<S>(counts[q][n]),
                                      detail::hertz_of_a_spike(p, steps), 1.0 / static_cast<double>(units));
    }
  }
  const S excess = detail::operations_excess(p, counts);
  return sum + constant<S>(p.operations.weight) * excess * excess;
}

/// Calls f(population, neuron, price) for every neuron that the plan reads; price: the derivative of activity_cost with
/// respect to its number of spikes, and so the error on its output in every step.
template <class Count, class F>
void activity_prices(const activity_plan& p, const spike_counts<Count>& counts, std::size_t steps, const F& f) {
  using S = activity_scalar<Count>;
  const S operation =
      constant<S>(2.0 * p.operations.weight / p.operations.budget) * detail::operations_excess(p, counts);
  for (std::size_t q = 0; q < p.layers.size() && steps > 0; ++q) {
    const std::size_t units = p.reads(q) ? counts[q].size() : 0;
    for (std::size_t n = 0; n < units; ++n) {
      f(q, n,
        constant<S>(p.layers[q].fan_out_of(n)) * operation +
            detail::neuron_price(p.layers[q].spec, static_cast<S>(counts[q][n]), detail::hertz_of_a_spike(p, steps),
                                 1.0 / static_cast<double>(units)));
    }
  }
}

}  // namespace backspike
