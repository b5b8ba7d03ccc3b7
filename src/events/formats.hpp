#pragma once
// What a format is; the list of them is in formats.cpp.

#include "events/decoder.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace backspike {

using open_decoder = std::unique_ptr<event_decoder>(const decoder_setup& setup);

struct format_entry {
  event_format format;
  std::string_view meaning;
  std::string_view endings;             // ".raw .txt"
  std::string_view origin;              // where times count from
  bool (*mark)(std::string_view head);  // whether a file begins like this; null: nothing tells
  open_decoder* open;
  bool writable = false;
};

std::span<const format_entry> format_list();
const format_entry& entry_of(event_format format);

/// The format of the bytes that a file begins with. Throws format_error (none of ours, or not what the name says) and
/// value_error (not the format that was asked for); both say what the file looks like.
const format_entry& find_format(const std::string& path, std::string_view head, event_format asked);

/// Bytes from the start of a file that its format is told from.
constexpr std::size_t head_bytes = 65536;

open_decoder open_bin, open_bs1, open_bs3, open_evt2, open_evt21, open_evt3, open_dat, open_aedat2, open_aedat3,
    open_aedat4, open_es, open_csv, open_npy, open_npz;
open_decoder open_hdf5;  // in io/events, for HDF5 is read behind the wall

}  // namespace backspike
