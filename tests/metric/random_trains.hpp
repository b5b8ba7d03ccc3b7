#pragma once
// Random spike trains and the slow, obvious ways to compute what the metrics compute.

#include <backspike/core/random.hpp>
#include <backspike/metric/spike_train.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace backspike::testing {

using times = std::vector<double>;

/// Up to `most` spikes in 0 to 20 ms; on a grid of 1 ms in half of the cases, where ties and exact limits happen.
inline times random_train(random_stream& random, std::uint32_t most) {
  const bool grid = random.below(2) == 0;
  times train;
  for (std::uint32_t n = random.below(most + 1); n > 0; --n) {
    train.push_back(grid ? static_cast<double>(random.below(20)) : 20.0 * random.uniform());
  }
  std::sort(train.begin(), train.end());
  train.erase(std::unique(train.begin(), train.end()), train.end());
  return train;
}

struct train_pair {
  times a, b;
};

inline train_pair random_pair(std::uint64_t seed, std::uint32_t most) {
  random_stream random(seed, random_purpose::test, 90);
  auto a = random_train(random, most), b = random_train(random, most);
  return {a, b};
}

/// Calls `visit(offsets)` for every way to pair spikes of a with spikes of b, crossing pairs included.
inline void each_pairing(const train_pair& trains, const std::function<void(const std::vector<double>&)>& visit) {
  std::vector<bool> taken(trains.b.size());
  std::vector<double> offsets;
  const std::function<void(std::size_t)> from = [&](std::size_t i) {
    if (i == trains.a.size()) {
      visit(offsets);
      return;
    }
    from(i + 1);
    for (std::size_t j = 0; j < trains.b.size(); ++j) {
      if (!taken[j]) {
        taken[j] = true;
        offsets.push_back(trains.b[j] - trains.a[i]);
        from(i + 1);
        offsets.pop_back();
        taken[j] = false;
      }
    }
  };
  from(0);
}

}  // namespace backspike::testing
