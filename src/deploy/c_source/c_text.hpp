#pragma once
// C text as it grows: names, tables that stay in flash, buffers in RAM, and how many bytes both take.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace backspike::deploy {

/// Letters, digits and underscores: what C takes within a name, from what a user wrote.
std::string identifier(std::string_view text);

/// So that the C program reads it back to the last bit.
std::string literal(float x);
std::string literal(std::int64_t x);

/// The narrowest unsigned type that holds numbers below `end`.
struct index_type {
  std::string name;
  std::size_t bytes;
};
index_type index_below(std::uint64_t end);
/// The narrowest signed type that holds numbers of so many bits.
index_type integer_of(int bits);

class c_text {
 public:
  /// `per_line`: numbers of a line, each line with its number in a comment; 0: as many as fit.
  template <class T>
  void table(const index_type& type, const std::string& name, std::span<const T> values, std::size_t per_line = 0) {
    begin_table(type, name, values.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      put_entry(entry(values[k]), k, per_line);
    }
    end_table();
  }
  void buffer(const index_type& type, const std::string& name, std::size_t count);
  void line(const std::string& text) { code += text + "\n"; }

  std::string declarations, code;  // tables and buffers; functions
  std::size_t flash = 0, ram = 0;  // bytes of both

 private:
  static std::string entry(float x) { return literal(x); }
  static std::string entry(std::int64_t x) { return literal(x); }
  void begin_table(const index_type& type, const std::string& name, std::size_t count);
  void put_entry(const std::string& text, std::size_t k, std::size_t per_line);
  void end_table();
  std::size_t column_ = 0;
};

inline const index_type float_type{"float", 4};

}  // namespace backspike::deploy
