// Reads ZIP from its list at the end; every number in it is compared with what is there.

#include "events/numpy/zip.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>

#include "events/decoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <string_view>

namespace backspike {
namespace {

constexpr std::string_view list_mark("PK\x01\x02", 4), local_mark("PK\x03\x04", 4), end_mark("PK\x05\x06", 4),
    wide_end_mark("PK\x06\x06", 4), wide_place_mark("PK\x06\x07", 4);
constexpr std::size_t end_bytes = 22, list_bytes = 46, local_bytes = 30, most_entries = 1024;
constexpr std::uint32_t wide = 0xFFFFFFFF;  // the number stands in the extra field

class zip_reader {
 public:
  zip_reader(const std::string& path, std::span<const std::uint8_t> bytes) : path_(path), bytes_(bytes) {}

  [[noreturn]] void fail(std::uint64_t at, const std::string& message) const {
    throw format_error(path_, "byte " + std::to_string(at), message);
  }

  /// So many bytes from there, or an error.
  const std::uint8_t* at(std::uint64_t place, std::uint64_t count, const char* what) const {
    if (place > bytes_.size() || count > bytes_.size() - place) {
      fail(place, std::string("a damaged archive: ") + what + " lies behind its end");
    }
    return bytes_.data() + place;
  }

  bool has(std::uint64_t place, std::string_view mark) const {
    return place <= bytes_.size() && text_of(bytes_.subspan(place)).starts_with(mark);
  }

  std::uint64_t end() const {
    constexpr std::uint64_t longest_comment = 65535;
    const std::uint64_t size = bytes_.size();
    for (std::uint64_t back = end_bytes; back <= std::min(size, end_bytes + longest_comment); ++back) {
      if (has(size - back, end_mark)) {
        return size - back;
      }
    }
    fail(0, "the archive has no list of contents: it is cut off");
  }

 private:
  const std::string& path_;
  std::span<const std::uint8_t> bytes_;
};

struct list_place {
  std::uint64_t begin = 0, count = 0;
};

list_place find_list(const zip_reader& zip) {
  const auto end = zip.end();
  const auto* record = zip.at(end, end_bytes, "its end");
  list_place list{little_endian<std::uint32_t>(record + 16), little_endian<std::uint16_t>(record + 10)};
  if (end >= 20 && zip.has(end - 20, wide_place_mark)) {
    const auto place = little_endian<std::uint64_t>(zip.at(end - 20, 20, "its end") + 8);
    if (!zip.has(place, wide_end_mark)) {
      zip.fail(place, "a damaged archive: no end record where it should be");
    }
    const auto* record64 = zip.at(place, 56, "its end record");
    list = {little_endian<std::uint64_t>(record64 + 48), little_endian<std::uint64_t>(record64 + 32)};
  }
  if (list.count > most_entries) {
    zip.fail(end, "an archive of " + std::to_string(list.count) + " arrays (accepted: up to 1024)");
  }
  return list;
}

/// Numbers that did not fit in 32 bits, in the order in which they are missing.
void take_wide(const zip_reader& zip, std::uint64_t place, std::uint64_t bytes, zip_entry& e) {
  std::uint64_t* const numbers[] = {&e.size, &e.packed, &e.header};
  for (const std::uint64_t end = place + bytes; place + 4 <= end;) {
    const auto* field = zip.at(place, 4, "an extra field");
    const std::uint64_t length = little_endian<std::uint16_t>(field + 2);
    if (little_endian<std::uint16_t>(field) == 1) {
      std::uint64_t at = place + 4;
      for (auto* number : numbers) {
        if (*number == wide && at + 8 <= place + 4 + length) {
          *number = little_endian<std::uint64_t>(zip.at(at, 8, "a size"));
          at += 8;
        }
      }
    }
    place += 4 + length;
  }
}

std::vector<std::uint8_t> inflated(const zip_reader& zip, const zip_entry& e, const std::uint8_t* packed) {
  constexpr std::uint64_t deflate_limit = 1040;  // deflate makes data at most 1032 times smaller
  const auto there = available_memory(), held = resident_memory(), free = there > held ? there - held : 0;
  if (e.size > deflate_limit * (e.packed + 1) || e.packed > wide || e.size > wide) {
    zip.fail(e.header,
             "an array that would be " + std::to_string(e.size) + " bytes large, from " + std::to_string(e.packed));
  }
  if (e.size > free / 2) {
    throw resource_error("read an archive of arrays", e.size, free / 2, "arrays that are not compressed need less");
  }
  std::vector<std::uint8_t> out(static_cast<std::size_t>(e.size));
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) {  // without a header of zlib
    throw internal_error("zlib cannot be initialised");
  }
  stream.next_in = const_cast<Bytef*>(packed);
  stream.avail_in = static_cast<uInt>(e.packed);
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) {
    zip.fail(e.header, "damaged: an array that cannot be decompressed to what the archive says");
  }
  return out;
}

