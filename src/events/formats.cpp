// The list of formats, and which of them a file is in: by what it begins with, then by its name.

#include "events/formats.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/name_ending.hpp>

#include "events/raw_header.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace backspike {
namespace {

template <event_format Format>
bool is_raw(std::string_view head) {
  return raw_format(head) == Format;
}

constexpr char aedat2_mark[] = "#!AER-DAT2", aedat3_mark[] = "#!AER-DAT3", aedat4_mark[] = "#!AER-DAT4",
               es_mark[] = "Event Stream", npy_mark[] = "\x93NUMPY", npz_mark[] = "PK\x03\x04";
constexpr std::string_view none_in_file = "the file's own zero", camera_clock = "the camera's clock, not shifted";

template <const char* Mark>
bool begins(std::string_view head) {
  return head.starts_with(Mark);
}

/// The signature stands at the start, or behind a block of the user's, whose size is a power of two from 512 on.
bool is_hdf5(std::string_view head) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  for (std::size_t at = 0; at < head.size(); at = std::max<std::size_t>(512, 2 * at)) {
    if (head.substr(at).starts_with(signature)) {
      return true;
    }
  }
  return false;
}

constexpr std::array list{
    format_entry{event_format::bin, "N-MNIST, N-Caltech101", ".bin", none_in_file, nullptr, open_bin, true},
    format_entry{event_format::bs1, "SLAYER, one row of neurons", ".bs1", none_in_file, nullptr, open_bs1},
    format_entry{event_format::bs2, "SLAYER, the same bytes as N-MNIST", ".bs2", none_in_file, nullptr, open_bin, true},
    format_entry{event_format::bs3, "SLAYER, pixels and channels", ".bs3", none_in_file, nullptr, open_bs3},
    format_entry{event_format::evt2, "Prophesee RAW, EVT 2.0", ".raw", camera_clock, is_raw<event_format::evt2>,
                 open_evt2, true},
    format_entry{event_format::evt21, "Prophesee RAW, EVT 2.1", ".raw", camera_clock, is_raw<event_format::evt21>,
                 open_evt21},
    format_entry{event_format::evt3, "Prophesee RAW, EVT 3.0", ".raw", camera_clock, is_raw<event_format::evt3>,
                 open_evt3, true},
    format_entry{event_format::dat, "Prophesee DAT", ".dat", none_in_file, is_raw<event_format::dat>, open_dat},
    format_entry{event_format::aedat2, "AEDAT 2.0 (jAER)", ".aedat .aedat2", camera_clock, begins<aedat2_mark>,
                 open_aedat2},
    format_entry{event_format::aedat3, "AEDAT 3.1 (DVS Gesture)", ".aedat .aedat3", camera_clock, begins<aedat3_mark>,
                 open_aedat3, true},
    format_entry{event_format::aedat4, "AEDAT 4 (DV)", ".aedat4 .aedat", "the recorder's clock, of DV since 1970",
                 begins<aedat4_mark>, open_aedat4},
    format_entry{event_format::es, "Event Stream 2", ".es", none_in_file, begins<es_mark>, open_es},
    format_entry{event_format::csv, "text, a line for each event", ".csv .txt", none_in_file, nullptr, open_csv},
    format_entry{event_format::npy, "NumPy, structured (tonic)", ".npy", none_in_file, begins<npy_mark>, open_npy},
    format_entry{event_format::npz, "NumPy archive (SpikingJelly, tonic)", ".npz", none_in_file, begins<npz_mark>,
                 open_npz, true},
    format_entry{event_format::hdf5, "HDF5 (DSEC, Prophesee, tonic's cache)", ".h5 .hdf5",
                 "what the file says, with t_offset added", is_hdf5, open_hdf5},
};

consteval bool is_in_order() {
  for (std::size_t k = 0; k < list.size(); ++k) {
    if (list[k].format != static_cast<event_format>(k + 1)) {
      return false;
    }
  }
  return true;
}
static_assert(list.size() + 1 == enum_names<event_format>.size(), "a format without an entry");
static_assert(is_in_order(), "entries are in the order of event_format");

/// Calls `visit` with each ending.
template <class Visit>
void for_each_ending(const format_entry& entry, Visit visit) {
  for (auto rest = entry.endings; !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    visit(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

bool is_named(const format_entry& entry, const std::string& path) {
  bool named = false;
  for_each_ending(entry, [&](std::string_view ending) { named = named || has_ending(path, ending); });
  return named;
}

const format_entry* by_content(std::string_view head) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& e) { return e.mark != nullptr && e.mark(head); });
  return found == list.end() ? nullptr : &*found;
}

