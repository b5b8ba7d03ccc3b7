// Reads pictures of netpbm (PBM, PGM, PPM), text or binary, for the task spike_pattern.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/picture.hpp>

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace backspike {
namespace {

/// The kinds of netpbm: P1, P4 bits; P2, P5 grey; P3, P6 colours. The first three are text.
class netpbm_reader {
 public:
  explicit netpbm_reader(const std::string& path) : path_(path), content_(read_text_file(path)) {}

  picture read() {
    const int kind = read_kind();
    const bool bits = kind == 1 || kind == 4, text = kind <= 3;
    picture drawn;
    drawn.width = read_extent("width");
    drawn.height = read_extent("height");
    const std::uint64_t largest = bits ? 1 : read_number();
    if (largest < 1 || largest > 65535) {
      refuse("the largest value is " + std::to_string(largest) + "; accepted: 1 to 65535");
    }
    if (!text) {
      skip_one_space();
    }
    const std::size_t values = kind == 3 || kind == 6 ? 3 : 1;
    require_room(drawn, kind, values, largest);
    drawn.darkness.reserve(drawn.width * drawn.height);
    for (std::size_t row = 0; row < drawn.height; ++row) {
      for (std::size_t column = 0; column < drawn.width; ++column) {
        const double level = kind == 4 ? packed_bit(column) : level_of(kind, values, largest);
        const double share = level / static_cast<double>(largest);
        drawn.darkness.push_back(static_cast<float>(bits ? share : 1.0 - share));
      }
    }
    require_end();
    return drawn;
  }

 private:
  [[noreturn]] void refuse(const std::string& message) const {
    throw format_error(path_, "byte " + std::to_string(position_), message);
  }
  [[noreturn]] void truncated() const { refuse("truncated: the header announces more"); }

  bool at_end() const { return position_ == content_.size(); }
  bool at_space() const { return !at_end() && std::isspace(static_cast<unsigned char>(content_[position_])) != 0; }

  int read_kind() {
    if (content_.size() < 2 || content_[0] != 'P' || content_[1] < '1' || content_[1] > '6') {
      refuse("does not start with P1 to P6, as a portable bitmap, greymap or pixmap (netpbm) does");
    }
    position_ = 2;
    return content_[1] - '0';
  }

  /// Spaces and comments, which last to the end of their line.
  void skip_spaces() {
    while (at_space() || (!at_end() && content_[position_] == '#')) {
      if (content_[position_] == '#') {
        position_ = std::min(content_.find('\n', position_), content_.size());
      } else {
        ++position_;
      }
    }
  }

  void skip_one_space() {
    if (!at_space()) {
      refuse("no space between the header and the picture");
    }
    ++position_;
  }

  std::uint64_t read_number() {
    skip_spaces();
    if (at_end()) {
      truncated();
    }
    constexpr std::uint64_t most = 1000000000;
    std::uint64_t number = 0;
    const std::size_t first = position_;
    for (; !at_end() && content_[position_] >= '0' && content_[position_] <= '9'; ++position_) {
      number = std::min(10 * number + static_cast<std::uint64_t>(content_[position_] - '0'), most);
    }
    if (position_ == first) {
      refuse("a number is expected here");
    }
    return number;
  }

  std::size_t read_extent(const std::string& name) {
    const auto extent = read_number();
    if (extent == 0) {
      refuse("a " + name + " of 0");
    }
    return extent;
  }

  /// An absurd header allocates nothing.
  void require_room(const picture& drawn, int kind, std::size_t values, std::uint64_t largest) const {
    const std::uint64_t left = content_.size() - position_, bytes = values * (kind > 4 && largest > 255 ? 2 : 1);
    const std::uint64_t row = kind == 4 ? (drawn.width + 7) / 8 : drawn.width * bytes;
    if (left / row < drawn.height) {
      refuse("truncated: the header announces " + std::to_string(drawn.width) + " x " + std::to_string(drawn.height) +
             " dots, " + std::to_string(left) + " bytes are left for them");
    }
  }

  std::uint64_t read_byte() { return static_cast<unsigned char>(content_[position_++]); }

  /// Rows of a packed bitmap begin with a byte of their own.
  double packed_bit(std::size_t column) {
    if (column % 8 == 0) {
      packed_ = read_byte();
    }
    return static_cast<double>((packed_ >> (7 - column % 8)) & 1);
  }

  std::uint64_t value_of(int kind, std::uint64_t largest) {
    std::uint64_t value = 0;
    if (kind == 1) {  // dots need no space between them
      skip_spaces();
      if (at_end()) {
        truncated();
      }
      value = read_byte() - '0';
    } else if (kind <= 3) {
      value = read_number();
    } else {
      value = largest > 255 ? 256 * read_byte() : 0;
      value += read_byte();
    }
    if (value > largest) {
      refuse("a value above the largest, " + std::to_string(largest) + ", ends here");
    }
    return value;
  }

  double level_of(int kind, std::size_t values, std::uint64_t largest) {
    if (values == 1) {
      return static_cast<double>(value_of(kind, largest));
    }
    const auto red = static_cast<double>(value_of(kind, largest)), green = static_cast<double>(value_of(kind, largest)),
               blue = static_cast<double>(value_of(kind, largest));
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  }

  void require_end() {
    skip_spaces();
    if (!at_end()) {
      refuse("something follows the picture");
    }
  }

  std::string path_, content_;
  std::size_t position_ = 0;
  std::uint64_t packed_ = 0;
};

}  // namespace

picture read_picture(const std::string& path) { return netpbm_reader(path).read(); }

}  // namespace backspike
