// Looks for the layouts that are in use, and converts numbers of any type to events.

#include "io/events/hdf5_columns.hpp"

#include <backspike/core/error.hpp>

#include "events/formats/columns.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace backspike {
namespace {

constexpr auto accepted =
    "accepted: arrays x, y, p and t at the root or in the group events (DSEC), or structures with these in CD/events "
    "(Prophesee), data/0 (tonic) or events";

bool is_number(H5T_class_t kind) { return kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_ENUM; }

/// "xs" is a name of x, too.
std::optional<std::size_t> column_named(const std::string& name) {
  const auto column = column_of(name);
  return column || !name.ends_with("s") ? column : column_of(name.substr(0, name.size() - 1));
}

/// Which of the names are t, x, y and p, once each; none: they are not all there.
std::optional<std::array<std::string, 4>> four_of(const std::vector<std::string>& names) {
  std::array<std::string, 4> found;
  for (const auto& name : names) {
    if (const auto column = column_named(name)) {
      if (!found[*column].empty()) {
        return std::nullopt;
      }
      found[*column] = name;
    }
  }
  const bool all = std::none_of(found.begin(), found.end(), [](const std::string& n) { return n.empty(); });
  return all ? std::optional(found) : std::nullopt;
}

void require_list(const hdf5_input& in, const hdf5_array& a) {
  if (a.extents.size() != 1) {
    in.fail(a.part, "an array of " + std::to_string(a.extents.size()) + " dimensions; accepted: a list of events");
  }
}

/// The group's four lists, if it has them.
std::optional<hdf5_columns> lists_in(const hdf5_input& in, const std::string& group) {
  const auto names = four_of(in.names(group));
  if (!names) {
    return std::nullopt;
  }
  hdf5_columns columns;
  for (std::size_t k = 0; k < 4; ++k) {
    auto a = in.long_array(group == "/" ? (*names)[k] : group + "/" + (*names)[k]);
    require_list(in, a);
    if (!is_number(a.kind)) {
      in.fail(a.part, "not a list of numbers");
    }
    columns.real[k] = a.kind == H5T_FLOAT;
    columns.arrays.push_back(std::move(a));
    if (columns.arrays[k].extents[0] != columns.events()) {
      in.fail(columns.arrays[k].part, std::to_string(columns.arrays[k].extents[0]) + " numbers, " +
                                          columns.arrays[0].part + " has " + std::to_string(columns.events()));
    }
  }
  return columns;
}

bool is_dataset(const hdf5_input& in, const std::string& part) {
  if (!in.contains(part)) {
    return false;
  }
  const hdf5_handle object(H5Oopen(in.file(), part.c_str(), H5P_DEFAULT), H5Oclose);
  return object.valid() && H5Iget_type(object.id()) == H5I_DATASET;
}

bool is_group(const hdf5_input& in, const std::string& part) { return in.contains(part) && !is_dataset(in, part); }

hdf5_columns structures_in(const hdf5_input& in, const std::string& part) {
  hdf5_columns columns;
  columns.arrays.push_back(in.long_array(part));
  const auto& a = columns.arrays[0];
  if (a.kind != H5T_COMPOUND) {
    in.fail(part, "not a list of structures, but " + std::string(is_number(a.kind) ? "numbers (frames?)" : "others") +
                      "; " + accepted);
  }
  require_list(in, a);
  const hdf5_handle type(H5Dget_type(a.data.id()), H5Tclose);
  std::vector<std::string> names;
  for (int k = 0; k < H5Tget_nmembers(type.id()); ++k) {
    char* const name = H5Tget_member_name(type.id(), static_cast<unsigned>(k));
    names.emplace_back(name == nullptr ? "" : name);
    H5free_memory(name);
  }
  const auto members = four_of(names);
  if (!members) {
    in.fail(part, "its structures have no members x, y, p and t, each once");
  }
  for (std::size_t k = 0; k < 4; ++k) {
    const auto member = static_cast<unsigned>(H5Tget_member_index(type.id(), (*members)[k].c_str()));
    const auto kind = H5Tget_member_class(type.id(), member);
    if (!is_number(kind)) {
      in.fail(part, "its member " + (*members)[k] + " is no number");
    }
    columns.real[k] = kind == H5T_FLOAT;
  }
  columns.members = *members;
  return columns;
}

/// The first few names, for messages.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 6;
  std::string text;
  for (std::size_t k = 0; k < std::min(names.size(), shown); ++k) {
    text += (k > 0 ? ", " : "") + names[k];
  }
  return names.empty() ? "nothing" : names.size() > shown ? text + ", ..." : text;
}

