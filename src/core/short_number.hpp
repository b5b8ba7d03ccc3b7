#pragma once
// Numbers in messages: the six digits that a reader compares.

#include <cstdio>
#include <string>

namespace backspike {

inline std::string short_number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", x);
  return text;
}

}  // namespace backspike
