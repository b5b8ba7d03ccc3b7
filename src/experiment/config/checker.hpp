#pragma once
// What the checks of a whole experiment share: whom they blame, and what a name may be.

#include <backspike/core/error.hpp>

#include "experiment/config/keys/table.hpp"

#include <string>

namespace backspike::config {

/// Blames a key where it was set; a key that was not set, where its table begins.
class checker {
 public:
  checker(const settings_map& settings, const std::string& file) : settings_(settings), file_(file) {}

  [[noreturn]] void refuse(const std::string& table, const std::string& name, const std::string& message) const {
    const auto id = join(table, name);
    if (const auto set = settings_.find(id); set != settings_.end()) {
      throw config_error(set->second.where.file, set->second.where.line, set->second.shown, message);
    }
    const auto outer = settings_.find(table);
    if (outer == settings_.end()) {
      throw config_error(file_, 0, id, message);
    }
    throw config_error(outer->second.where.file, outer->second.where.line, join(outer->second.shown, name), message);
  }

  bool was_set(const std::string& id) const { return settings_.contains(id); }

  /// A bound without a weight would do nothing, in silence.
  void require_weight(const std::string& table, const std::string& name, const std::string& weight) const {
    if (was_set(join(table, name)) && !was_set(join(table, weight))) {
      refuse(table, name, "does nothing without a weight; accepted: with " + weight + " beside it");
    }
  }

 private:
  const settings_map& settings_;
  const std::string& file_;
};

/// Names appear in dotted keys and in those of tensors, and must not be mistaken for the number of a layer or
/// connection.
bool is_identifier(const std::string& name);

}  // namespace backspike::config
