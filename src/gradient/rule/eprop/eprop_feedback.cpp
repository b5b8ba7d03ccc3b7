// The matrices that bring the readout's error to hidden neurons: symmetric, random, or adaptive.

#include <backspike/core/random.hpp>
#include <backspike/gradient/eprop.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// Root mean square of the weights into the readout but those of its own loop; of a readout that starts at zero, 1 /
/// sqrt(fan-in).
template <class S>
double readout_scale(const network& net, const arena<S>& parameters) {
  double squares = 0.0, count = 0.0;
  for (const std::size_t k : net.populations()[net.output()].inputs) {
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

/// What goes to the readout over one connection, from the products of its target.
template <class S>
void add_products(const network& net, const arena<S>& parameters, const connection& c,
                  std::vector<std::vector<double>>& products) {
  const std::size_t outputs = net.outputs();
  const auto w = parameters.view(c.weight);
  each_synapse(c, [&](std::uint32_t i, const synapse& s) {
    double* row = products[c.source].data() + i * outputs;
    const double weight = static_cast<double>(w(s.row, s.column)) * s.factor;
    if (c.target == net.output()) {
      row[s.target] += weight;
      return;
    }
    for (std::size_t k = 0; k < outputs; ++k) {
      row[k] += weight * products[c.target][s.target * outputs + k];
    }
  });
}

/// For every hidden population the sum, over all ways forward to the readout, of the product of their weights:
/// [units][outputs]. The last one first, since each builds on those behind it.
template <class S>
void path_products(const network& net, const arena<S>& parameters, std::vector<std::vector<double>>& products) {
  const std::size_t last = net.output();
  products.resize(last);
  for (std::size_t q = 0; q < last; ++q) {
    products[q].assign(net.populations()[q].units * net.outputs(), 0.0);
  }
  const auto order = net.order();
  for (std::size_t at = order.size(); at-- > 0;) {
    const auto behind = order.subspan(at + 1);
    for (const connection& c : net.connections()) {
      if (order[at] != last && c.source == order[at] && std::ranges::find(behind, c.target) != behind.end()) {
        add_products(net, parameters, c, products);
      }
    }
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
  for (std::size_t q = 0; q + 1 < net_->populations().size(); ++q) {
    first_.push_back(first_.back() + net_->populations()[q].units * net_->outputs());
  }
  if (options_.feedback == feedback_kind::symmetric) {
    return;
  }
  offsets_.resize(first_.back());
  const double sigma = readout_scale(*net_, initial);
  std::vector<std::vector<double>> start;
  if (options_.feedback == feedback_kind::adaptive) {
    path_products(*net_, initial, start);
  }
  for (std::size_t q = 0; q + 1 < first_.size(); ++q) {
    random_stream random(options_.seed, random_purpose::feedback, q);
    std::generate(offsets_.begin() + static_cast<std::ptrdiff_t>(first_[q]),
                  offsets_.begin() + static_cast<std::ptrdiff_t>(first_[q + 1]),
                  [&] { return sigma * random.normal(); });
    for (std::size_t k = 0; !start.empty() && k < start[q].size(); ++k) {
      offsets_[first_[q] + k] -= start[q][k];
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
  const std::size_t outputs = net_->outputs();
  to.resize(first_.size() - 1);
  if (options_.feedback != feedback_kind::random) {
    path_products(*net_, parameters, products);
  }
  for (std::size_t q = 0; q + 1 < first_.size(); ++q) {
    const std::size_t width = net_->populations()[q].padded_units;
    const double* path = options_.feedback == feedback_kind::random ? nullptr : products[q].data();
    const double* offset = offsets_.empty() ? nullptr : offsets_.data() + first_[q];
    to[q].assign(outputs * width, S(0));
    for (std::size_t n = 0; n < net_->populations()[q].units; ++n) {
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
