// The keys of chips that a network shall run on.

#include "experiment/config/keys/hardware_keys.hpp"

namespace backspike::config {
namespace {

std::vector<key<device_spec>> device_keys() {
  using s = device_spec;
  return {
      row("dead_synapses", &s::dead_synapses, "", between(0, 1), "share of the weights that are 0 on a device"),
      row("silent_neurons", &s::silent_neurons, "", between(0, 1), "share of the spiking neurons that never fire"),
  };
}

}  // namespace

std::vector<key<hardware_spec>> hardware_keys() {
  using s = hardware_spec;
  std::vector<key<s>> all;
  append_own(all, device_keys());
  append_own(
      all,
      std::vector<key<s>>{
          row("training_noise", &s::training_noise,
              "every batch of training runs on a device of its own, forward and backward"),
          row("adversarial_steps", &s::adversarial_steps, "steps", between(0, 1000),
              "training looks for the worst network within one sigma of the mismatch by so many steps; 0: it does not"),
          row("adversarial_weight", &s::adversarial_weight, "", between(0, 1), "share of its gradient"),
      });
  return all;
}

const key_table<parameter_mismatch>& mismatch_keys() {
  using s = parameter_mismatch;
  static const key_table<parameter_mismatch> table{
      {"",
       "how the numbers of some parameters scatter over the devices of a chip; the first [[hardware.mismatch]] that "
       "matches decides",
       {row("match", &s::match, "pattern of names such as hidden1.tau_m; * stands for anything: *.weight, *.v_th"),
        row("distribution", &s::distribution,
            "normal; lognormal, whose sigma is that of the logarithm; uniform, sqrt(3) sigma to either side"),
        row("sigma", &s::sigma, "", above(0), "standard deviation: one sigma"),
        row("relative", &s::relative, "sigma is a share of each number; otherwise it has the parameter's unit")}}};
  return table;
}

}  // namespace backspike::config
