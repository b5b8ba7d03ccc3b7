#pragma once
// The kernels of a connection's synapses in double, one after the other.

#include <backspike/core/arena.hpp>
#include <backspike/network/delay_kernel.hpp>
#include <backspike/network/network.hpp>

#include <vector>

namespace backspike {

class synapse_kernel {
 public:
  synapse_kernel(const connection& c, const arena<float>& parameters, bool derivatives)
      : c_(c),
        position_(parameters.view(c.position)),
        own_width_(c.spread != no_parameter && c.late.width.learn),
        value_(c.late.max + 2),
        by_delay_(derivatives ? value_.size() : 0),
        by_width_(by_delay_.size()) {
    if (c.spread != no_parameter) {
      spread_ = parameters.view(c.spread);
      width_ = static_cast<double>(spread_(0, 0));
    }
  }

  /// Neighbours that share a delay share the work.
  void move_to(std::size_t source, std::size_t target) {
    const std::size_t row = c_.delay_row(source), column = c_.delay_column(source, target);
    const double delay = static_cast<double>(position_(row, column));
    const double width = own_width_ ? static_cast<double>(spread_(row, column)) : width_;
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
  double value(std::size_t k) const { return value_[k]; }
  double by_delay(std::size_t k) const { return by_delay_[k]; }
  double by_width(std::size_t k) const { return by_width_[k]; }

 private:
  const connection& c_;
  matrix_view<const float> position_, spread_;
  bool own_width_, made_ = false;
  double delay_ = 0.0, width_ = 0.0;
  delay_window window_{};
  std::vector<double> value_, by_delay_, by_width_;
};

}  // namespace backspike
