#pragma once
// How far a smooth trial is from the places where its loss has no second derivative. There a finite difference that
// straddles the kink is wrong by the jump times the step, whatever its order.

#include "gradient/trial.hpp"

#include <backspike/cell/adex.hpp>
#include <backspike/cell/members.hpp>
#include <backspike/cell/receptors/conductance_lif.hpp>
#include <backspike/cell/tsodyks_markram.hpp>
#include <backspike/gradient/dense.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace backspike::testing {

/// Distance of u to the nearest kink of the surrogate: at 0 where it bends, and at the ends of a compact one.
inline double kink_distance(const surrogate_spec& s, double u) {
  return with_surrogate(s.kind, [&](auto surrogate) {
    double nearest = std::numeric_limits<double>::infinity();
    nearest = decltype(surrogate)::bends ? std::fabs(u) : nearest;
    return decltype(surrogate)::compact ? std::min(nearest, std::fabs(std::fabs(u) - s.width)) : nearest;
  });
}

/// Distance of u to the nearest kink of a layer's spikes: of its surrogate, and where a refractory period begins.
inline double kink_distance(const layer_spec& layer, double u) {
  const double nearest = kink_distance(layer.surrogate, u);
  return layer.refractory > 0.0 ? std::min(nearest, std::fabs(u)) : nearest;
}

/// Distance of a current to where it uses up no more, or nothing, in `tsodyks_markram`; where it rests at an end, as
/// what compact surrogates say of no spike, it does not move.
inline double cut_distance(double current) {
  const double nearest = std::min(std::fabs(current), std::fabs(current - 1.0));
  return nearest == 0.0 ? std::numeric_limits<double>::infinity() : nearest;
}

/// Distance of the conductances of `conductance_lif` to zero, below which they count as none; where nothing has arrived
/// they do not move.
inline double shut_distance(const cell_info& cell, const double* state) {
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < cell.states.size(); ++k) {
    const bool conductance = cell.states[k] == "g_e" || cell.states[k] == "g_i";
    nearest = conductance && state[k] != 0.0 ? std::min(nearest, std::fabs(state[k])) : nearest;
  }
  return nearest;
}

/// Distance of the state before a step to where a cell bends: the exponential of `adex`, conductances.
inline double kink_distance(const cell_info& cell, const double* state, const double* constants) {
  if (cell.name == conductance_lif::name) {
    return shut_distance(cell, state);
  }
  if (cell.name != adex::name) {
    return std::numeric_limits<double>::infinity();
  }
  adex::constants<double> c;
  std::copy_n(constants, cell.constants, members<double>(c));
  return std::fabs(state[cell.states.size() - 1] - c.v_rh - adex::steepest / c.sharpness);
}

/// Smallest |f(u)| over all spiking neurons and steps of one sample, u being the distance to threshold; and how near
/// other cells come to their kinks.
template <class F>
double smallest_over_membranes(const dense_model<double>& m, const dense_sample<double>& x, const F& f) {
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t q = 0; q < x.populations.size(); ++q) {
    const cell_info& cell = *m.at(q).cell;
    if (cell.name == tsodyks_markram::name) {
      for (const double current : x.populations[q].current) {
        smallest = std::min(smallest, cut_distance(current));
      }
    }
    for (std::size_t at = 0; cell.spiking && at < x.steps * m.at(q).units; ++at) {
      std::vector<double> state(cell.states.size());
      std::copy_n(x.populations[q].before.data() + at * state.size(), state.size(), state.data());
      const double* constants = m.constants[q].data() + at % m.at(q).units * cell.constants;
      const double bend = kink_distance(cell, state.data(), constants);
      const double u = cell.exact->distance(state.data(), constants,
                                            x.populations[q].current.data() + at * cell.inputs(), m.spike_of(q));
      smallest = std::min({smallest, f(m.at(q).spec, u), bend});
    }
  }
  return smallest;
}

/// Gap between the two largest values of every class over time: where the maximum moves from one step to another.
inline double readout_gap(const trial& t, const dense_sample<double>& x) {
  double gap = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < t.net.output_list().size(); ++k) {
    const network_output& o = t.net.output(k);
    for (std::size_t c = 0; c < o.units && t.objective.of(k).readout == readout_kind::max; ++c) {
      std::vector<double> trace;
      for (std::size_t s = 0; s < x.steps; ++s) {
        trace.push_back(x.read(o)(s, c));
      }
      std::ranges::sort(trace);
      gap = trace.size() < 2 ? gap : std::min(gap, trace.back() - trace[trace.size() - 2]);
    }
  }
  return gap;
}

inline double kink_distance(const trial& t) {
  const dense_model<double> m(t.net, t.parameters, spike_mode::smooth);
  double smallest = std::numeric_limits<double>::infinity();
  for (const std::uint32_t s : t.samples) {
    const dense_sample<double> x = dense_forward(m, t.data, s, t.draws);
    const double membranes =
        smallest_over_membranes(m, x, [](const layer_spec& layer, double u) { return kink_distance(layer, u); });
    smallest = std::min({smallest, membranes, readout_gap(t, x)});
  }
  return smallest;
}

/// The first trial, counting seeds up from the plan's, that keeps a distance of 30 stencil steps of 1e-4: three steps
/// either way, with room for an input of several spikes. Null if there is none among a thousand.
inline std::unique_ptr<trial> away_from_kinks(trial_plan plan) {
  for (int tries = 0; tries < 1000; ++tries, ++plan.seed) {
    auto t = std::make_unique<trial>(plan);
    if (kink_distance(*t) > 3e-3) {
      return t;
    }
  }
  return nullptr;
}

}  // namespace backspike::testing
