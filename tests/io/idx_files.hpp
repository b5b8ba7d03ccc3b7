#pragma once
// IDX files made by the tests themselves.

#include <backspike/core/random.hpp>

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

inline std::string big_endian_word(std::uint32_t value) {
  std::string word;
  for (const int shift : {24, 16, 8, 0}) {
    word += static_cast<char>(value >> shift & 255);
  }
  return word;
}

inline std::string idx_file(const std::vector<std::uint32_t>& extents, const std::string& bytes) {
  std::string file = big_endian_word(0x0800 + static_cast<std::uint32_t>(extents.size()));
  for (const std::uint32_t extent : extents) {
    file += big_endian_word(extent);
  }
  return file + bytes;
}

inline std::string gzip(const std::string& content) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string input = content, output(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  deflate(&stream, Z_FINISH);
  output.resize(stream.total_out);
  deflateEnd(&stream);
  return output;
}

inline std::string random_pixels(std::size_t count, std::uint64_t seed) {
  random_stream random(seed, random_purpose::test);
  std::string pixels;
  for (std::size_t k = 0; k < count; ++k) {
    pixels += static_cast<char>(random.below(256));
  }
  return pixels;
}

}  // namespace backspike
