#pragma once
// The kernels of a connection's synapses in double, one after the other.

#include <backspike/core/arena.hpp>
#include <backspike/network/delay_kernel.hpp>
#include <backspike/network/network.hpp>

#include <algorithm>
#include <vector>

namespace backspike {

/// The largest width in use.
template <class S>
double largest_width(const connection& c, const arena<S>& parameters) {
  if (c.kernel_width_parameter == no_parameter) {
    return 0.0;
  }
  const auto view = parameters.view(c.kernel_width_parameter);
  S widest = S(0);
  for (std::size_t r = 0; r < view.rows; ++r) {
    widest = std::max(widest, *std::max_element(view.row(r), view.row(r) + view.cols));
  }
  return static_cast<double>(widest);
}

template <class S>
class synapse_kernel {
 public:
  synapse_kernel(const connection& c, const arena<S>& parameters, bool derivatives)
      : c_(c),
        delays_(parameters.view(c.delay_parameter)),
        own_width_(c.kernel_width_parameter != no_parameter && c.late.width.learn),
        value_(c.late.max + 2),
        by_delay_(derivatives ? value_.size() : 0),
        by_width_(by_delay_.size()) {
    if (c.kernel_width_parameter != no_parameter) {
      widths_ = parameters.view(c.kernel_width_parameter);
      width_ = static_cast<double>(widths_(0, 0));
    }
  }

  /// Neighbours that share a delay share the work.
  void move_to(std::size_t source, const synapse& s) { move_to_delay(c_.delay_row(s), c_.delay_column(source, s)); }
  void move_to_delay(std::size_t row, std::size_t column) {
    const double delay = static_cast<double>(delays_(row, column));
    const double width = own_width_ ? static_cast<double>(widths_(row, column)) : width_;
    if (made_ && delay == delay_ && width == width_) {
      return;
    }
    delay_ = delay;
    width_ = width;
    made_ = true;
    window_ = window_of(c_.late.kernel, c_.late.max, delay, width);
    fill_taps<double>(c_.late.kernel, window_, delay, width,
                      {value_.data(), by_delay_.empty() ? nullptr : by_delay_.data(), by_width_.data()});
  }

  const delay_window& window() const { return window_; }
  const double* values() const { return value_.data(); }
  double value(std::size_t k) const { return value_[k]; }
  double by_delay(std::size_t k) const { return by_delay_[k]; }
  double by_width(std::size_t k) const { return by_width_[k]; }

 private:
  const connection& c_;
  matrix_view<const S> delays_, widths_;
  bool own_width_, made_ = false;
  double delay_ = 0.0, width_ = 0.0;
  delay_window window_{};
  std::vector<double> value_, by_delay_, by_width_;
};

}  // namespace backspike
