#pragma once
// What a source sent, step by step of a window, and in the steps before it that are still on their way.

#include "gradient/connection/sent_events.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace backspike {

class delayed_events {
 public:
  /// `active` and `values` hold the last row of before the window.
  delayed_events(const pass& p, const in_flight_batch& c, std::size_t i, std::size_t k,
                 std::vector<std::uint32_t>& active, std::vector<float>& values)
      : p_(p), c_(c), i_(i), connection_(p.net->connections()[k]), active_(active), values_(values) {
    const std::size_t room = kernels::position_room(connection_.source_units);
    active.resize(std::max(active.size(), room));
    values.resize(std::max(values.size(), room));
  }

  /// Steps before the window whose spikes may arrive in it: none before the sample begins.
  std::ptrdiff_t before() const {
    const std::size_t longest = connection_.late.max + connection_.base_delay;
    return static_cast<std::ptrdiff_t>(std::min(longest, c_.ranges[i_].begin));
  }

  /// Step t of the window, t >= -before(). A row of before the window is good until the next call.
  event_row row(std::ptrdiff_t t) const {
    return carried(p_, c_, i_, connection_, t, {active_.data(), values_.data()});
  }

 private:
  const pass& p_;
  const in_flight_batch& c_;
  std::size_t i_;
  const connection& connection_;
  std::vector<std::uint32_t>& active_;
  std::vector<float>& values_;
};

}  // namespace backspike
