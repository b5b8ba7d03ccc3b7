// Exact products with the Hessian of the smooth relaxation, by nested dual numbers on the dense reference.

#include "hardware/second_order_control.hpp"

#include <backspike/core/name_ending.hpp>
#include <backspike/core/random.hpp>
#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/directional.hpp>

#include "robustness/smooth_control.hpp"
#include "robustness/variants.hpp"

#include <cmath>

namespace backspike {
namespace {

constexpr double most_work = 4e8;  // synapses times steps of one pass

double work_of(const network& net, const dataset& data) {
  double synapses = 0.0;
  for (const connection& c : net.connections()) {
    synapses += static_cast<double>(synapse_count(c));
  }
  return synapses * static_cast<double>(data.inputs.length(0));
}

arena<double> random_direction(const network& net, const arena<double>& values, const std::string& match,
                               std::uint64_t seed) {
  arena<double> way(net.parameters());
  random_stream stream(seed, random_purpose::perturbation, std::uint64_t{1} << 32U);
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    const bool moves = fits_pattern(match, net.parameters()[i].name);
    const auto to = way.view(i);
    for (std::size_t r = 0; moves && r < to.rows; ++r) {
      for (std::size_t c = 0; c < to.cols; ++c) {
        to(r, c) = stream.normal() * std::abs(values.view(i)(r, c));
      }
    }
  }
  return way;
}

}  // namespace

second_order_control measure_second_order(const network& net, const objective_spec& objective,
                                          const arena<float>& parameters, const dataset& data, const std::string& match,
                                          std::uint64_t seed) {
  second_order_control control;
  if (work_of(net, data) > most_work) {
    control.left_out = "the network is too large for it";
    return control;
  }
  const network smooth(relaxed(net.spec()));
  arena<double> values(smooth.parameters());
  std::ranges::copy(parameters.values(), values.values().begin());
  const arena<double> way = random_direction(smooth, values, match, seed);
  const std::vector<std::uint32_t> one{0};
  const batch_view batch{&data, one};
  arena<double> product(smooth.parameters()), before(smooth.parameters()), after(smooth.parameters());
  hessian_vector(smooth, objective, values, way, batch, spike_mode::smooth, product);
  dense_gradient(smooth, objective, values, batch, spike_mode::smooth, &before);
  control.sizes = {1e-4, 3e-4, 1e-3, 3e-3};
  for (const double size : control.sizes) {
    arena<double> there(values);
    for (std::size_t k = 0; k < there.values().size(); ++k) {
      there.values()[k] += size * way.values()[k];
    }
    dense_gradient(smooth, objective, there, batch, spike_mode::smooth, &after);
    double square = 0.0;
    for (std::size_t k = 0; k < there.values().size(); ++k) {
      const double off = after.values()[k] - before.values()[k] - size * product.values()[k];
      square += off * off;
    }
    control.differences.push_back(std::sqrt(square));
  }
  control.slope = log_slope(control.sizes, control.differences);
  return control;
}

}  // namespace backspike
