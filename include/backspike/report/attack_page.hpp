#pragma once
// The page of an attack: charts over the budget, the checklist, and examples before and after.

#include <string>
#include <vector>

namespace backspike {

struct attack_page {
  /// A line of the checklist.
  struct check {
    bool failed = false;
    std::string text, state;
  };
  std::string title, table;
  std::string json;  // ASCII, for the charts
  std::vector<check> checklist{};
};

std::string render_attack(const attack_page& page);

}  // namespace backspike
