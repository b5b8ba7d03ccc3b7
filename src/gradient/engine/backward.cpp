// Windows of several samples on their way back: last component first, last step first. Samples go together where they
// share a product: a recurrent population's errors are known one step at a time, and eight samples' steps make a
// matrix.

#include <backspike/core/interruption.hpp>

#include "gradient/engine/pass.hpp"
#include "gradient/gather/transposed.hpp"
#include "gradient/rule/eprop/broadcast.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace backspike {
namespace {

/// One window of a sample.
class window_backward {
 public:
  window_backward(const pass& p, in_flight_batch& c, const backward_item& item, bool carries_gradient)
      : p_(p),
        c_(c),
        i_(item.sample),
        w_(*item.scratch),
        steps_(c.ranges[item.sample].steps()),
        skipped_(item.loss_begin - c.ranges[item.sample].begin),
        carries_gradient_(carries_gradient),
        has_later_(carries_gradient && c.ranges[item.sample].end < c.length(item.sample)) {}

  std::size_t steps() const { return steps_; }
  worker_scratch& scratch() const { return w_; }

  void start() {
    if (p_.draws.enabled) {
      std::ranges::fill(w_.masked_error, 0.0f);
    }
    for (std::size_t q = 0; q < w_.populations.size(); ++q) {
      start_error(q);
    }
    for (std::size_t inlet = 0; inlet < c_.current.size(); ++inlet) {
      if (p_.carry->has_lines(inlet)) {
        start_lines(p_, c_, i_, inlet, has_later_);
      }
    }
  }

  void whole_range(std::size_t q) { run(q, 0, steps_); }
  void one_step(std::size_t q, std::size_t t) { run(q, t, 1); }

  delayed_sender sender(std::size_t inlet) const {
    const bool later = has_later_ && p_.carry->later[inlet] > 0;
    return {current(inlet, 0), steps_, later ? c_.slots[i_].carried_current.data() + p_.carry->width[inlet] : nullptr,
            later ? p_.carry->later[inlet] : 0};
  }
  delayed_receiver receiver(const connection& c) const { return {place(c, 0), steps_}; }

  /// The error on the currents that step t of the connection's source reached; null: none.
  const float* error_after(const connection& c, std::size_t t) const {
    const std::size_t reached = t + c.base_delay;
    if (reached < steps_) {
      return current(c.inlet, reached);
    }
    const std::size_t beyond = (reached - steps_) * at(c.target).padded_units;
    return has_later_ ? c_.slots[i_].carried_current.data() + p_.carry->width[c.inlet] + beyond : nullptr;
  }

  transposed_step step_of(const connection& c, std::size_t t, const float* error) const {
    return {place(c, t), error, support(c.source, t)};
  }

  /// After the errors of some steps have come back over a connection: what dropout leaves of them goes on.
  void settle(const connection& c, std::size_t first, std::size_t count) {
    if (p_.masks(c)) {
      settle(c.source, c_.slots[i_].draws.factors(c.index), first, count);
    }
  }

  /// Errors on the outputs of earlier components. All steps at once, but step by step where they reach beyond the
  /// window: the bits must not depend on where it ends.
  void send_back(std::size_t k) {
    const connection& c = p_.net->connections()[k];
    if (c.is_matrix() && c.base_delay == 0) {
      send_back(way_of(p_, k), current(c.inlet, 0), place(c, 0));
      settle(c, 0, steps_);
      return;
    }
    for (std::size_t t = steps_; t-- > 0;) {
      if (const float* error = error_after(c, t)) {
        send_back_step(k, t, error);
      }
    }
    settle(c, 0, steps_);
  }

  /// Errors on the output of step t, of a connection that no other sample shares a product with. They wait to settle.
  void send_back_step(std::size_t k, std::size_t t, const float* error) {
    const connection& c = p_.net->connections()[k];
    if (c.is_matrix()) {
      transposed_product product(p_, way_of(p_, k), w_);
      product.add(step_of(c, t, error));
      product.finish();
      return;
    }
    const float* weights = p_.parameters->view(c.weight).data;
    if (has_pools(c)) {  // to all of a place: neurons outside their support make nothing of it
      const double factor = c.synapses.patches.factor;
      const float weight = factor == 1.0 ? weights[0] : weights[0] * static_cast<float>(factor);
      p_.patches[k].send_back_pooled(*p_.patch_kernels, weight, error, place(c, t));
      return;
    }
    if (const std::uint16_t* inside = support(c.source, t)) {
      std::uint32_t* ids = w_.populations[c.source].active.data();
      const std::size_t n = p_.kernels->compact_spikes(inside, at(c.source).units, ids);
      has_patches(c) ? p_.patches[k].send_back(*p_.patch_kernels, weights, error, {ids, n}, place(c, t))
                     : p_.tables[k].send_back(weights, error, {ids, n}, place(c, t));
    } else {
      has_patches(c) ? p_.patches[k].send_back_to_all(*p_.patch_kernels, weights, error, place(c, t))
                     : p_.tables[k].send_back_to_all(weights, error, place(c, t));
    }
  }

