#pragma once
// What mismatch costs, predicted from derivatives: to second order the loss of a device changes by
//
//   mean 1/2 sum sigma_i^2 H_ii,  variance sum sigma_i^2 g_i^2,   sigma_i: of the number, g and H: gradient, Hessian
//
// The trace comes from random probes (Hutchinson), of differences of the engine's gradients, so that networks of real
// size can be asked; beside it stand devices that are drawn and run, because on the hard network the Hessian is that of
// a surrogate. What a parameter, and a neuron, adds to the sums says what to calibrate.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/hardware/device_spec.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace backspike {

struct sensitivity_options {
  std::string match = "*";                                // which parameters are off, each by a share of its size
  std::vector<double> sigmas{0.01, 0.03, 0.1, 0.2, 0.3};  // of that share; ascending
  std::uint32_t probes = 16;                              // random directions
  double probe_sigma = 0.05;                              // how far they go, as a share
  std::uint32_t devices = 20;                             // drawn for each sigma
  std::uint64_t seed = 1;
  std::uint32_t eval_batch = 1000;
};

/// What one part of the network adds, at a sigma of 1: times sigma^2 the mean change, times sigma the deviation.
struct sensitivity_part {
  std::string name;  // a parameter, or a neuron: hidden1[17]
  double curvature = 0.0, slope = 0.0;
};

/// One sigma: the change of the loss that is predicted, and that of the devices.
struct sensitivity_point {
  double sigma = 0.0;
  double predicted_mean = 0.0, predicted_deviation = 0.0;
  double mean = 0.0, deviation = 0.0;
  double accuracy = 0.0;  // of the devices, mean; NaN in a regression
};

/// On the smooth relaxation in double precision, of one sample: |change of the gradient - H v| over the step along v,
/// where H v is exact, by nested dual numbers.
struct second_order_control {
  std::vector<double> sizes, differences;
  double slope = 0.0;      // of log difference over log size: 2
  std::string left_out{};  // why there is none; empty: there is
};

struct sensitivity {
  std::string name;
  std::string match;
  std::size_t samples = 0;
  double loss = 0.0, accuracy = 0.0;
  double probe_sigma = 0.0;
  double curvature = 0.0, slope = 0.0;  // of the whole network
  double curvature_error = 0.0;         // standard error of the curvature over the probes
  std::vector<sensitivity_point> points;
  std::vector<sensitivity_part> parameters, neurons;  // those that add most to the mean first
  second_order_control control;
};

using sensitivity_progress = std::function<void(std::size_t done, std::size_t total)>;

/// Throws value_error: no sample, a sigma that is not above 0, one that would make a parameter negative on some
/// devices, a network in which nothing fires or whose gradient is zero.
sensitivity measure_sensitivity(const std::string& name, const network& net, const objective_spec& objective,
                                const arena<float>& parameters, const dataset& data, const sensitivity_options& options,
                                thread_pool& pool, const sensitivity_progress& progress = {});

/// For other programs, for a terminal, and as a page with charts that opens offline.
std::string to_json(const sensitivity& s);
std::string to_text(const sensitivity& s);
std::string to_html(const sensitivity& s);

}  // namespace backspike
