// The keys of delays: those of a layer, once for its input connections and once for its loop, and those of a connection
// of its own.

#include "experiment/config/keys/delay_keys.hpp"

namespace backspike::config {
namespace {

std::vector<key<delay_spec>> delay_keys() {
  using s = delay_spec;
  return {
      row("per", &s::per,
          "who has a delay of its own: every synapse, source neuron (axon) or target neuron (dendrite)"),
      row("max", &s::max, "steps", between(0, 65535), "largest delay; 0: none are there"),
      row("init", &s::init, "where delays start: over the whole range, all at `value`, or normal around it"),
      row("value", &s::value, "steps", between(0, 65535), "constant, normal: of the initial delays"),
      row("spread", &s::spread, "steps", range{0, 1e6, true}, "normal: standard deviation"),
      row("learn", &s::learn, "training changes them"),
      row("kernel", &s::kernel, "how a spike is spread over the integer delays around a delay"),
  };
}

std::vector<key<delay_width_spec>> width_keys() {
  using s = delay_width_spec;
  const range widths = between(least_delay_width, 1e6);
  return {
      row("from", &s::from, "steps", widths, "width in the first epoch, or before it is learned"),
      row("to", &s::to, "steps", widths, "width at the end of the schedule"),
      row("schedule", &s::schedule, "the way there, epoch by epoch; constant: stays at `from`"),
      row("share", &s::share, "", range{0, 1, true}, "of the epochs, after which the width is `to`"),
      row("learn", &s::learn, "every delay has a width of its own, which is learned instead"),
  };
}

template <class Owner>
void add(std::vector<section<Owner>>& to, delay_spec Owner::*part, const std::string& name,
         const std::string& meaning) {
  to.push_back({name, meaning, within(part, delay_keys())});
  to.push_back({name + ".width", "standard deviation of the gaussian kernel",
                within(part, within(&delay_spec::width, width_keys()))});
}

}  // namespace

std::vector<section<layer_spec>> delay_sections() {
  std::vector<section<layer_spec>> all;
  add(all, &layer_spec::delay, "delay", "learnable delays of the connections from the layers before");
  add(all, &layer_spec::recurrent_delay, "recurrent_delay", "those of the self-loop, beyond its one step");
  return all;
}

std::vector<section<connection_spec>> connection_delay_sections() {
  std::vector<section<connection_spec>> all;
  add(all, &connection_spec::delay, "delay", "learnable delays, beyond base_delay");
  return all;
}

}  // namespace backspike::config