struct known_place {
  const char *part, *details;
};
constexpr known_place structure_places[] = {{"CD/events", "Prophesee's layout, CD/events"},
                                            {"data/0", "tonic's cache, data/0"},
                                            {"events", "structures in events"}};

/// The one list of structures at the root, whatever its name.
std::string only_dataset(const hdf5_input& in, const std::vector<std::string>& names) {
  std::string found;
  for (const auto& name : names) {
    H5L_info_t link{};
    const bool hard = H5Lget_info(in.file(), name.c_str(), &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD;
    if (hard && is_dataset(in, name)) {
      if (!found.empty()) {
        return "";
      }
      found = name;
    }
  }
  return found;
}

}  // namespace

hdf5_columns find_hdf5_columns(const hdf5_input& in) {
  for (const auto& place : structure_places) {
    if (is_dataset(in, place.part)) {
      auto columns = structures_in(in, place.part);
      columns.details = place.details;
      return columns;
    }
  }
  for (const std::string group : {"events", "/"}) {
    if (group == "/" || is_group(in, group)) {
      if (auto columns = lists_in(in, group)) {
        columns->details = group == "/" ? "lists x, y, p and t" : "lists in events, as DSEC has them";
        return std::move(*columns);
      }
    }
  }
  const auto names = in.names("/");
  if (const auto only = only_dataset(in, names); !only.empty()) {
    auto columns = structures_in(in, only);
    columns.details = "structures in " + only;
    return columns;
  }
  in.fail("/", "holds " + some_of(names) + " (" + accepted + ")");
}

hdf5_rows::hdf5_rows(const hdf5_input& in, const hdf5_columns& columns, const event_read_options& options)
    : in_(in), columns_(columns), scale_(options.time_scale) {
  if (in.contains("t_offset")) {
    const auto a = in.array("t_offset");
    if (a.kind != H5T_INTEGER || a.size() != 1) {
      in.fail(a.part, "not one whole number of microseconds");
    }
    in.read(a, H5T_NATIVE_INT64, &offset_);
  }
}

void hdf5_rows::read(std::size_t first, std::size_t count) {
  first_ = first;
  count_ = count;
  cells_.resize(4 * count);
  if (columns_.arrays.size() == 4) {
    for (std::size_t k = 0; k < 4; ++k) {
      read_column(k);
    }
    return;
  }
  const hdf5_handle type(H5Tcreate(H5T_COMPOUND, 4 * sizeof(cell)), H5Tclose);
  for (std::size_t k = 0; k < 4; ++k) {
    H5Tinsert(type.id(), columns_.members[k].c_str(), k * sizeof(cell),
              columns_.real[k] ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64);
  }
  in_.read_rows(columns_.arrays[0], first, count, type.id(), cells_.data());
}

void hdf5_rows::read_column(std::size_t column) {
  in_.read_rows(columns_.arrays[column], first_, count_, columns_.real[column] ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64,
                cells_.data() + column * count_);
}

const hdf5_rows::cell& hdf5_rows::at(std::size_t column, std::size_t k) const {
  return cells_[columns_.arrays.size() == 4 ? column * count_ + k : 4 * k + column];
}

void hdf5_rows::refuse(std::size_t k, const std::string& what) const {
  throw format_error(in_.path(), "event " + std::to_string(first_ + k), what);
}

std::int64_t hdf5_rows::whole_number(std::size_t column, std::size_t k) const {
  const auto& c = at(column, k);
  if (!columns_.real[column]) {
    return c.whole;
  }
  constexpr double most = 9.2e18;
  if (!(std::abs(c.real) < most) || std::trunc(c.real) != c.real) {
    refuse(k, std::string(column_names[column]) + " is no whole number" +
                  (column == 0 ? " of microseconds (for another unit, say which: time_unit)" : ""));
  }
  return static_cast<std::int64_t>(c.real);
}

std::int64_t hdf5_rows::time(std::size_t k) const {
  std::int64_t time = 0;
  if (scale_ == 0.0) {
    time = whole_number(0, k);
  } else {
    const auto& c = at(0, k);
    const auto scaled = scaled_time(columns_.real[0] ? c.real : static_cast<double>(c.whole), scale_);
    if (!scaled) {
      refuse(k, "a time beyond 64 bits");
    }
    time = *scaled;
  }
  if (__builtin_add_overflow(time, offset_, &time)) {
    refuse(k, "a time beyond 64 bits, with t_offset");
  }
  return time;
}

camera_event hdf5_rows::event(std::size_t k) const {
  camera_event e;
  const auto fault = make_event(time(k), whole_number(1, k), whole_number(2, k), whole_number(3, k), e);
  if (!fault.empty()) {
    refuse(k, fault);
  }
  return e;
}

}  // namespace backspike
