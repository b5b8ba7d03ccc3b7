// The matrices that bring the errors of outputs to hidden neurons: symmetric, random, or adaptive.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/gradient/eprop.hpp>

#include "gradient/rule/eprop/ways_forward.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace backspike {
namespace {

/// Root mean square of the weights into the outputs but those of their own loops; of outputs that start at zero, 1 /
/// sqrt(fan-in).
template <class S>
double readout_scale(const network& net, const arena<S>& parameters) {
  double squares = 0.0, count = 0.0;
  std::vector<std::size_t> into;  // connections, in the order in which currents add up
  for (const network_output& o : net.output_list()) {
    const auto& inputs = net.populations()[o.population].inputs;
    into.insert(into.end(), inputs.begin(), inputs.end());
  }
  for (const std::size_t k : into) {
    const connection& c = net.connections()[k];
    const auto w = parameters.view(c.weight);
    for (std::size_t r = 0; c.source != c.target && r < w.rows; ++r) {
      for (std::size_t j = 0; j < w.cols; ++j) {
        squares += static_cast<double>(w(r, j)) * static_cast<double>(w(r, j));
        count += 1.0;
      }
    }
  }
  return squares > 0.0 ? std::sqrt(squares / count)
                       : std::sqrt(static_cast<double>(net.outputs()) / std::max(count, 1.0));
}

/// Which way what arrives moves the membranes.
double effect_of(const network& net, const connection& c) {
  const auto receptors = net.populations()[c.target].cell->receptors;
  return receptors.empty() ? 1.0 : receptors[c.receptor].effect;
}

/// What goes to the outputs over one connection, to its target itself and by the products of that.
template <class S>
void add_products(const network& net, const arena<S>& parameters, const connection& c,
                  std::vector<std::vector<double>>& products) {
  const std::size_t outputs = net.outputs();
  const double effect = effect_of(net, c);
  const auto w = parameters.view(c.weight);
  each_synapse(c, [&](std::uint32_t i, const synapse& s) {
    double* row = products[c.source].data() + i * outputs;
    const double weight = static_cast<double>(w(s.row, s.column)) * s.factor * effect;
    for (const network_output& o : net.output_list()) {
      if (o.population == c.target) {
        row[o.first + s.target] += weight;
      }
    }
    for (std::size_t k = 0; k < outputs && !products[c.target].empty(); ++k) {
      row[k] += weight * products[c.target][s.target * outputs + k];
    }
  });
}

/// For every population that receives errors the sum, over all ways forward to the outputs, of the product of their
/// weights: [units][outputs]. The last one first, since each builds on those behind it.
template <class S>
void path_products(const network& net, const arena<S>& parameters, const std::vector<std::size_t>& first,
                   std::vector<std::vector<double>>& products) {
  products.resize(net.populations().size());
  for (std::size_t q = 0; q < products.size(); ++q) {
    products[q].assign(first[q + 1] - first[q], 0.0);
  }
  const auto order = net.order();
  for (std::size_t at = order.size(); at-- > 0;) {
    const auto behind = order.subspan(at + 1);
    for (const connection& c : net.connections()) {
      if (c.source == order[at] && !products[c.source].empty() && std::ranges::find(behind, c.target) != behind.end()) {
        add_products(net, parameters, c, products);
      }
    }
  }
}

/// Numbers may have been set that the specification does not know.
template <class S>
void require_one_low_pass(const network& net, const arena<S>& parameters) {
  const population* first = nullptr;
  for (const network_output& o : net.output_list()) {
    const population& p = net.populations()[o.population];
    for (std::size_t k = 0; first != nullptr && !p.cell->spiking && k < p.parameters.size(); ++k) {
      const double own = static_cast<double>(parameters.view(p.parameters[k])(0, 0));
      const double wanted = static_cast<double>(parameters.view(first->parameters[k])(0, 0));
      if (own != wanted) {
        throw value_error("eprop", net.parameters()[p.parameters[k]].name, std::to_string(own),
                          std::to_string(wanted) + ", that of " + first->spec.name +
                              ": all analog outputs are one low pass; bptt and rtrl take this network");
      }
    }
    first = first == nullptr && !p.cell->spiking ? &p : first;
  }
}

}  // namespace

