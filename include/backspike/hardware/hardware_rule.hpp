#pragma once
// Gradients for a network that shall run on chips: batches run on drawn devices, or on the worst network nearby.

#include <backspike/gradient/learning_rule.hpp>
#include <backspike/hardware/device_network.hpp>

#include <cstdint>

namespace backspike {

class hardware_rule {
 public:
  /// Everything must outlive it. Throws as device_network and learning_rule do, and value_error for training that has
  /// no mismatch to learn from.
  hardware_rule(const network& wanted, const objective_spec& objective, thread_pool& pool, const rule_spec& rule,
                const hardware_spec& spec, std::uint64_t seed);

  /// As those of learning_rule; `step` says which device is drawn, so that a resumed run draws the same.
  void start(const arena<float>& initial, std::uint64_t updates = 0);
  batch_result gradient(const arena<float>& wanted, batch_view batch, std::uint64_t step, arena<float>& gradient);
  void updated() { rule_.updated(); }

 private:
  batch_result add_noisy(const arena<float>& wanted, batch_view batch, std::uint64_t step, arena<float>& gradient);
  void find_worst(const arena<float>& wanted, batch_view batch);

  hardware_spec spec_;
  std::uint64_t seed_;
  device_network devices_;
  learning_rule rule_;
  arena<float> on_device_, ideal_, box_, of_device_, of_worst_;
};

}  // namespace backspike
