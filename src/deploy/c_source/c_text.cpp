// Writes tables, buffers and numbers as C.

#include "deploy/c_source/c_text.hpp"

#include <fmt/format.h>

#include <cctype>

namespace backspike::deploy {
namespace {

constexpr std::size_t line_width = 110;

}  // namespace

std::string identifier(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    name += byte < 128 && std::isalnum(byte) != 0 ? c : '_';
  }
  return name.substr(0, 40);
}

std::string literal(float x) {
  std::string text = fmt::format("{:.9g}", x);
  if (text.find_first_of(".e") == std::string::npos) {
    text += ".0";
  }
  return text + "f";
}

std::string literal(std::int64_t x) { return std::to_string(x); }

index_type index_below(std::uint64_t end) {
  if (end <= 256) {
    return {"uint8_t", 1};
  }
  return end <= 65536 ? index_type{"uint16_t", 2} : index_type{"uint32_t", 4};
}

index_type integer_of(int bits) {
  if (bits <= 8) {
    return {"int8_t", 1};
  }
  return bits <= 16 ? index_type{"int16_t", 2} : index_type{"int32_t", 4};
}

void c_text::begin_table(const index_type& type, const std::string& name, std::size_t count) {
  declarations += fmt::format("static const {} {}[{}] = {{", type.name, name, count);
  flash += type.bytes * count;
  column_ = line_width;
}

void c_text::put_entry(const std::string& text, std::size_t k, std::size_t per_line) {
  const bool new_row = per_line > 0 && k % per_line == 0;
  if (k > 0) {
    declarations += ",";
    ++column_;
  }
  if (new_row) {
    declarations += fmt::format("\n  /* {} */", k / per_line);
    column_ = 10;
  } else if (column_ + text.size() + 2 > line_width) {
    declarations += "\n ";
    column_ = 1;
  }
  declarations += " " + text;
  column_ += text.size() + 1;
}

void c_text::end_table() { declarations += "};\n"; }

void c_text::buffer(const index_type& type, const std::string& name, std::size_t count) {
  declarations += fmt::format("static {} {}[{}];\n", type.name, name, count);
  ram += type.bytes * count;
}

}  // namespace backspike::deploy
