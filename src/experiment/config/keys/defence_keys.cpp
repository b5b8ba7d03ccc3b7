// The keys of training against an attack.

#include "experiment/config/keys/defence_keys.hpp"

namespace backspike::config {

std::vector<key<defence_spec>> defence_keys() {
  using s = defence_spec;
  return {
      row("kind", &s::kind,
          "what happens to the samples of a batch first: none; noise, values move at random; pgd, along the gradient; "
          "trades, as pgd, and the loss is that of the samples and of what the attack makes the network tell apart"),
      row("budget", &s::budget, "", at_least(0), "largest change of a sample, in the norm"),
      row("norm", &s::norm, "of the change: linf, l2 or l1"),
      row("steps", &s::steps, "", between(1, 1e6), "of pgd and trades"),
      row("step_size", &s::step_size, "", at_least(0), "of a step over the budget; 0: 2.5 over the steps"),
      row("width", &s::width, "", above(0), "of the surrogate in the attack, over that of the network"),
      row("encoder_width", &s::encoder_width, "", above(0), "of the surrogate of the encoder's threshold, in a value"),
      row("beta", &s::beta, "", at_least(0), "of trades: weight of the divergence"),
      row("rise", &s::rise, "epochs", between(0, 1e6), "in which the budget grows from 0 to itself"),
  };
}

}  // namespace backspike::config
