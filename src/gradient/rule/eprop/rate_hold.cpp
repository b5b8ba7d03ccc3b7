// Finds for each layer the target rate and the weight that the options ask for.

#include "gradient/rule/eprop/rate_hold.hpp"

namespace backspike {

std::vector<rate_hold> holds_of(const network& net, const eprop_options& options) {
  std::vector<rate_hold> holds(net.populations().size());
  for (std::size_t q = 0; q < holds.size(); ++q) {
    for (const layer_rate& r : options.rates) {
      if (r.layer == net.populations()[q].spec.name) {
        holds[q] = {r.coefficient, r.target * net.spec().dt * 1e-3};
      }
    }
  }
  return holds;
}

}  // namespace backspike
