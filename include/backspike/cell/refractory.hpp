#pragma once
// A spiking cell that is refractory after its spikes: one template around every cell, so that no cell knows of it and
// those without a refractory period run as they are.
//
//   n = round(refractory / dt)                                                          [steps]
//   r_{t-1} = 0:  the cell's own step;  r_t = n where its membrane reaches the threshold, else 0
//   r_{t-1} > 0:  s_t = 0,  v_t = v_{t-1},  r_t = r_{t-1} - 1
//
// The membrane is held where the reset has left it, and what would have moved it is lost; the other states, synaptic
// currents and adaptation, go on. So a neuron that spikes in step t spikes again in step t + n + 1 at the earliest
// (as NEST's iaf models and norse's LIFRefracCell do; Gerstner et al., Neuronal Dynamics, 1.3). While it is refractory
// its spike has no derivative, and that of v_t by v_{t-1} is 1. The countdown has none: it is constant but where a
// membrane lies on its threshold. In smooth mode, too, it starts where the membrane reaches the threshold.

#include <backspike/cell/members.hpp>
#include <backspike/cell/receptors/receptor.hpp>
#include <backspike/cell/surrogate.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace backspike {

/// The spike of a cell that may be refractory: below every threshold while it is, and what `apply_reset` holds then.
template <class S, class Spike>
struct refractory_spike {
  using mask = decltype(std::declval<S>() > std::declval<S>());
  const Spike& of_cell;
  mask is_free;
  S held;         // the membrane before the step
  mask* reached;  // the membrane reached its threshold

  S operator()(const S& u) const {
    const S seen = select(is_free, u, constant<S>(-most_surrogate));  // so far below that compact surrogates are 0
    *reached = seen >= constant<S>(0.0);
    return select(is_free, of_cell(seen), constant<S>(0.0));
  }
};

template <class Cell>
struct refractory : detail::receptors_of<Cell> {
  static_assert(Cell::spiking);
  static constexpr std::string_view name = Cell::name;
  static constexpr std::string_view meaning = Cell::meaning;
  static constexpr bool spiking = true;
  static constexpr bool rare = true;  // fewer of its loops are compiled for one choice alone
  static constexpr auto& fields = Cell::fields;

  static constexpr std::size_t own_states = Cell::states.size();
  static constexpr auto states = [] {
    std::array<std::string_view, own_states + 1> names{"refractory"};
    for (std::size_t k = 0; k < own_states; ++k) {
      names[k + 1] = Cell::states[k];
    }
    return names;
  }();

  template <class S>
  struct state {
    S left;  // [steps] that it stays refractory
    typename Cell::template state<S> own;
  };
  template <class S>
  using parameters = typename Cell::template parameters<S>;
  template <class S>
  using constants = typename Cell::template constants<S>;

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    return Cell::template prepare<S>(p, dt);
  }

  template <class S, class Constants, class Spike>
  requires requires(typename Cell::template state<S>& own, const Constants& c, const cell_input<Cell, S>& current,
                    const Spike& spike) {
    Cell::step(own, c, current, spike);
  }
  static S step(state<S>& x, const Constants& c, const cell_input<Cell, S>& current, const Spike& spike) {
    using gated = refractory_spike<S, Spike>;
    const S zero = constant<S>(0.0), left = reset_path(x.left, true);
    typename gated::mask reached = left > left;
    const gated how{spike, !(left > zero), members<S>(x.own)[own_states - 1], &reached};
    const S s = Cell::step(x.own, c, current, how);
    x.left = select(how.is_free, select(reached, spike.template refractory_steps<S>(), zero), left - constant<S>(1.0));
    return s;
  }
};

}  // namespace backspike
