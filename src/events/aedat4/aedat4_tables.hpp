#pragma once
// The FlatBuffers tables of AEDAT 4, as far as events need them: what flatc would make of DV's published schemas
// (file header IOHE, packet of events EVTS), checked by the library's verifier before anything is read.

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace backspike {

/// compression (enum, 32 bits), dataTablePosition (64 bits, -1: none), infoNode (text).
struct aedat4_header_table : private flatbuffers::Table {
  enum : flatbuffers::voffset_t { compression_at = 4, table_position_at = 6, information_at = 8 };

  std::int32_t compression() const { return GetField<std::int32_t>(compression_at, 0); }
  std::int64_t table_position() const { return GetField<std::int64_t>(table_position_at, -1); }
  std::string_view information() const {
    const auto* text = GetPointer<const flatbuffers::String*>(information_at);
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
  }
  bool Verify(flatbuffers::Verifier& v) const {
    return VerifyTableStart(v) && VerifyField<std::int32_t>(v, compression_at, sizeof(std::int32_t)) &&
           VerifyField<std::int64_t>(v, table_position_at, sizeof(std::int64_t)) && VerifyOffset(v, information_at) &&
           v.VerifyString(GetPointer<const flatbuffers::String*>(information_at)) && v.EndTable();
  }
};

/// As it stands in the file: time [us], x, y (16 bits each, with a sign), polarity, 3 bytes that mean nothing.
struct aedat4_event {
  std::uint8_t bytes[16];
};

struct aedat4_packet_table : private flatbuffers::Table {
  enum : flatbuffers::voffset_t { elements_at = 4 };

  std::span<const aedat4_event> elements() const {
    const auto* list = vector();
    return list == nullptr ? std::span<const aedat4_event>{}
                           : std::span(reinterpret_cast<const aedat4_event*>(list->Data()), list->size());
  }
  bool Verify(flatbuffers::Verifier& v) const {
    return VerifyTableStart(v) && VerifyOffset(v, elements_at) && v.VerifyVector(vector()) && v.EndTable();
  }

 private:
  const flatbuffers::Vector<const aedat4_event*>* vector() const {
    return GetPointer<const flatbuffers::Vector<const aedat4_event*>*>(elements_at);
  }
};

/// The table in a buffer that begins with its size; null: it is none, or of another kind.
template <class Table>
const Table* aedat4_table_in(std::span<const std::uint8_t> bytes, const char* identifier) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  // The verifier compares the size that stands there with the buffer's; a shorter one would be an error of its caller.
  if (bytes.size() < 16 || !verifier.VerifySizePrefixedBuffer<Table>(identifier)) {
    return nullptr;
  }
  return flatbuffers::GetSizePrefixedRoot<Table>(bytes.data());
}

}  // namespace backspike
