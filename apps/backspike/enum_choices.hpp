#pragma once
// The names of an enumeration as the choices of an option.

#include <backspike/core/enum_names.hpp>

#include <string>
#include <vector>

namespace backspike::app {

template <class Enum>
std::vector<std::string> names_of() {
  std::vector<std::string> all;
  all.reserve(enum_names<Enum>.size());
  for (const auto& entry : enum_names<Enum>) {
    all.emplace_back(entry.name);
  }
  return all;
}

}  // namespace backspike::app