  /// E-prop: by broadcast, then inside every neuron. An output that spikes has no low pass to filter its error; it gets
  /// the errors of outputs behind it after all before it had its own.
  void go_back_alone() {
    for (const network_output& o : p_.net->output_list()) {
      if (!at(o.population).cell->spiking) {
        whole_range(o.population);
      }
    }
    for (std::size_t q = 0; q < w_.populations.size(); ++q) {
      if (!at(q).is_output) {
        receive(q);
        whole_range(q);
      }
    }
    for (const std::size_t q : p_.net->order()) {
      if (at(q).is_output && at(q).cell->spiking) {
        receive(q);
        whole_range(q);
      }
    }
  }

  /// For the window before: the errors on the states before this one and on the currents of its first step.
  void leave_errors() {
    sample_slot& slot = c_.slots[i_];
    for (std::size_t q = 0; carries_gradient_ && q < w_.populations.size(); ++q) {
      std::copy_n(w_.populations[q].error_state.begin(), at(q).cell->states.size() * at(q).padded_units,
                  slot.carried_state.data() + p_.carry->state[q]);
    }
    for (std::size_t inlet = 0; carries_gradient_ && inlet < c_.current.size(); ++inlet) {
      leave_currents(inlet);
    }
  }

 private:
  /// What all outputs but itself broadcast to population q.
  void receive(std::size_t q) {
    if (!p_.signals->reaches(q)) {
      return;
    }
    const auto factors = c_.slots[i_].draws.factors_of_population(q);
    for (std::size_t k = 0; k < p_.net->output_list().size(); ++k) {
      const std::size_t from = p_.net->output(k).population;
      if (from != q) {
        send_back(p_.signals->to(p_, k, q),
                  at(from).cell->spiking ? error_output(from, 0) : current(at(from).first_inlet, 0),
                  factors.empty() ? error_output(q, 0) : waiting(q, 0));
      }
    }
    if (!factors.empty()) {
      settle(q, factors, 0, steps_);
    }
  }

  void send_back(const way_back& way, const float* errors, float* to) {
    transposed_product(p_, way, w_).over_time({to, errors, support(way.source, 0), steps_});
  }

  /// Where the errors on what population q has sent wait for dropout.
  float* waiting(std::size_t q, std::size_t t) const { return w_.masked_error.data() + t * at(q).padded_units; }

  /// Where the errors that come back over a connection go.
  float* place(const connection& c, std::size_t t) const {
    return p_.masks(c) ? waiting(c.source, t) : error_output(c.source, t);
  }

  void settle(std::size_t q, std::span<const float> factors, std::size_t first, std::size_t count) {
    for (std::size_t t = first; t < first + count; ++t) {
      float *from = waiting(q, t), *to = error_output(q, t);
      for (std::size_t n = 0; n < factors.size(); ++n) {
        to[n] += factors[n] * from[n];
      }
      std::fill_n(from, at(q).padded_units, 0.0f);
    }
  }

  /// Neurons that an error matters for; null: all.
  const std::uint16_t* support(std::size_t q, std::size_t t) const {
    return at(q).cell->spiking && has_compact_support(at(q).spec.surrogate.kind)
               ? w_.populations[q].support.data() + t * at(q).padded_units / lanes
               : nullptr;
  }

  void run(std::size_t q, std::size_t t, std::size_t steps) {
    if (at(q).shows_membrane) {
      run_with_membrane(q, t, steps);
    } else {
      p_.kernels->of(*at(q).cell).backward(adjoint_of(q, t, steps));
    }
    for (std::size_t inlet = at(q).first_inlet; inlet < at(q).first_inlet + at(q).inlets(); ++inlet) {
      if (p_.carry->has_lines(inlet)) {
        write_lines(p_, c_, i_, inlet, t, steps);
      }
    }
  }

  /// The error on the membrane after a step is one on a state, and joins those that come from the step behind it.
  void run_with_membrane(std::size_t q, std::size_t first, std::size_t steps) {
    population_scratch& s = w_.populations[q];
    const std::size_t width = at(q).padded_units;
    float* state = s.error_state.data() + at(q).cell->membrane() * width;
    for (std::size_t t = first + steps; t-- > first;) {
      const float* error = s.error_membrane.data() + t * width;
      std::transform(error, error + width, state, state, std::plus<>());
      p_.kernels->of(*at(q).cell).backward(adjoint_of(q, t, 1));
    }
  }

