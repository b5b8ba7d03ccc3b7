#pragma once
// What environments of the list have in common; one says what is different with it. kinds.hpp has the list.
//
// An environment says: its name and meaning; `fields`, its settings; plan(settings), its spaces, the numbers of its
// state and its limit; start, step and observe over that state. Nothing else is kept: what is random in a step comes
// from numbers that start() drew.

#include <backspike/core/field.hpp>
#include <backspike/environment/environment.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <string_view>

namespace backspike::environments {

using settings = std::span<const double>;  // in the order of `fields`

/// The unit of a setting that counts something.
inline constexpr std::string_view whole = "whole number";

struct kind_base {
  static constexpr std::array<field, 0> fields{};

 protected:
  static void draw_uniform(random_stream& draws, double low, double high, std::span<double> to) {
    std::ranges::generate(to, [&] { return low + (high - low) * draws.uniform(); });
  }
  static void copy(std::span<const double> from, std::span<float> to) {
    std::ranges::transform(from, to.begin(), [](double x) { return static_cast<float>(x); });
  }
};

}  // namespace backspike::environments
