// Finds the best pairing of output and target spikes by dynamic programming.

#include <backspike/metric/spike_matching.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace backspike {
namespace {

/// The best pairing of the first spikes of both trains. Pairs never need to cross: uncrossing two of them keeps both
/// within the tolerance and does not raise the sum of squares.
struct pairing {
  std::size_t pairs = 0;
  double sum = 0.0, squares = 0.0;

  bool better_than(const pairing& other) const {
    return pairs != other.pairs ? pairs > other.pairs : squares < other.squares;
  }
};

pairing best_pairing(spike_train target, spike_train output, double tolerance) {
  std::vector<pairing> row(output.size() + 1);  // of the targets so far and the first 0, 1, ... outputs
  for (const double time : target) {
    pairing diagonal = row[0];
    for (std::size_t j = 1; j < row.size(); ++j) {
      pairing best = row[j - 1].better_than(row[j]) ? row[j - 1] : row[j];
      const double offset = output[j - 1] - time;
      if (std::abs(offset) <= tolerance) {
        const pairing both{diagonal.pairs + 1, diagonal.sum + offset, diagonal.squares + offset * offset};
        best = both.better_than(best) ? both : best;
      }
      diagonal = std::exchange(row[j], best);
    }
  }
  return row.back();
}

double quotient(double value, std::size_t count) {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : value / static_cast<double>(count);
}

}  // namespace

spike_matching match_spikes(spike_train target, spike_train output, double tolerance) {
  check_spike_train("match_spikes", "target", target);
  check_spike_train("match_spikes", "output", output);
  if (!(tolerance >= 0.0) || std::isinf(tolerance)) {
    throw value_error("match_spikes", "tolerance", short_number(tolerance), "0 ms or more, finite");
  }
  const pairing best = best_pairing(target, output, tolerance);
  return {best.pairs, target.size() - best.pairs, output.size() - best.pairs, best.sum, best.squares};
}

double spike_matching::matched_share() const {
  return targets() == 0 ? 1.0 : quotient(static_cast<double>(matched), targets());
}

double spike_matching::extra_share() const {
  return extra == 0 ? 0.0 : quotient(static_cast<double>(extra), targets());
}

double spike_matching::jitter() const { return std::sqrt(quotient(offset_squares, matched)); }

double spike_matching::bias() const { return quotient(offset_sum, matched); }

spike_matching& spike_matching::operator+=(const spike_matching& other) {
  matched += other.matched;
  missed += other.missed;
  extra += other.extra;
  offset_sum += other.offset_sum;
  offset_squares += other.offset_squares;
  return *this;
}

}  // namespace backspike
