#pragma once
// Networks, data, rules and objectives that each make training keep something of its own: what the forecast of memory
// is held against.

#include "gradient/trial.hpp"

#include <backspike/gradient/rule_spec.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace backspike::testing {

struct situation {
  std::string name;
  trial_plan plan;
  rule_spec rule;
  std::size_t threads = 2;

  friend void PrintTo(const situation& s, std::ostream* out) { *out << s.name; }  // googletest would print its bytes
};

/// Each with a name of its own.
std::vector<situation> situations();

}  // namespace backspike::testing
