// Looks at text character by character: what a terminal would obey is shown as an escape sequence, what is not UTF-8 is
// replaced.

#include <backspike/core/text.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace backspike {
namespace {

struct character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;  // else `code` is one byte that is not UTF-8
};

std::uint32_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// Bytes that a first byte announces, 0 for a byte that cannot be one.
std::size_t announced(std::uint32_t first) {
  return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

character next_character(std::string_view text) {
  const auto first = byte_at(text, 0);
  const character stray{first, 1, false};
  const auto bytes = announced(first);
  if (bytes == 0 || bytes > text.size()) {
    return stray;
  }
  auto code = bytes == 1 ? first : first & (0xFFU >> (bytes + 1));
  for (std::size_t k = 1; k < bytes; ++k) {
    const auto following = byte_at(text, k);
    if ((following & 0xC0U) != 0x80U) {
      return stray;
    }
    code = code << 6U | (following & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};  // shorter forms exist below
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < least[bytes] || surrogate || code > 0x10FFFF ? stray : character{code, bytes, true};
}

/// Calls `visit` with every character and the bytes it stands in.
template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto c = next_character(text);
    visit(c, text.substr(0, c.bytes));
    text.remove_prefix(c.bytes);
  }
}

/// C0, DEL, C1, the marks, embeddings, overrides and isolates of writing direction, line and paragraph separators, and
/// the invisible tags.
bool is_control(std::uint32_t code) {
  struct range {
    std::uint32_t first, last;
  };
  constexpr std::array<range, 8> ranges{{{0, 0x1F},
                                         {0x7F, 0x9F},
                                         {0x61C, 0x61C},
                                         {0x200E, 0x200F},
                                         {0x2028, 0x202E},
                                         {0x2066, 0x2069},
                                         {0xFEFF, 0xFEFF},
                                         {0xE0000, 0xE007F}}};
  return std::any_of(ranges.begin(), ranges.end(), [&](const range& r) { return code >= r.first && code <= r.last; });
}

std::string hexadecimal(std::uint32_t value, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[value >> static_cast<unsigned>(shift) & 15U];
  }
  return text;
}

std::string escaped(const character& c) {
  if (c.code == '\n' || c.code == '\t' || c.code == '\r') {
    return c.code == '\n' ? "\\n" : c.code == '\t' ? "\\t" : "\\r";
  }
  if (!c.valid || c.code < 0x80) {
    return "\\x" + hexadecimal(c.code, 2);
  }
  return c.code < 0x10000 ? "\\u" + hexadecimal(c.code, 4) : "\\U" + hexadecimal(c.code, 8);
}

std::string shown(std::string_view text, std::string_view kept) {
  std::string result;
  result.reserve(text.size());
  for_each_character(text, [&](const character& c, std::string_view bytes) {
    const bool stays =
        c.valid && (!is_control(c.code) || (c.code < 0x80 && kept.find(bytes) != std::string_view::npos));
    result += stays ? std::string(bytes) : escaped(c);
  });
  return result;
}

}  // namespace

std::string printable(std::string_view text) { return shown(text, ""); }

std::string printable_lines(std::string_view text) { return shown(text, "\n\t"); }

bool is_valid_utf8(std::string_view text) {
  bool valid = true;
  for_each_character(text, [&](const character& c, std::string_view) { valid = valid && c.valid; });
  return valid;
}

std::string to_valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for_each_character(text, [&](const character& c, std::string_view bytes) {
    if (c.valid) {
      result += bytes;
    } else if (c.code >= 0xA0) {  // two bytes in UTF-8
      result += static_cast<char>(0xC0U | c.code >> 6U);
      result += static_cast<char>(0x80U | (c.code & 0x3FU));
    } else {
      result += "\xEF\xBF\xBD";
    }
  });
  return result;
}

bool has_control_characters(std::string_view text) {
  bool found = false;
  for_each_character(text,
                     [&](const character& c, std::string_view) { found = found || !c.valid || is_control(c.code); });
  return found;
}

bool is_folder_name(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('/') == std::string_view::npos &&
         !has_control_characters(text);
}

void require_path(const std::string& operation, const std::string& path) {
  if (path.find('\0') != std::string::npos) {
    throw file_error(operation, path, "a path with a NUL in it, where the system would take it to end");
  }
}

}  // namespace backspike
