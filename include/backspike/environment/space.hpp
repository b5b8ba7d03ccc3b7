#pragma once
// What an observation or an action may be: one of some choices, or numbers in a box. Gymnasium calls them Discrete and
// Box.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace backspike {

struct space {
  std::size_t choices = 0;        // above 0: one of 0 ... choices - 1, which is one number
  std::vector<double> low, high;  // otherwise: [numbers] of a box, infinite where it has no end

  bool discrete() const { return choices > 0; }
  std::size_t numbers() const { return discrete() ? 1 : low.size(); }
  bool operator==(const space&) const = default;
};

space choices_of(std::size_t count);
space box(std::vector<double> low, std::vector<double> high);
/// From -high to high.
space box(const std::vector<double>& high);

/// As people read it: "0 to 1", "1 number".
std::string text_of(const space& s);

/// Throws shape_error or value_error, naming operation and argument, for what does not lie in it. A box takes every
/// finite number: environments clip what they are told, as Gymnasium's do.
void require_in(const space& s, std::span<const double> value, const std::string& operation,
                const std::string& argument);

}  // namespace backspike
