#pragma once
// Ways to move an input or parameters: along the sign of a direction, by a size, within what is accepted.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace backspike {

/// A data set whose every channel has a value in every step, so that each can be moved.
class dense_input {
 public:
  explicit dense_input(const dataset& from);

  /// Every value is that of the beginning + size * sign(direction) of [rows][channels].
  template <class T>
  void move(std::span<const T> direction, double size) {
    std::vector<float>& now = data_.inputs.spikes.values;
    for (std::size_t k = 0; k < now.size(); ++k) {
      const double sign = direction[k] > T(0) ? 1.0 : direction[k] < T(0) ? -1.0 : 0.0;
      now[k] = static_cast<float>(static_cast<double>(before_[k]) + size * sign);
    }
  }
  /// The sum of slope * what was moved, over the rows [first, end).
  template <class T>
  double product(std::span<const T> slope, std::size_t first, std::size_t end) const {
    double sum = 0.0;
    for (std::size_t k = first * data_.channels; k < end * data_.channels; ++k) {
      sum += static_cast<double>(slope[k]) *
             (static_cast<double>(data_.inputs.spikes.values[k]) - static_cast<double>(before_[k]));
    }
    return sum;
  }
  template <class T>
  double product(std::span<const T> slope) const {
    return product(slope, 0, data_.inputs.spikes.rows());
  }
  const dataset& data() const { return data_; }

 private:
  dataset data_;
  std::vector<float> before_;
};

/// The root mean square of a parameter's numbers; 1 where they are all zero.
template <class S>
double scale_of(const matrix_view<const S>& numbers) {
  double sum = 0.0;
  for (std::size_t r = 0; r < numbers.rows; ++r) {
    for (std::size_t c = 0; c < numbers.cols; ++c) {
      sum += static_cast<double>(numbers(r, c)) * static_cast<double>(numbers(r, c));
    }
  }
  const double mean = std::sqrt(sum / static_cast<double>(numbers.rows * numbers.cols));
  return mean > 0.0 ? mean : 1.0;
}

/// Every learned number + size * scale of its parameter * sign(direction), kept within the parameter's range.
template <class S>
void move_parameters(arena<S>& values, const arena<S>& direction, double size) {
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const parameter_info& info = values.layout()[i];
    const auto numbers = values.view(i);
    const auto way = direction.view(i);
    const double step = size * scale_of<S>({numbers.data, numbers.rows, numbers.cols, numbers.stride});
    for (std::size_t r = 0; r < info.rows && info.learnable; ++r) {
      for (std::size_t c = 0; c < info.cols; ++c) {
        const double sign = way(r, c) > S(0) ? 1.0 : way(r, c) < S(0) ? -1.0 : 0.0;
        const double moved = static_cast<double>(numbers(r, c)) + step * sign;
        numbers(r, c) = static_cast<S>(std::fmin(std::fmax(moved, info.low), info.high));
      }
    }
  }
}

/// The sum of slope * (after - before) over learned numbers.
template <class S>
double product_of(const arena<S>& before, const arena<S>& after, const arena<S>& slope) {
  double sum = 0.0;
  for (std::size_t i = 0; i < before.layout().size(); ++i) {
    const parameter_info& info = before.layout()[i];
    for (std::size_t r = 0; r < info.rows && info.learnable; ++r) {
      for (std::size_t c = 0; c < info.cols; ++c) {
        sum += static_cast<double>(slope.view(i)(r, c)) *
               (static_cast<double>(after.view(i)(r, c)) - static_cast<double>(before.view(i)(r, c)));
      }
    }
  }
  return sum;
}

}  // namespace backspike
