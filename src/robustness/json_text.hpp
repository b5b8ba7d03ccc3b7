#pragma once
// JSON as text, for a file or for the script of a page. Bytes that are not UTF-8 are replaced: names come from
// strangers.

#include <nlohmann/json.hpp>

#include <string>

namespace backspike {

/// On lines of its own, as files have it.
inline std::string json_file_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// On one line, in ASCII.
inline std::string json_page_text(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace backspike
