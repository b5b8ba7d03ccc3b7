#include "gradient/bits.hpp"
#include "gradient/pass.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// One window of a sample on its way back: last block first, last step first.
class window_backward {
 public:
  window_backward(const pass& p, chunk& c, std::size_t i, std::size_t loss_begin, bool hands_on, worker_scratch& w)
      : p_(p),
        c_(c),
        i_(i),
        w_(w),
        steps_(c.ranges[i].steps()),
        skipped_(loss_begin - c.ranges[i].begin),
        hands_on_(hands_on),
        has_later_(hands_on && c.ranges[i].end < c.length(i)) {}

  void run() {
    for (std::size_t q = 0; q < w_.populations.size(); ++q) {
      start_error(q);
    }
    for (std::size_t b = p_.net->blocks().size(); b-- > 0;) {
      const block& here = p_.net->blocks()[b];
      here.recurrent ? step_by_step(here) : whole_range(here.populations.front());
      send_to_sources(here);
    }
    if (hands_on_) {
      leave_errors();
    }
  }

 private:
  const population& at(std::size_t q) const { return p_.net->populations()[q]; }
  float* current(std::size_t q, std::size_t t) const {
    return c_.current[q].data() + (c_.first_row[i_] + t) * at(q).width;
  }
  float* error_output(std::size_t q, std::size_t t) const {
    return w_.populations[q].error_output.data() + t * at(q).width;
  }

  /// Hidden spikes start with the price of a spike; the last population has the objective's error already.
  void start_error(std::size_t q) {
    auto& error_state = w_.populations[q].error_state;
    const std::size_t floats = at(q).cell->states.size() * at(q).width;
    if (has_later_) {
      std::copy_n(c_.slots[i_].carried_state.data() + p_.carry->state[q], floats, error_state.begin());
    } else {
      std::fill_n(error_state.begin(), floats, 0.0f);
    }
    if (q + 1 < w_.populations.size()) {
      const float price = static_cast<float>(p_.objective->rate_penalty * p_.sample_weight);
      std::fill_n(error_output(q, 0), steps_ * at(q).width, 0.0f);
      for (std::size_t t = skipped_; t < steps_ && price != 0.0f; ++t) {
        std::fill_n(error_output(q, t), at(q).units, price);
      }
    }
  }

  /// For the window before: the errors on the states before this one and on the currents of its first step.
  void leave_errors() {
    sample_slot& slot = c_.slots[i_];
    for (std::size_t q = 0; q < w_.populations.size(); ++q) {
      std::copy_n(w_.populations[q].error_state.begin(), at(q).cell->states.size() * at(q).width,
                  slot.carried_state.data() + p_.carry->state[q]);
      if (p_.carry->width[q] != carry_layout::none) {
        std::copy_n(current(q, 0), at(q).width, slot.carried_current.data() + p_.carry->width[q]);
      }
    }
  }

  cell_adjoint adjoint_of(std::size_t q, std::size_t t, std::size_t steps) const {
    population_scratch& s = w_.populations[q];
    cell_adjoint a;
    a.steps = steps;
    a.width = at(q).width;
    a.constants = p_.constants[q].data();
    a.trajectory = s.trajectory.data() + t * at(q).cell->states.size() * at(q).width;
    a.error_output = error_output(q, t);
    a.error_state = s.error_state.data();
    a.current = current(q, t);
    a.error_constants = at(q).learns_constants ? c_.slots[i_].error_constants[q].data() : nullptr;
    a.spike = p_.spike_of(q);
    return a;
  }

  void whole_range(std::size_t q) { p_.kernels->of(*at(q).cell).backward(adjoint_of(q, 0, steps_)); }

  void step_by_step(const block& b) {
    for (std::size_t t = steps_; t-- > 0;) {
      for (std::size_t k = 0; k < p_.net->connections().size(); ++k) {
        const connection& c = p_.net->connections()[k];
        const bool inside = std::ranges::find(b.populations, c.source) != b.populations.end();
        if (inside && c.delay == 1 && t + 1 < steps_) {
          add_transposed(k, t, current(c.target, t + 1));
        } else if (inside && c.delay == 1 && has_later_) {
          add_transposed(k, t, c_.slots[i_].carried_current.data() + p_.carry->width[c.target]);
        }
      }
      for (const std::size_t q : b.populations) {
        p_.kernels->of(*at(q).cell).backward(adjoint_of(q, t, 1));
      }
    }
  }

  void send_to_sources(const block& b) {
    for (std::size_t k = 0; k < p_.net->connections().size(); ++k) {
      const connection& c = p_.net->connections()[k];
      const bool arrives = std::ranges::find(b.populations, c.target) != b.populations.end();
      if (arrives && c.delay == 0 && c.source != network_input) {
        for (std::size_t t = 0; t < steps_; ++t) {
          add_transposed(k, t, current(c.target, t));
        }
      }
    }
  }

  /// error_output[source, t] += W * error on the current that it reached. With compact support only the neurons inside
  /// it are asked for; otherwise the product is dense and runs over rows of the transposed weights.
  void add_transposed(std::size_t k, std::size_t t, const float* error) {
    const connection& c = p_.net->connections()[k];
    const population& source = at(c.source);
    if (has_compact_support(source.spec.surrogate.kind)) {
      const auto weight = p_.parameters->view(c.weight);
      std::uint32_t* ids = w_.populations[c.source].active.data();
      const std::uint16_t* words = w_.populations[c.source].support.data() + t * source.width / lanes;
      const std::size_t n = set_positions(words, source.units, ids);
      p_.kernels->dot({error_output(c.source, t), weight.data, weight.stride, at(c.target).width, ids, n, error});
    } else {
      p_.kernels->accumulate({error_output(c.source, t), p_.transposed[k].data(), source.width, source.width,
                              p_.identity.data(), error, at(c.target).units});
    }
  }

  const pass& p_;
  chunk& c_;
  std::size_t i_;
  worker_scratch& w_;
  std::size_t steps_;
  std::size_t skipped_;  // first steps of the window, whose own loss is not of this window
  bool hands_on_, has_later_;
};

}  // namespace

void backward_window(const pass& p, chunk& c, std::size_t i, std::size_t loss_begin, bool hands_on, worker_scratch& w) {
  window_backward(p, c, i, loss_begin, hands_on, w).run();
}

}  // namespace backspike
