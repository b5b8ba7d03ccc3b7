// Reads the dictionary that NumPy writes in front of an array: a small part of Python's literals.

#include "events/numpy/npy_header.hpp"

#include <backspike/core/error.hpp>

#include "events/decoder.hpp"

#include <cmath>
#include <limits>
#include <string_view>

namespace backspike {
namespace {

/// One literal: a text, a word (True, 12) or a group of others, a dictionary's keys and values behind one another.
struct literal {
  enum class kind { text, word, group } is = kind::word;
  std::string text;
  std::vector<literal> parts;
};

class literal_reader {
 public:
  explicit literal_reader(std::string_view text) : text_(text) {}

  /// False: not a literal.
  bool read(literal& to, int depth = 0) {
    skip_spaces();
    if (text_.empty() || depth > 4 || ++count_ > 4096) {
      return false;
    }
    const char first = text_[0];
    if (first == '\'' || first == '"') {
      return read_text(to, first);
    }
    if (first == '(' || first == '[' || first == '{') {
      return read_group(to, first == '(' ? ')' : first == '[' ? ']' : '}', depth);
    }
    return read_word(to);
  }

 private:
  void skip_spaces() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) {
      text_.remove_prefix(1);
    }
  }

  bool read_text(literal& to, char quote) {
    const auto end = text_.find(quote, 1);
    if (end == std::string_view::npos) {
      return false;
    }
    to = {literal::kind::text, std::string(text_.substr(1, end - 1)), {}};
    text_.remove_prefix(end + 1);
    return true;
  }

  bool read_word(literal& to) {
    const auto end = std::min(text_.find_first_of(" ,:)]}\n"), text_.size());
    to = {literal::kind::word, std::string(text_.substr(0, end)), {}};
    text_.remove_prefix(end);
    return end > 0;
  }

  bool read_group(literal& to, char closing, int depth) {
    to = {literal::kind::group, "", {}};
    text_.remove_prefix(1);
    for (skip_spaces(); !text_.empty() && text_[0] != closing; skip_spaces()) {
      if (!read(to.parts.emplace_back(), depth + 1)) {
        return false;
      }
      skip_spaces();
      if (!text_.empty() && (text_[0] == ',' || text_[0] == ':')) {
        text_.remove_prefix(1);
      }
    }
    const bool closed = !text_.empty();
    text_.remove_prefix(closed ? 1 : 0);
    return closed;
  }

  std::string_view text_;
  std::size_t count_ = 0;
};

const literal* value_of(const literal& dictionary, std::string_view key) {
  for (std::size_t k = 0; k + 1 < dictionary.parts.size(); k += 2) {
    if (dictionary.parts[k].text == key) {
      return &dictionary.parts[k + 1];
    }
  }
  return nullptr;
}

bool parse_size(std::string_view text, std::uint64_t& value) {
  value = 0;
  constexpr std::uint64_t most = std::uint64_t{1} << 48U;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > most) {
      return false;
    }
    value = 10 * value + static_cast<std::uint64_t>(c - '0');
  }
  return !text.empty();
}

/// "<i8", "|b1", "|V3".
bool parse_type(std::string_view text, npy_type& type) {
  if (text.size() < 3 || std::string_view("<>|=").find(text[0]) == std::string_view::npos) {
    return false;
  }
  std::uint64_t size = 0;
  if (!parse_size(text.substr(2), size)) {
    return false;
  }
  type = {text[1], static_cast<std::size_t>(size), text[0] == '>'};
  switch (type.kind) {
    case 'b':
      return size == 1;
    case 'i':
    case 'u':
      return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f':
      return size == 4 || size == 8;
    case 'V':
      return size <= 4096;
    default:
      return false;
  }
}

/// [('x', '<i2'), ...]: fields behind one another.
bool parse_fields(const literal& list, npy_array& array) {
  for (const auto& entry : list.parts) {
    npy_field field;
    if (entry.is != literal::kind::group || entry.parts.size() != 2 || entry.parts[1].is != literal::kind::text ||
        !parse_type(entry.parts[1].text, field.type)) {
      return false;
    }
    field.name = entry.parts[0].text;
    field.offset = array.item_bytes;
    array.item_bytes += field.type.size;
    array.fields.push_back(std::move(field));
  }
  return !array.fields.empty() && array.item_bytes > 0;
}

