// Traces of what arrives and of what is sent, and what their pairs come to.

#include "online/actor_critic/pair_stdp.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {

void check_pair_stdp(const network& net) {
  for (const connection& c : net.connections()) {
    const bool timed = c.has_delays() || c.base_delay > 1;
    if (timed && net.populations()[c.target].cell->spiking) {
      throw value_error("stdp", c.name, "a connection with delays", "one of at most 1 step; actor_critic takes delays");
    }
  }
}

template <class S>
pair_stdp<S>::pair_stdp(const network& net, double tau, double depression)
    : net_(net),
      kept_(static_cast<float>(std::exp(-net.spec().dt / tau))),
      depression_(static_cast<float>(depression)),
      populations_(net.populations().size()) {
  for (const connection& c : net.connections()) {
    if (net.populations()[c.target].cell->spiking) {
      pairs_.push_back({&c, std::vector<float>(c.source_units), std::vector<float>(c.source_units)});
    }
  }
  for (std::size_t q = 0; q < populations_.size(); ++q) {
    populations_[q].y.resize(net.populations()[q].units);
    populations_[q].sent.resize(net.populations()[q].units);
  }
}

template <class S>
void pair_stdp<S>::start() {
  for (pair& p : pairs_) {
    std::ranges::fill(p.x, 0.0F);
  }
  for (target& t : populations_) {
    std::ranges::fill(t.y, 0.0F);
    std::ranges::fill(t.sent, 0.0F);
  }
}

template <class S>
void pair_stdp<S>::arrive(pair& p, const eprop_pass<S>& pass, std::span<const float> input) {
  const connection& c = *p.of;
  if (c.comes_from_input()) {
    for (std::size_t channel = 0; channel < input.size(); ++channel) {
      if (const auto source = c.source_of(channel)) {
        p.now[*source] = input[channel];
      }
    }
  } else if (c.base_delay > 0) {
    p.now = populations_[c.source].sent;
  } else {
    std::transform(pass.outputs(c.source), pass.outputs(c.source) + c.source_units, p.now.begin(),
                   [](S x) { return static_cast<float>(x); });
  }
  for (std::size_t i = 0; i < p.x.size(); ++i) {
    p.x[i] = kept_ * p.x[i] + p.now[i];
  }
}

template <class S>
void pair_stdp<S>::add(const pair& p, const S* spikes, arena<S>& into) const {
  const auto weight = into.view(p.of->weight);
  const std::vector<float>& y = populations_[p.of->target].y;
  for (std::size_t i = 0; i < p.x.size(); ++i) {
    const float grows = p.x[i], shrinks = depression_ * p.now[i] * kept_;
    each_synapse(*p.of, i, [&](const synapse& s) {
      weight(s.row, s.column) -= spikes[s.target] * static_cast<S>(grows) - static_cast<S>(shrinks * y[s.target]);
    });
  }
}

template <class S>
void pair_stdp<S>::step(const eprop_pass<S>& pass, std::span<const float> input, arena<S>& into) {
  for (pair& p : pairs_) {
    arrive(p, pass, input);
    add(p, pass.outputs(p.of->target), into);
  }
  for (std::size_t q = 0; q < populations_.size(); ++q) {
    target& t = populations_[q];
    for (std::size_t j = 0; j < t.y.size(); ++j) {
      t.sent[j] = static_cast<float>(pass.outputs(q)[j]);
      t.y[j] = kept_ * t.y[j] + t.sent[j];
    }
  }
}

template class pair_stdp<float>;
template class pair_stdp<double>;

}  // namespace backspike
