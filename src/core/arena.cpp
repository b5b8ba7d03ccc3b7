// Lays parameters out in one buffer, and finds a number that lies outside the range of its parameter.

#include <backspike/core/arena.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace backspike {
namespace {

/// A range of floats: no end of it is infinite, so that infinity is outside as NaN is.
struct float_range {
  float low, high;
  bool or_zero;

  explicit float_range(const parameter_info& p)
      : low(std::max(static_cast<float>(p.low), std::numeric_limits<float>::lowest())),
        high(std::min(static_cast<float>(p.high), std::numeric_limits<float>::max())),
        or_zero(p.or_zero) {}

  bool contains(float x) const {
    const bool inside = (x >= low) & (x <= high), zero = or_zero & (x == 0.0f);
    return inside | zero;
  }
};

/// Without a branch per number: it runs over all weights.
bool all_within(const float_range& range, const float* values, std::size_t n) {
  unsigned bad = 0;
  for (std::size_t k = 0; k < n; ++k) {
    bad |= range.contains(values[k]) ? 0u : 1u;
  }
  return bad == 0;
}

struct found_number {
  const parameter_info& parameter;
  std::size_t row, column;
  float value;

  range_problem in_words() const {
    const parameter_info& p = parameter;
    const std::string index = (p.extents.extents.size() > 1 ? std::to_string(row) + ", " : "") + std::to_string(column);
    const std::string unit = p.unit.empty() ? "" : " " + p.unit;
    const std::string range =
        p.bounded() ? short_number(p.low) + " to " + short_number(p.high) + unit : std::string("finite numbers");
    return {p.name + "[" + index + "]", short_number(value) + unit, range + (p.or_zero ? ", or 0" : "")};
  }
};

std::optional<found_number> find_outside(const arena<float>& values, range_scope scope) {
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const parameter_info& p = values.layout()[i];
    const auto view = values.view(i);
    const float_range range(p);
    for (std::size_t r = 0; r < p.rows && (p.bounded() || scope == range_scope::all); ++r) {
      if (!all_within(range, view.row(r), p.cols)) {
        const float* found =
            std::find_if_not(view.row(r), view.row(r) + p.cols, [&](float x) { return range.contains(x); });
        return found_number{p, r, static_cast<std::size_t>(found - view.row(r)), *found};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::size_t parameter_layout::add(std::string name, shape extents, std::string unit, double low, double high,
                                  bool learnable, parameter_transform transform, bool or_zero) {
  for (const auto& e : entries_) {
    if (e.name == name) {
      throw internal_error("parameter_layout: the name " + name + " is taken");
    }
  }
  const bool matrix = extents.extents.size() > 1;
  const std::size_t rows = matrix ? extents.extents.front() : 1;
  const std::size_t cols = extents.size() / (rows == 0 ? 1 : rows);
  const std::size_t stride = padded(cols);
  entries_.push_back({std::move(name), std::move(extents), std::move(unit), low, high, learnable, transform, rows, cols,
                      stride, floats_, or_zero});
  floats_ += rows * stride;
  return entries_.size() - 1;
}

std::size_t parameter_layout::find(std::string_view name) const {
  std::string known;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].name == name) {
      return i;
    }
    known += (known.empty() ? "" : ", ") + entries_[i].name;
  }
  throw value_error("parameter_layout", "name", std::string(name), "one of " + known);
}

std::size_t parameter_layout::learnable_count() const {
  std::size_t n = 0;
  for (const auto& e : entries_) {
    n += e.learnable ? e.size() : 0;
  }
  return n;
}

std::optional<range_problem> find_out_of_range(const arena<float>& values, range_scope scope) {
  const auto found = find_outside(values, scope);
  return found ? std::optional(found->in_words()) : std::nullopt;
}

void require_in_range(const arena<float>& values, range_scope scope) {
  if (const auto found = find_outside(values, scope)) {
    const auto [number, value, accepted] = found->in_words();
    if (!std::isfinite(found->value)) {
      throw numeric_error(number, value + "; accepted: " + accepted);
    }
    throw value_error("network", number, value, accepted);
  }
}

void clamp_to_range(const parameter_info& p, std::size_t n, float* value) {
  const float low = static_cast<float>(p.low), high = static_cast<float>(p.high);
  for (std::size_t i = 0; i < n; ++i) {
    value[i] = std::clamp(value[i], low, high);
  }
}

void clamp_to_ranges(arena<float>& values) {
  for (const parameter_info& p : values.layout().entries()) {
    for (std::size_t r = 0; r < p.rows; ++r) {
      clamp_to_range(p, p.cols, values.values().data() + p.offset + r * p.stride);
    }
  }
}

}  // namespace backspike
