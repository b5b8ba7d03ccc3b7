#pragma once
// The formats of event files, by name. src/events/formats.cpp has the list with their endings and readers;
// docs/events.md describes their bytes.

#include <backspike/core/enum_names.hpp>

#include <string>
#include <vector>

namespace backspike {

enum class event_format { automatic, bin, bs1, bs2, bs3, evt2, evt21, evt3, dat, aedat2, aedat3, es, csv, npy, npz };
template <>
inline constexpr auto enum_names<event_format> = std::to_array<enum_name<event_format>>({
    {event_format::automatic, "auto"},
    {event_format::bin, "bin"},
    {event_format::bs1, "bs1"},
    {event_format::bs2, "bs2"},
    {event_format::bs3, "bs3"},
    {event_format::evt2, "evt2"},
    {event_format::evt21, "evt21"},
    {event_format::evt3, "evt3"},
    {event_format::dat, "dat"},
    {event_format::aedat2, "aedat2"},
    {event_format::aedat3, "aedat3"},
    {event_format::es, "es"},
    {event_format::csv, "csv"},
    {event_format::npy, "npy"},
    {event_format::npz, "npz"},
});

/// One line of the table of formats.
struct event_format_info {
  event_format format;
  std::string meaning;               // "Prophesee RAW, EVT 3.0"
  std::vector<std::string> endings;  // ".raw"
  std::string origin;                // where its times count from
  bool writable = false;
};

/// Every format, in the order of docs/events.md.
std::vector<event_format_info> event_formats();

}  // namespace backspike
