// What all samples share in e-prop, made from the network once and from the parameters after every update.

#include "gradient/rule/eprop/eprop_model.hpp"

#include "gradient/rule/eprop/feedback_memory.hpp"

#include <backspike/core/random.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

std::vector<trace_block> blocks_of(const network& net) {
  std::vector<trace_block> blocks;
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const population& p = net.populations()[q];
    if (p.bias != no_parameter) {
      blocks.push_back({trace_block::bias, q, p.bias, 1, 0, true, no_parameter,
                        p.bias_columns == p.units ? no_parameter : trace_block::bias});
    }
    for (const std::size_t k : p.inputs) {
      const connection& c = net.connections()[k];
      blocks.push_back({c.source, q, c.weight, c.source_units, c.base_delay, net.parameters()[c.weight].learnable,
                        c.has_delays() ? k : no_parameter, c.is_matrix() ? no_parameter : k,
                        c.masked ? k : no_parameter, c.first_source, c.receptor});
    }
  }
  return blocks;
}

/// Whether A and b look the same whatever the neuron does: its Jacobian at states all around the threshold. A guess
/// that decides how memory is laid out; every step checks it.
bool looks_common(const network& net, const population& p) {
  for (const std::size_t i : p.parameters) {
    if (net.parameters()[i].cols != 1) {
      return false;
    }
  }
  const std::size_t states = p.cell->states.size(), inputs = p.inlets(), columns = p.cell->columns();
  std::vector<double> in, c(p.cell->constants), x(states), current(inputs), first, jacobian((states + 1) * columns);
  for (const field& f : p.cell->parameters) {
    in.push_back(p.spec.parameters.at(std::string(f.name)).value);
  }
  p.cell->exact->prepare(in.data(), net.spec().dt, c.data());
  const spike_function spike = spike_of(p, spike_mode::hard);
  random_stream random(1, random_purpose::feedback, 1u << 20);
  constexpr int tries = 64;
  for (int n = 0; n < tries; ++n) {
    std::ranges::generate(x, [&] { return 2.0 * random.normal(); });
    std::ranges::generate(current, [&] { return random.normal(); });
    p.cell->exact->jacobian(x.data(), c.data(), current.data(), spike, jacobian.data());
    first = n == 0 ? jacobian : first;
    for (std::size_t r = 0; r < states; ++r) {
      if (!std::equal(first.begin() + static_cast<std::ptrdiff_t>(r * columns),
                      first.begin() + static_cast<std::ptrdiff_t>(r * columns + states + inputs),
                      jacobian.begin() + static_cast<std::ptrdiff_t>(r * columns))) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

template <class S>
eprop_model<S>::eprop_model(const network& n, const eprop_options& options, const arena<S>* p, spike_mode m)
    : net(&n),
      mode(m),
      parameters(p),
      blocks(blocks_of(n)),
      kernels(n.connections().size()),
      rates(holds_of(n, options)),
      rate_window(options.rate_window / n.spec().dt),
      slots(1) {
  for (const connection& c : n.connections()) {
    slots = std::max(slots, c.base_delay + 1);
  }
  for (const population& layer : n.populations()) {
    common.push_back(looks_common(n, layer));
  }
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    kernels[k].of = &n.connections()[k];
  }
}

template <class S>
eprop_model<S>::eprop_model(const network& n, const eprop_options& options, const arena<S>& p, spike_mode m)
    : eprop_model(n, options, &p, m) {
  memory_plan take = memory_plan::take();
  plan_constants(take);
}

template <class S>
eprop_model<S>::eprop_model(memory_plan& m, const network& n, const eprop_options& options)
    : eprop_model(n, options, nullptr, spike_mode::hard) {
  plan_constants(m);
  plan_feedback(m, n, options.feedback, products_, feedback);
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    if (n.connections()[k].has_delays()) {
      kernels[k].plan(m, n);
    }
  }
}

template <class S>
void eprop_model<S>::plan_constants(memory_plan& m) {
  m.sets(constants, net->populations().size());
  for (std::size_t q = 0; q < constants.size(); ++q) {
    m.exactly(constants[q], at(q).cell->constants * at(q).padded_units);
  }
}

template <class S>
void eprop_model<S>::refresh(const eprop_feedback& from, bool all) {
  refresh_network(all);
  from.write(*parameters, products_, feedback);
}

template <class S>
void eprop_model<S>::refresh_network(bool all) {
  for (std::size_t q = 0; q < constants.size(); ++q) {
    if (all || at(q).learns_constants) {
      prepare_constants(at(q), *parameters, net->spec().dt, memory_, std::span<S>(constants[q]));
    }
  }
  for (std::size_t k = 0; k < kernels.size() && all; ++k) {
    if (net->connections()[k].has_delays()) {
      kernels[k].read(*parameters);
    }
  }
}

template <class S>
void eprop_model<S>::pull_back(std::size_t q, const S* error_constants, neuron_numbers& memory,
                               arena<S>& gradient) const {
  const population& p = at(q);
  pull_back_constants(p, *parameters, net->spec().dt, error_constants, memory,
                      [&](std::size_t k, std::size_t column, double value) {
                        if (net->parameters()[p.parameters[k]].learnable) {
                          gradient.view(p.parameters[k])(0, column) += static_cast<S>(value);
                        }
                      });
}

template struct eprop_model<float>;
template struct eprop_model<double>;

}  // namespace backspike