bool parse_descr(const literal& descr, npy_array& array) {
  if (descr.is == literal::kind::group) {
    return parse_fields(descr, array);
  }
  npy_field whole;
  if (!parse_type(descr.text, whole.type) || whole.type.kind == 'V') {
    return false;
  }
  array.item_bytes = whole.type.size;
  array.fields.push_back(whole);
  return true;
}

bool parse_shape(const literal& shape, npy_array& array) {
  for (const auto& extent : shape.parts) {
    if (!parse_size(extent.text, array.shape.emplace_back())) {
      return false;
    }
  }
  return shape.is == literal::kind::group && array.shape.size() <= 8;
}

template <class Number>
Number number_at(const std::uint8_t* at, const npy_type& type) {
  std::uint8_t bytes[sizeof(Number)];
  for (std::size_t k = 0; k < sizeof(Number); ++k) {
    bytes[k] = at[type.swapped ? sizeof(Number) - 1 - k : k];
  }
  return std::bit_cast<Number>(
      little_endian<std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t>>(bytes));
}

std::uint64_t bits_at(const std::uint8_t* at, const npy_type& type) {
  std::uint64_t value = 0;
  for (std::size_t k = 0; k < type.size; ++k) {
    value = value << 8U | at[type.swapped ? k : type.size - 1 - k];
  }
  return value;
}

}  // namespace

npy_array read_npy_header(const std::string& path, const std::string& part, std::span<const std::uint8_t> bytes) {
  const auto fail = [&](const std::string& message) {
    throw format_error(path, part.empty() ? "header" : part, message);
  };
  constexpr std::size_t fixed = 10;
  if (bytes.size() < fixed || !text_of(bytes).starts_with("\x93NUMPY")) {
    fail("not an array of NumPy, or its header is cut off");
  }
  const bool longer = bytes[6] >= 2;
  if (bytes[6] < 1 || bytes[6] > 3 || (longer && bytes.size() < fixed + 2)) {
    fail("an array of NumPy in version " + std::to_string(bytes[6]) + " (accepted: 1 to 3)");
  }
  const std::size_t length =
      longer ? little_endian<std::uint32_t>(bytes.data() + 8) : little_endian<std::uint16_t>(bytes.data() + 8);
  const std::size_t start = longer ? fixed + 2 : fixed;
  if (length > npy_longest_header - start || length > bytes.size() - start) {
    fail("its header is cut off, or too long");
  }
  npy_array array;
  array.header_bytes = start + length;
  literal dictionary;
  if (!literal_reader(text_of(bytes.subspan(start, length))).read(dictionary)) {
    fail("its header is not what NumPy writes");
  }
  const auto *descr = value_of(dictionary, "descr"), *order = value_of(dictionary, "fortran_order"),
             *shape = value_of(dictionary, "shape");
  if (descr == nullptr || order == nullptr || shape == nullptr) {
    fail("its header lacks descr, fortran_order or shape");
  }
  if (!parse_descr(*descr, array)) {
    fail("a type that is not read (accepted: bool, whole numbers, floats, and structures of them): " +
         (descr->is == literal::kind::text ? descr->text : std::string("a structure")));
  }
  array.fortran_order = order->text == "True";
  if (!parse_shape(*shape, array)) {
    fail("a shape that cannot be");
  }
  return array;
}

double real_number(const std::uint8_t* at, const npy_type& type) {
  if (type.kind == 'f') {
    return type.size == 4 ? static_cast<double>(number_at<float>(at, type)) : number_at<double>(at, type);
  }
  std::int64_t value = 0;
  return whole_number(at, type, value) ? static_cast<double>(value) : std::numeric_limits<double>::infinity();
}

bool whole_number(const std::uint8_t* at, const npy_type& type, std::int64_t& value) {
  if (type.kind == 'f') {
    const double real = real_number(at, type);
    constexpr double most = 9.0e15;  // whole numbers are exact up to here
    const bool whole = std::abs(real) <= most && std::floor(real) == real;
    value = whole ? static_cast<std::int64_t>(real) : 0;
    return whole;
  }
  const std::uint64_t bits = bits_at(at, type);
  if (type.kind == 'i') {
    const auto shift = 64U - 8U * static_cast<unsigned>(type.size);
    value = static_cast<std::int64_t>(bits << shift) >> shift;
    return true;
  }
  value = static_cast<std::int64_t>(bits);
  return type.kind == 'b' ? bits <= 1 : bits <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

}  // namespace backspike