std::uint32_t checksum_of(std::span<const std::uint8_t> bytes) {
  uLong sum = crc32(0, nullptr, 0);
  constexpr std::size_t piece = std::size_t{1} << 30U;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(piece, bytes.size()))) {
    sum = crc32(sum, bytes.data(), static_cast<uInt>(std::min(piece, bytes.size())));
  }
  return static_cast<std::uint32_t>(sum);
}

}  // namespace

std::vector<zip_entry> zip_entries(const std::string& path, std::span<const std::uint8_t> archive) {
  const zip_reader zip(path, archive);
  const auto list = find_list(zip);
  std::vector<zip_entry> entries;
  std::uint64_t at = list.begin;
  for (std::uint64_t k = 0; k < list.count; ++k) {
    const auto* b = zip.at(at, list_bytes, "its list of contents");
    if (!zip.has(at, list_mark)) {
      zip.fail(at, "a damaged archive: no entry of its list where one should be");
    }
    if ((b[8] & 1U) != 0) {
      zip.fail(at, "an encrypted archive");
    }
    zip_entry e{"",
                little_endian<std::uint16_t>(b + 10),
                little_endian<std::uint32_t>(b + 16),
                little_endian<std::uint32_t>(b + 20),
                little_endian<std::uint32_t>(b + 24),
                little_endian<std::uint32_t>(b + 42)};
    const std::uint64_t name = little_endian<std::uint16_t>(b + 28), extra = little_endian<std::uint16_t>(b + 30),
                        comment = little_endian<std::uint16_t>(b + 32);
    e.name = std::string(text_of({zip.at(at + list_bytes, name + extra, "a name"), static_cast<std::size_t>(name)}));
    take_wide(zip, at + list_bytes + name, extra, e);
    entries.push_back(std::move(e));
    at += list_bytes + name + extra + comment;
  }
  return entries;
}

std::span<const std::uint8_t> zip_content(const std::string& path, std::span<const std::uint8_t> archive,
                                          const zip_entry& entry, std::vector<std::uint8_t>& unpacked) {
  const zip_reader zip(path, archive);
  const auto* local = zip.at(entry.header, local_bytes, "an array");
  if (!zip.has(entry.header, local_mark)) {
    zip.fail(entry.header, "a damaged archive: no array where one should be");
  }
  const auto start =
      entry.header + local_bytes + little_endian<std::uint16_t>(local + 26) + little_endian<std::uint16_t>(local + 28);
  const auto* packed = zip.at(start, entry.packed, "an array");
  std::span<const std::uint8_t> content(packed, static_cast<std::size_t>(entry.packed));
  if (entry.method == 8) {
    unpacked = inflated(zip, entry, packed);
    content = unpacked;
  } else if (entry.method != 0 || entry.size != entry.packed) {
    zip.fail(entry.header, "an array compressed by method " + std::to_string(entry.method) + " (accepted: 0 and 8)");
  }
  if (checksum_of(content) != entry.checksum) {
    zip.fail(entry.header, "damaged: the array " + entry.name + " has another checksum than the archive says");
  }
  return content;
}

}  // namespace backspike
