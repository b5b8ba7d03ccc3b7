#pragma once
// What a readout means as a policy: softmax over choices, or independent normal numbers. Each says how many outputs it
// takes, what it does with them, and the errors that its logarithm and its entropy have on them.

#include <backspike/core/random.hpp>
#include <backspike/environment/space.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

namespace backspike {

/// pi_k = e^{y_k} / sum e^{y};  d log pi(a) / d y_k = 1[k = a] - pi_k;  d H / d y_k = -pi_k (log pi_k + H)
struct softmax_policy {
  static std::size_t outputs(const space& actions) { return actions.choices; }

  template <class S>
  static double log_sum(std::span<const S> y) {
    const S most = *std::ranges::max_element(y);
    double sum = 0.0;
    for (const S x : y) {
      sum += std::exp(static_cast<double>(x - most));
    }
    return static_cast<double>(most) + std::log(sum);
  }

  template <class S>
  static void draw(std::span<const S> y, random_stream& draws, std::span<double> action) {
    const double all = log_sum(y);
    double left = draws.uniform();
    std::size_t k = 0;
    for (; k + 1 < y.size(); ++k) {
      left -= std::exp(static_cast<double>(y[k]) - all);
      if (left < 0.0) {
        break;
      }
    }
    action[0] = static_cast<double>(k);
  }

  template <class S>
  static void best(std::span<const S> y, std::span<double> action) {
    action[0] = static_cast<double>(std::ranges::max_element(y) - y.begin());
  }

  template <class S>
  static double entropy(std::span<const S> y) {
    const double all = log_sum(y);
    double h = 0.0;
    for (const S x : y) {
      h -= std::exp(static_cast<double>(x) - all) * (static_cast<double>(x) - all);
    }
    return h;
  }

  /// d log pi(action) / d y.
  template <class S>
  static void log_slope(std::span<const S> y, std::span<const double> action, std::span<S> to) {
    const double all = log_sum(y);
    for (std::size_t k = 0; k < y.size(); ++k) {
      to[k] =
          static_cast<S>((static_cast<double>(k) == action[0] ? 1.0 : 0.0) - std::exp(static_cast<double>(y[k]) - all));
    }
  }

  template <class S>
  static void entropy_slope(std::span<const S> y, std::span<S> to) {
    const double all = log_sum(y), h = entropy(y);
    for (std::size_t k = 0; k < y.size(); ++k) {
      const double log_share = static_cast<double>(y[k]) - all;
      to[k] = static_cast<S>(-std::exp(log_share) * (log_share + h));
    }
  }
};

/// a_d = mu_d + sigma_d n, mu the first outputs, log sigma = -0.5 + the others, kept to -5 ... 2 without a slope
/// beyond. d log pi / d mu = (a - mu) / sigma^2;  d log pi / d log sigma = ((a - mu) / sigma)^2 - 1;  d H / d log sigma
/// = 1
struct gaussian_policy {
  static constexpr double start = -0.5, least = -5.0, most = 2.0;

  static std::size_t outputs(const space& actions) { return 2 * actions.numbers(); }

  template <class S>
  static double log_sigma(std::span<const S> y, std::size_t d) {
    return std::clamp(start + static_cast<double>(y[y.size() / 2 + d]), least, most);
  }
  template <class S>
  static bool moves(std::span<const S> y, std::size_t d) {
    const double x = start + static_cast<double>(y[y.size() / 2 + d]);
    return x > least && x < most;
  }

  template <class S>
  static void draw(std::span<const S> y, random_stream& draws, std::span<double> action) {
    for (std::size_t d = 0; d < action.size(); ++d) {
      action[d] = static_cast<double>(y[d]) + std::exp(log_sigma(y, d)) * draws.normal();
    }
  }

  template <class S>
  static void best(std::span<const S> y, std::span<double> action) {
    std::copy_n(y.begin(), action.size(), action.begin());
  }

  template <class S>
  static double entropy(std::span<const S> y) {
    double h = 0.0;
    for (std::size_t d = 0; d < y.size() / 2; ++d) {
      h += 0.5 * std::log(2.0 * std::numbers::pi * std::numbers::e) + log_sigma(y, d);
    }
    return h;
  }

  template <class S>
  static void log_slope(std::span<const S> y, std::span<const double> action, std::span<S> to) {
    const std::size_t count = y.size() / 2;
    for (std::size_t d = 0; d < count; ++d) {
      const double sigma = std::exp(log_sigma(y, d)), off = (action[d] - static_cast<double>(y[d])) / sigma;
      to[d] = static_cast<S>(off / sigma);
      to[count + d] = static_cast<S>(moves(y, d) ? off * off - 1.0 : 0.0);
    }
  }

  template <class S>
  static void entropy_slope(std::span<const S> y, std::span<S> to) {
    const std::size_t count = y.size() / 2;
    for (std::size_t d = 0; d < count; ++d) {
      to[d] = S(0);
      to[count + d] = moves(y, d) ? S(1) : S(0);
    }
  }
};

/// f(policy) of what takes such actions.
template <class F>
auto with_policy(const space& actions, const F& f) {
  return actions.discrete() ? f(softmax_policy{}) : f(gaussian_policy{});
}

}  // namespace backspike
