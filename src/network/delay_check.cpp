// Checks the settings of a layer's delays, and names the key that is wrong.

#include "network/delay_check.hpp"

#include "core/short_number.hpp"

namespace backspike {
namespace {

using found = std::optional<delay_problem>;

found check_width(const std::string& key, double width) {
  if (width >= least_delay_width && width <= 1e6) {
    return std::nullopt;
  }
  return delay_problem{key, short_number(width) + " steps",
                       short_number(least_delay_width) +
                           " steps or more: a kernel without width has no gradient; evaluation rounds delays"};
}

found check_initial(const std::string& name, const delay_spec& d) {
  const std::string range = "0 to " + name + ".max, " + std::to_string(d.max) + " steps";
  if (d.init != delay_init::uniform && !(d.value >= 0.0 && d.value <= d.max)) {
    return delay_problem{name + ".value", short_number(d.value) + " steps", range};
  }
  if (d.init == delay_init::normal && !(d.spread > 0.0 && d.spread <= 1e6)) {
    return delay_problem{name + ".spread", short_number(d.spread) + " steps", "above 0, for delays that are drawn"};
  }
  return std::nullopt;
}

}  // namespace

found find_delay_problem(const std::string& name, const delay_spec& d) {
  if (d.max == 0) {
    return std::nullopt;
  }
  if (d.max > 65535) {
    return delay_problem{name + ".max", std::to_string(d.max) + " steps", "at most 65535 steps"};
  }
  if (auto problem = check_initial(name, d)) {
    return problem;
  }
  if (d.kernel == delay_kernel::linear) {
    return std::nullopt;
  }
  if (auto problem = check_width(name + ".width.from", d.width.from)) {
    return problem;
  }
  return check_width(name + ".width.to", d.width.to);
}

std::optional<delay_problem> find_delay_problem(const layer_spec& layer) {
  if (layer.recurrent_delay.max > 0 && !layer.recurrent) {
    return delay_problem{"recurrent_delay.max", std::to_string(layer.recurrent_delay.max) + " steps",
                         "0: the layer is not recurrent"};
  }
  if (auto problem = find_delay_problem("delay", layer.delay)) {
    return problem;
  }
  return find_delay_problem("recurrent_delay", layer.recurrent_delay);
}

}  // namespace backspike