eprop_feedback::eprop_feedback(const network& net, const eprop_options& options, const arena<float>& initial)
    : net_(&net), options_(options) {
  draw(initial);
}

eprop_feedback::eprop_feedback(const network& net, const eprop_options& options, const arena<double>& initial)
    : net_(&net), options_(options) {
  draw(initial);
}

template <class S>
void eprop_feedback::draw(const arena<S>& initial) {
  check_eprop(*net_, options_);
  first_.assign(1, 0);
  const auto ways = ways_forward(*net_);
  for (std::size_t q = 0; q < net_->populations().size(); ++q) {
    const std::size_t units = receives_errors(*net_, q, ways) ? net_->populations()[q].units : 0;
    first_.push_back(first_.back() + units * net_->outputs());
  }
  if (options_.feedback == feedback_kind::symmetric) {
    return;
  }
  offsets_.resize(first_.back());
  const double sigma = readout_scale(*net_, initial);
  std::vector<std::vector<double>> start;
  if (options_.feedback == feedback_kind::adaptive) {
    path_products(*net_, initial, first_, start);
  }
  for (std::size_t q = 0; q + 1 < first_.size(); ++q) {
    random_stream random(options_.seed, random_purpose::feedback, q);
    std::generate(offsets_.begin() + static_cast<std::ptrdiff_t>(first_[q]),
                  offsets_.begin() + static_cast<std::ptrdiff_t>(first_[q + 1]),
                  [&] { return sigma * random.normal(); });
    if (net_->populations()[q].is_output) {
      keep_ways(ways[q], std::span(offsets_).subspan(first_[q], first_[q + 1] - first_[q]));
    }
    for (std::size_t k = 0; !start.empty() && k < start[q].size(); ++k) {
      offsets_[first_[q] + k] -= start[q][k];
    }
  }
}

/// To an output come the errors of those behind it alone.
void eprop_feedback::keep_ways(const std::vector<bool>& ways, std::span<double> offsets) const {
  for (std::size_t k = 0; k < ways.size(); ++k) {
    const network_output& o = net_->output(k);
    for (std::size_t at = o.first; !ways[k] && at < offsets.size(); at += net_->outputs()) {
      std::fill_n(offsets.data() + at, o.units, 0.0);
    }
  }
}

void eprop_feedback::follow() {
  if (options_.feedback == feedback_kind::adaptive) {
    for (double& x : offsets_) {
      x *= 1.0 - options_.feedback_decay;
    }
  }
}

template <class S>
void eprop_feedback::write(const arena<S>& parameters, std::vector<std::vector<double>>& products,
                           std::vector<aligned_vector<S>>& to) const {
  require_one_low_pass(*net_, parameters);
  const std::size_t outputs = net_->outputs();
  to.resize(first_.size() - 1);
  if (options_.feedback != feedback_kind::random) {
    path_products(*net_, parameters, first_, products);
  }
  for (std::size_t q = 0; q + 1 < first_.size(); ++q) {
    const std::size_t width = net_->populations()[q].padded_units;
    const double* path = options_.feedback == feedback_kind::random ? nullptr : products[q].data();
    const double* offset = offsets_.empty() ? nullptr : offsets_.data() + first_[q];
    const bool receives = first_[q + 1] > first_[q];
    to[q].assign(receives ? outputs * width : 0, S(0));
    for (std::size_t n = 0; receives && n < net_->populations()[q].units; ++n) {
      for (std::size_t k = 0; k < outputs; ++k) {
        const std::size_t at = n * outputs + k;
        to[q][k * width + n] =
            static_cast<S>((path == nullptr ? 0.0 : path[at]) + (offset == nullptr ? 0.0 : offset[at]));
      }
    }
  }
}

template void eprop_feedback::write(const arena<float>&, std::vector<std::vector<double>>&,
                                    std::vector<aligned_vector<float>>&) const;
template void eprop_feedback::write(const arena<double>&, std::vector<std::vector<double>>&,
                                    std::vector<aligned_vector<double>>&) const;

}  // namespace backspike
