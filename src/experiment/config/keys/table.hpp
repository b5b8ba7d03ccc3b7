#pragma once
// Reads TOML tables into a struct by its key table; what the table does not know is offered to the derived reader.

#include <backspike/core/error.hpp>

#include "experiment/config/keys/value.hpp"
#include "experiment/config/spelling.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace backspike::config {

/// Where each key was set, and how it was written there, by its dotted name with layers as numbers.
struct setting {
  place where;
  std::string shown;
};
using settings_map = std::map<std::string, setting>;

std::string join(const std::string& prefix, const std::string& name);

/// The first component of a dotted name; `rest` gets what follows it.
std::string first_of(const std::string& dotted, std::string& rest);

/// The entries of a table in the order of the file, so that the first mistake is the one that is reported.
std::vector<std::pair<std::string, const toml::node*>> entries_of(const toml::table& table);

/// The place of an entry of a table at `outer`.
place place_within(const place& outer, const toml::table& table, const std::string& name);

/// The node as a table; throws config_error.
const toml::table& table_of(const toml::node& node, const std::string& shown, const place& where);

[[noreturn]] void throw_unknown(const std::string& shown, const place& where, const std::string& word,
                                const std::vector<std::string>& accepted, const std::vector<std::string>& elsewhere);

template <class Owner>
class table_reader {
 public:
  /// `id` and `shown` are the dotted names of the owner: with layers as numbers, and as the user wrote it.
  table_reader(const key_table<Owner>& table, Owner& owner, std::string id, std::string shown, settings_map& settings)
      : table_(table), owner_(owner), id_(std::move(id)), shown_(std::move(shown)), settings_(settings) {}
  virtual ~table_reader() = default;
  table_reader(const table_reader&) = delete;
  table_reader& operator=(const table_reader&) = delete;

  /// Sets what `name`, dotted from the owner, stands for: a key, or a section given as a table.
  void read(const std::string& name, const toml::node& node, const place& where) {
    if (const auto* k = find_key(name)) {
      k->set(owner_, checked_value(*k, join(shown_, name), node, where));
      settings_[join(id_, name)] = {where, join(shown_, name)};
    } else if (is_section(name)) {
      const auto& table = table_of(node, join(shown_, name), where);
      for (const auto& [child, entry] : entries_of(table)) {
        const auto at = place_within(where, table, child);
        if (child.empty() || child.find('.') != std::string::npos) {  // a key in quotes, which names none of ours
          throw_unknown(join(shown_, join(name, toml_text(child))), at, toml_text(child), names_in(name), {});
        }
        read(join(name, child), *entry, at);
      }
    } else if (!read_other(name, node, where)) {
      refuse(name, where);
    }
  }

 protected:
  /// Reads a key that the table does not list; false if there is no such key.
  virtual bool read_other(const std::string&, const toml::node&, const place&) { return false; }
  /// The names in a section that the table does not list.
  virtual std::vector<std::string> other_names(const std::string&) const { return {}; }

  Owner& owner() { return owner_; }
  const Owner& owner() const { return owner_; }
  const std::string& id() const { return id_; }
  const std::string& shown() const { return shown_; }
  settings_map& settings() { return settings_; }
  const settings_map& settings() const { return settings_; }

 private:
  const key<Owner>* find_key(const std::string& name) const {
    for (const auto& s : table_) {
      for (const auto& k : s.keys) {
        if (join(s.name, k.name) == name) {
          return &k;
        }
      }
    }
    return nullptr;
  }

  bool is_section(const std::string& name) const {
    return std::any_of(table_.begin(), table_.end(), [&](const auto& s) { return s.name == name; });
  }

  /// Keys, sections and other names directly in a section.
  std::vector<std::string> names_in(const std::string& section_name) const {
    std::vector<std::string> names;
    for (const auto& s : table_) {
      if (s.name == section_name) {
        for (const auto& k : s.keys) {
          names.push_back(k.name);
        }
      }
    }
    const auto start = section_name.empty() ? "" : section_name + ".";
    for (const auto& s : table_) {
      if (s.name.size() > start.size() && s.name.starts_with(start) &&
          s.name.find('.', start.size()) == std::string::npos) {
        names.push_back(s.name.substr(start.size()));
      }
    }
    const auto others = other_names(section_name);
    names.insert(names.end(), others.begin(), others.end());
    return names;
  }

  /// Dotted names of keys called `word` in other sections.
  std::vector<std::string> namesakes(const std::string& word) const {
    std::vector<std::string> names;
    for (const auto& s : table_) {
      for (const auto& k : s.keys) {
        if (k.name == word) {
          names.push_back(join(shown_, join(s.name, word)));
        }
      }
    }
    return names;
  }

  [[noreturn]] void refuse(const std::string& name, const place& where) const {
    std::string known, rest, next = first_of(name, rest);
    while (is_section(join(known, next)) && !rest.empty()) {
      known = join(known, next);
      next = first_of(std::string(rest), rest);
    }
    if (find_key(join(known, next)) != nullptr) {
      throw config_error(where.file, where.line, join(shown_, name),
                         join(shown_, join(known, next)) + " is a value and has no keys of its own");
    }
    throw_unknown(join(shown_, name), where, next, names_in(known), namesakes(next));
  }

  const key_table<Owner>& table_;
  Owner& owner_;
  std::string id_, shown_;
  settings_map& settings_;
};

}  // namespace backspike::config
