// One gradient for chips: on a device that is drawn for the step, and on the worst network within the mismatch.

#include <backspike/hardware/hardware_rule.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>

namespace backspike {
namespace {

/// Devices of training, which no deployment has.
constexpr std::uint64_t first_training_device = std::uint64_t{1} << 40U;

}  // namespace

hardware_rule::hardware_rule(const network& wanted, const objective_spec& objective, thread_pool& pool,
                             const rule_spec& rule, const hardware_spec& spec, std::uint64_t seed)
    : spec_(spec),
      seed_(seed),
      devices_(wanted, spec),
      rule_(devices_.simulated(), objective, pool, rule, seed),
      on_device_(devices_.simulated().parameters()),
      ideal_(devices_.simulated().parameters()),
      box_(devices_.simulated().parameters()),
      of_device_(devices_.simulated().parameters()),
      of_worst_(wanted.parameters()) {
  if (spec.training_noise && !spec.changes_something()) {
    throw value_error("hardware", "training_noise", "true", "a [[hardware.mismatch]], dead synapses or silent neurons");
  }
  if (spec.adversarial_steps > 0 && spec.mismatch.empty()) {
    throw value_error("hardware", "adversarial_steps", std::to_string(spec.adversarial_steps),
                      "a [[hardware.mismatch]], within which the worst network is looked for");
  }
}

void hardware_rule::start(const arena<float>& initial, std::uint64_t updates) {
  devices_.draw_ideal();
  devices_.realise(initial, ideal_);
  rule_.start(ideal_, updates);
}

batch_result hardware_rule::gradient(const arena<float>& wanted, batch_view batch, std::uint64_t step,
                                     arena<float>& gradient) {
  gradient.fill(0.0f);
  if (spec_.adversarial_steps == 0) {
    return add_noisy(wanted, batch, step, gradient);
  }
  find_worst(wanted, batch);
  rule_.gradient(on_device_, batch, of_device_);
  of_worst_.fill(0.0f);
  devices_.gather(of_device_, of_worst_);
  batch_result result = add_noisy(wanted, batch, step, gradient);
  const auto share = static_cast<float>(spec_.adversarial_weight);
  for (std::size_t k = 0; k < gradient.values().size(); ++k) {
    gradient.values()[k] = (1.0f - share) * gradient.values()[k] + share * of_worst_.values()[k];
  }
  return result;
}

batch_result hardware_rule::add_noisy(const arena<float>& wanted, batch_view batch, std::uint64_t step,
                                      arena<float>& gradient) {
  if (spec_.training_noise) {
    devices_.draw(seed_, first_training_device + step);
  } else {
    devices_.draw_ideal();
  }
  devices_.realise(wanted, on_device_);
  batch_result result = rule_.gradient(on_device_, batch, of_device_);
  devices_.gather(of_device_, gradient);
  return result;
}

/// Leaves it in on_device_, and the devices without mismatch.
void hardware_rule::find_worst(const arena<float>& wanted, batch_view batch) {
  devices_.draw_ideal();
  devices_.realise(wanted, ideal_);
  devices_.boxes(wanted, box_);
  std::ranges::copy(ideal_.values(), on_device_.values().begin());
  const float part = 1.0f / static_cast<float>(spec_.adversarial_steps);
  for (std::uint32_t k = 0; k < spec_.adversarial_steps; ++k) {
    rule_.gradient(on_device_, batch, of_device_);
    const auto worst = on_device_.values();
    for (std::size_t i = 0; i < worst.size(); ++i) {
      const float g = of_device_.values()[i], size = box_.values()[i], own = ideal_.values()[i];
      const float sign = g > 0.0f ? 1.0f : g < 0.0f ? -1.0f : 0.0f;
      worst[i] = std::clamp(worst[i] + sign * part * size, own - size, own + size);
    }
    clamp_to_ranges(on_device_);
  }
}

}  // namespace backspike