const format_entry* by_name(const std::string& path) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& e) { return is_named(e, path); });
  return found == list.end() ? nullptr : &*found;
}

bool is_text(std::string_view head) {
  constexpr std::size_t enough = 64;  // a few bytes may be text by chance
  return head.size() >= enough && std::all_of(head.begin(), head.end(), [](char c) {
           return c == '\n' || c == '\r' || c == '\t' || (c >= ' ' && c <= '~');
         });
}

struct foreign_mark {
  std::string_view bytes, meaning;
};
constexpr std::array foreign{
    foreign_mark{"\x1f\x8b", "a gzip file"},
    foreign_mark{"#!AER-DAT", "an AEDAT file of a version that is not read"},
    foreign_mark{"MATLAB 5.0", "a MATLAB file"},
    foreign_mark{"\x89PNG", "a picture (PNG)"},
    foreign_mark{"\xff\xd8\xff", "a picture (JPEG)"},
    foreign_mark{"RIFF", "a sound or film (RIFF)"},
    foreign_mark{"\x7f"
                 "ELF",
                 "a program"},
    foreign_mark{"%PDF", "a PDF"},
    foreign_mark{"<", "HTML or XML"},
    foreign_mark{"BZh", "a bzip2 file"},
    foreign_mark{"7z\xbc\xaf", "a 7z archive"},
    foreign_mark{"#ROSBAG", "a ROS bag"},
};

/// Empty: nothing that is known.
std::string foreign_of(std::string_view head) {
  for (const auto& mark : foreign) {
    if (head.starts_with(mark.bytes) && (mark.bytes.size() > 2 || mark.bytes[0] != '<' || is_text(head))) {
      return std::string(mark.meaning);
    }
  }
  return "";
}

std::string looks_like(std::string_view head) {
  if (head.empty()) {
    return "it is empty";
  }
  if (const auto* entry = by_content(head)) {
    return "it looks like " + std::string(entry->meaning) + " (" + std::string(name_of(entry->format)) + ")";
  }
  const auto name = foreign_of(head);
  return !name.empty()   ? "it looks like " + name
         : is_text(head) ? "it looks like text"
                         : "it begins like no event file that is known";
}

[[noreturn]] void refuse(const std::string& path, const std::string& why, std::string_view head) {
  throw format_error(path, "byte 0", why + "; " + looks_like(head));
}

std::string all_names() {
  std::string names;
  for (const auto& e : list) {
    names += (names.empty() ? "" : ", ") + std::string(name_of(e.format));
  }
  return names;
}

/// A format that nothing in the file speaks for: that nothing speaks against it is what can be asked.
void require_no_other(const std::string& path, const format_entry& entry, std::string_view head) {
  const bool other_binary = entry.format != event_format::csv && is_text(head);
  if (by_content(head) != nullptr || other_binary || (!foreign_of(head).empty() && head.size() >= 8)) {
    refuse(path, "not " + std::string(entry.meaning) + " (" + std::string(name_of(entry.format)) + ")", head);
  }
}

}  // namespace

std::span<const format_entry> format_list() { return list; }

const format_entry& entry_of(event_format format) { return list.at(static_cast<std::size_t>(format) - 1); }

const format_entry& find_format(const std::string& path, std::string_view head, event_format asked) {
  const auto *content = by_content(head), *name = by_name(path);
  const auto* entry = asked != event_format::automatic ? &entry_of(asked) : content != nullptr ? content : name;
  if (entry == nullptr) {
    refuse(path, "no event file by its content, nor by its name (formats: " + all_names() + ")", head);
  }
  if (entry->mark == nullptr) {
    require_no_other(path, *entry, head);
  } else if (entry != content) {
    refuse(path, "not " + std::string(entry->meaning) + " (" + std::string(name_of(entry->format)) + ")", head);
  }
  if (asked == event_format::automatic && name != nullptr && !is_named(*entry, path)) {
    refuse(path,
           "named like " + std::string(name->meaning) + " (to read it all the same, ask for the format " +
               std::string(name_of(entry->format)) + ")",
           head);
  }
  return *entry;
}

std::vector<event_format_info> event_formats() {
  std::vector<event_format_info> all;
  for (const auto& e : list) {
    event_format_info info{e.format, std::string(e.meaning), {}, std::string(e.origin), e.writable};
    for_each_ending(e, [&](std::string_view ending) { info.endings.emplace_back(ending); });
    all.push_back(std::move(info));
  }
  return all;
}

}  // namespace backspike
