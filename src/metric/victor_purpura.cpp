// The Victor-Purpura distance by the recurrence of its header, one row of the table at a time.

#include <backspike/metric/victor_purpura.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace backspike {
namespace {

double moved(double from, double to, double cost) {
  return from == to ? 0.0 : cost * std::abs(from - to);  // infinity times 0 is no number
}

}  // namespace

double victor_purpura(spike_train a, spike_train b, double cost) {
  check_spike_train("victor_purpura", "a", a);
  check_spike_train("victor_purpura", "b", b);
  if (!(cost >= 0.0)) {
    throw value_error("victor_purpura", "cost", short_number(cost), "0 or more, in 1/ms");
  }
  if (a.size() < b.size()) {
    std::swap(a, b);
  }
  std::vector<double> row(b.size() + 1);  // D_{i,0..}, then that of the next i in its place
  std::iota(row.begin(), row.end(), 0.0);
  for (const double time : a) {
    double diagonal = std::exchange(row[0], row[0] + 1.0);
    for (std::size_t j = 1; j < row.size(); ++j) {
      const double best = std::min({row[j] + 1.0, row[j - 1] + 1.0, diagonal + moved(time, b[j - 1], cost)});
      diagonal = std::exchange(row[j], best);
    }
  }
  return row.back();
}

}  // namespace backspike
