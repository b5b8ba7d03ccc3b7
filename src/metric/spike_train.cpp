// Checks that a spike train is finite and ascending; every metric asks this first.

#include <backspike/metric/spike_train.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <cmath>
#include <string>

namespace backspike {

void check_spike_train(const char* operation, const char* argument, spike_train train) {
  for (std::size_t i = 0; i < train.size(); ++i) {
    const auto place = std::string(argument) + "[" + std::to_string(i) + "]";
    if (!std::isfinite(train[i])) {
      throw value_error(operation, place, short_number(train[i]), "finite times");
    }
    if (i > 0 && train[i] <= train[i - 1]) {
      throw value_error(operation, place, short_number(train[i]),
                        "times that ascend: later than " + short_number(train[i - 1]) + ", the one before");
    }
  }
}

}  // namespace backspike