  /// The errors on as many of the first currents as the window before may reach; beyond a short window those that were
  /// left to it.
  void leave_currents(std::size_t inlet) {
    if (p_.carry->later[inlet] == 0) {
      return;  // it has no place there
    }
    const std::size_t width = width_of(inlet);
    float* to = c_.slots[i_].carried_current.data() + p_.carry->width[inlet];
    for (std::size_t t = p_.carry->later[inlet]; t-- > 0;) {
      if (t < steps_) {
        std::copy_n(current(inlet, t), width, to + t * width);
      } else if (has_later_) {
        std::copy_n(to + (t - steps_) * width, width, to + t * width);
      } else {
        std::fill_n(to + t * width, width, 0.0f);
      }
    }
  }

  const population& at(std::size_t q) const { return p_.net->populations()[q]; }
  std::size_t width_of(std::size_t inlet) const { return p_.net->target_of(p_.net->inlets()[inlet]).padded_units; }
  float* current(std::size_t inlet, std::size_t t) const {
    return c_.current[inlet].data() + (c_.first_row[i_] + t) * width_of(inlet);
  }
  float* error_output(std::size_t q, std::size_t t) const {
    return w_.populations[q].error_output.data() + t * at(q).padded_units;
  }

  /// Hidden spikes start with the price of a spike; an output has the objective's error already.
  void start_error(std::size_t q) {
    auto& error_state = w_.populations[q].error_state;
    const std::size_t floats = at(q).cell->states.size() * at(q).padded_units;
    if (has_later_) {
      std::copy_n(c_.slots[i_].carried_state.data() + p_.carry->state[q], floats, error_state.begin());
    } else {
      std::fill_n(error_state.begin(), floats, 0.0f);
    }
    if (!at(q).is_output) {
      const bool spiking = at(q).cell->spiking;
      const float price = spiking ? static_cast<float>(p_.objective->rate_penalty * p_.sample_weight) : 0.0f;
      std::fill_n(error_output(q, 0), steps_ * at(q).padded_units, 0.0f);
      for (std::size_t t = skipped_; t < steps_ && price != 0.0f; ++t) {
        std::fill_n(error_output(q, t), at(q).units, price);
      }
      add_prices(p_, c_.slots[i_], q, steps_ - skipped_, error_output(q, skipped_));
      if (p_.signals != nullptr) {
        p_.signals->rates.add_errors(p_, c_, i_, q, error_output(q, 0));
      }
    }
  }

  cell_adjoint adjoint_of(std::size_t q, std::size_t t, std::size_t steps) const {
    population_scratch& s = w_.populations[q];
    cell_adjoint a;
    a.steps = steps;
    a.width = at(q).padded_units;
    a.constants = p_.constants[q].data();
    a.trajectory = s.trajectory.data() + t * at(q).cell->states.size() * at(q).padded_units;
    a.error_output = error_output(q, t);
    a.error_state = s.error_state.data();
    for (std::size_t r = 0; r < at(q).inlets(); ++r) {
      a.current[r] = current(at(q).first_inlet + r, t);
    }
    a.error_constants = at(q).learns_constants ? c_.slots[i_].error_constants[q].data() : nullptr;
    a.spike = p_.spike_of(q);
    return a;
  }

  const pass& p_;
  in_flight_batch& c_;
  std::size_t i_;
  worker_scratch& w_;
  std::size_t steps_;
  std::size_t skipped_;  // first steps of the window, whose own loss is not of this window
  bool carries_gradient_, has_later_;
};

std::size_t longest(std::span<const window_backward> together) {
  std::size_t steps = 0;
  for (const window_backward& w : together) {
    steps = std::max(steps, w.steps());
  }
  return steps;
}

bool contains(const component& b, std::size_t population) {
  return std::ranges::find(b.populations, population) != b.populations.end();
}

/// A window's side of what goes back through delays, for each lane.
template <class Side>
class sides {
 public:
  template <class Of>
  sides(std::span<const window_backward> together, const Of& of) : count_(together.size()) {
    std::ranges::transform(together, of_.begin(), of);
  }
  operator std::span<const Side>() const { return std::span(of_).first(count_); }

