#pragma once
// What generated tasks ask of their settings, in one wording.

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <cstdint>
#include <string>

namespace backspike {

class setting_checks {
 public:
  /// `table` is where the settings stand in an experiment: "data.psp".
  setting_checks(std::string operation, std::string table)
      : operation_(std::move(operation)), table_(std::move(table)) {}

  void at_least(const char* setting, std::uint32_t value, std::uint32_t least) const {
    require(value >= least, setting, std::to_string(value), "at least " + std::to_string(least));
  }
  void even(const char* setting, std::uint32_t value) const {
    require(value >= 2 && value % 2 == 0, setting, std::to_string(value), "an even number, at least 2");
  }
  void positive(const char* setting, double value) const {
    require(value > 0.0, setting, short_number(value), "above 0");
  }
  void require(bool good, const char* setting, const std::string& value, const std::string& accepted) const {
    if (!good) {
      throw value_error(operation_, table_ + "." + setting, value, accepted);
    }
  }

 private:
  std::string operation_, table_;
};

}  // namespace backspike
