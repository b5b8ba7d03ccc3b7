#pragma once
// The same batch through every learning rule that takes the network: how far each gradient is from that of full BPTT,
// parameter by parameter, and how that changes with the number of steps.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/gradient/health.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// One rule's gradient of one parameter against that of full BPTT. NaN where one of the two is zero.
struct gradient_match {
  std::string rule, parameter;  // parameter "all": every learned one as one vector
  std::uint32_t steps = 0;      // length that samples were cut to
  double cosine = 0.0;
  double sign_agreement = 0.0;  // share of the numbers that have the same sign, of those that are not zero in both
  double norm_ratio = 0.0;      // its norm over that of full BPTT
};

struct refused_rule {
  std::string rule, reason;
};

/// Who was alive while gradients were compared.
struct compared_layer {
  std::uint32_t steps = 0;
  layer_health health;
};

struct gradient_comparison {
  std::string name;
  std::size_t samples = 0;
  std::vector<std::uint32_t> lengths;  // ascending; the last is the longest sample
  std::vector<std::string> rules;      // in the order of the tables, without full BPTT
  std::vector<gradient_match> matches;
  std::vector<refused_rule> refused;
  std::vector<compared_layer> layers;
};

using comparison_progress = std::function<void(const std::string& what, std::size_t done, std::size_t total)>;

/// Throws value_error if a spiking layer is silent or the gradient of full BPTT is zero: two silent networks agree on
/// everything. A rule that does not take the network is listed with its reason.
gradient_comparison compare_gradients(const experiment& e, const network& net, const arena<float>& parameters,
                                      const dataset& data, std::span<const std::uint32_t> samples, thread_pool& pool,
                                      const comparison_progress& progress = {});

/// The comparison as JSON, as a table for a terminal, and as a page with charts that opens offline.
std::string to_json(const gradient_comparison& c);
std::string to_text(const gradient_comparison& c);
std::string to_html(const gradient_comparison& c);

}  // namespace backspike