 private:
  std::array<Side, most_together> of_;
  std::size_t count_;
};

sides<delayed_sender> senders(std::span<const window_backward> together, std::size_t inlet) {
  return {together, [inlet](const window_backward& w) { return w.sender(inlet); }};
}

sides<delayed_receiver> receivers(std::span<const window_backward> together, const connection& c) {
  return {together, [&c](const window_backward& w) { return w.receiver(c); }};
}

/// Of step t, where the window has it.
void settle(std::span<window_backward> together, const connection& c, std::size_t t) {
  for (window_backward& w : together) {
    if (t < w.steps()) {
      w.settle(c, t, 1);
    }
  }
}

/// What step t of population q has sent within its component: the errors that came back there.
void send_back_inner(const pass& p, std::size_t q, std::span<window_backward> together, delayed_group& group,
                     std::size_t t) {
  const auto connections = p.net->connections();
  for (std::size_t k = 0; k < connections.size(); ++k) {
    const connection& c = connections[k];
    if (!c.inner || c.source != q) {
      continue;
    }
    if (c.has_delays()) {
      send_back_delayed(p, k, receivers(together, c), group, t);
      settle(together, c, t);
      continue;
    }
    transposed_product product(p, way_of(p, k), together.front().scratch());
    for (window_backward& w : together) {
      const float* error = t < w.steps() ? w.error_after(c, t) : nullptr;
      if (error != nullptr && c.is_matrix()) {
        product.add(w.step_of(c, t, error));
      } else if (error != nullptr) {
        w.send_back_step(k, t, error);
      }
    }
    product.finish();
    settle(together, c, t);
  }
}

/// The errors on the currents of some steps of population q go to the lines of its inlets, where delays lead to them.
void write_groups(const pass& p, std::size_t q, std::span<const window_backward> together, std::size_t first,
                  std::size_t count, delayed_group& group) {
  const population& target = p.net->populations()[q];
  for (std::size_t inlet = target.first_inlet; inlet < target.first_inlet + target.inlets(); ++inlet) {
    if (group.takes(inlet)) {
      write_group(p, inlet, senders(together, inlet), first, count, group);
    }
  }
}

/// A recurrent component, its samples in step with each other; in a step the populations in the reverse of its order.
void step_by_step(const pass& p, const component& b, std::span<window_backward> together, delayed_group& group) {
  for (std::size_t t = longest(together); t-- > 0;) {
    check_interruption_at(t);
    for (std::size_t j = b.populations.size(); j-- > 0;) {
      const std::size_t q = b.populations[j];
      send_back_inner(p, q, together, group, t);
      for (window_backward& w : together) {
        if (t < w.steps()) {
          w.one_step(q, t);
        }
      }
      write_groups(p, q, together, t, 1, group);
    }
  }
}

/// From a component to the outputs of an earlier one.
bool goes_back_to_earlier(const connection& c, const component& from) {
  return !c.inner && !c.comes_from_input() && contains(from, c.target);
}

}  // namespace

void backward_windows(const pass& p, in_flight_batch& c, std::span<const backward_item> items, delayed_group& group,
                      bool carries_gradient) {
  if (items.empty()) {
    return;
  }
  std::vector<window_backward> together;
  together.reserve(items.size());
  for (const backward_item& item : items) {
    together.emplace_back(p, c, item, carries_gradient);
    together.back().start();
  }
  if (p.signals != nullptr) {
    for (window_backward& w : together) {
      w.go_back_alone();
      w.leave_errors();
    }
    return;
  }
  for (std::size_t inlet = 0; inlet < p.net->inlets().size(); ++inlet) {
    if (group.takes(inlet)) {
      start_group(p, inlet, senders(together, inlet), group);
    }
  }
  const std::size_t steps = longest(together);
  const auto connections = p.net->connections();
  for (std::size_t b = p.net->components().size(); b-- > 0;) {
    const component& here = p.net->components()[b];
    if (here.recurrent) {
      step_by_step(p, here, together, group);
    }
    for (window_backward& w : together) {
      if (!here.recurrent) {
        w.whole_range(here.populations.front());
      }
      for (std::size_t k = 0; k < connections.size(); ++k) {
        if (goes_back_to_earlier(connections[k], here) && !connections[k].has_delays()) {
          w.send_back(k);
        }
      }
    }
    if (!here.recurrent) {
      write_groups(p, here.populations.front(), together, 0, steps, group);
    }
    for (std::size_t k = 0; k < connections.size(); ++k) {
      if (goes_back_to_earlier(connections[k], here) && connections[k].has_delays()) {
        send_back_delayed(p, k, receivers(together, connections[k]), group);
        for (window_backward& w : together) {
          w.settle(connections[k], 0, w.steps());
        }
      }
    }
  }
  for (window_backward& w : together) {
    w.leave_errors();
  }
}

}  // namespace backspike
