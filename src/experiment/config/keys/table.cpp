// The part of reading a TOML table that does not depend on what is read: dotted names, line numbers, unknown keys.

#include "experiment/config/keys/table.hpp"

#include <tuple>

namespace backspike::config {

std::string join(const std::string& prefix, const std::string& name) {
  return prefix.empty() || name.empty() ? prefix + name : prefix + "." + name;
}

std::string first_of(const std::string& dotted, std::string& rest) {
  const auto dot = dotted.find('.');
  rest = dot == std::string::npos ? "" : dotted.substr(dot + 1);
  return dotted.substr(0, dot);
}

std::vector<std::pair<std::string, const toml::node*>> entries_of(const toml::table& table) {
  struct entry {
    std::size_t line, column;
    std::string name;
    const toml::node* node;
  };
  std::vector<entry> found;
  found.reserve(table.size());
  for (const auto& [key, node] : table) {
    const auto at = key.source().begin;
    found.push_back({at.line, at.column, std::string(key.str()), &node});
  }
  std::sort(found.begin(), found.end(),
            [](const entry& a, const entry& b) { return std::tie(a.line, a.column) < std::tie(b.line, b.column); });
  std::vector<std::pair<std::string, const toml::node*>> entries;
  entries.reserve(found.size());
  for (const auto& e : found) {
    entries.emplace_back(e.name, e.node);
  }
  return entries;
}

place place_within(const place& outer, const toml::table& table, const std::string& name) {
  return {outer.file, outer.line == 0 ? 0 : table.find(name)->first.source().begin.line, ""};
}

const toml::table& table_of(const toml::node& node, const std::string& shown, const place& where) {
  if (!node.is_table()) {
    throw config_error(where.file, where.line, shown, "is " + found_text(node) + "; accepted: a table of keys");
  }
  return *node.as_table();
}

void throw_unknown(const std::string& shown, const place& where, const std::string& word,
                   const std::vector<std::string>& accepted, const std::vector<std::string>& elsewhere) {
  auto hint = suggestion(word, accepted);
  if (hint.empty() && !elsewhere.empty()) {
    hint = "; did you mean " + elsewhere.front() + "?";
  }
  throw config_error(where.file, where.line, shown,
                     "unknown key" + (shown.ends_with(word) ? "" : " " + word) + hint +
                         (hint.empty() ? "; accepted here: " : " Accepted here: ") + joined(accepted));
}

}  // namespace backspike::config
