#pragma once
// The header of a NumPy array: a type, or the fields of a structure, and a shape.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// kind: b bool, i and u whole numbers, f floats, V bytes without a meaning.
struct npy_type {
  char kind = 'V';
  std::size_t size = 0;  // [bytes]
  bool swapped = false;  // big-endian
};

struct npy_field {
  std::string name;  // empty: the array has no fields
  npy_type type;
  std::size_t offset = 0;
};

struct npy_array {
  std::vector<npy_field> fields;
  std::size_t item_bytes = 0;
  std::vector<std::uint64_t> shape;
  bool fortran_order = false;
  std::size_t header_bytes = 0;
};

/// Throws format_error with the place in `path` (and `part`, of an archive): cut off, not the text that NumPy writes,
/// objects, types that are no numbers.
npy_array read_npy_header(const std::string& path, const std::string& part, std::span<const std::uint8_t> bytes);

constexpr std::size_t npy_longest_header = 65536;

/// A number as it stands in an array; floats that are not whole numbers, and numbers beyond 64 bits, give false.
bool whole_number(const std::uint8_t* at, const npy_type& type, std::int64_t& value);
double real_number(const std::uint8_t* at, const npy_type& type);

}  // namespace backspike
