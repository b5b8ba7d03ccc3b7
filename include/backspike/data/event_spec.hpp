#pragma once
// Names that speak of events: the units of their times, the formats of their files, the channels of their polarities,
// and what several events of one channel in one step become.

#include <backspike/core/enum_names.hpp>

#include <cstdint>

namespace backspike {

/// automatic: seconds, as the layout says, where nothing speaks against it; otherwise the reader asks.
enum class time_unit { automatic, s, ms, us };
template <>
inline constexpr auto enum_names<time_unit> = std::to_array<enum_name<time_unit>>({
    {time_unit::automatic, "auto"},
    {time_unit::s, "s"},
    {time_unit::ms, "ms"},
    {time_unit::us, "us"},
});

/// one: a spike, however many there were; count: an event whose value is their number.
enum class duplicate_events { one, count };
template <>
inline constexpr auto enum_names<duplicate_events> = std::to_array<enum_name<duplicate_events>>({
    {duplicate_events::one, "one"},
    {duplicate_events::count, "count"},
});

/// both: OFF and ON are channels of their own; merged: one channel for either; on, off: only these.
enum class polarity_channels { both, merged, on, off };
template <>
inline constexpr auto enum_names<polarity_channels> = std::to_array<enum_name<polarity_channels>>({
    {polarity_channels::both, "both"},
    {polarity_channels::merged, "merged"},
    {polarity_channels::on, "on"},
    {polarity_channels::off, "off"},
});

/// Files of event cameras; docs/events.md describes their bytes.
enum class event_format {
  automatic,
  bin,
  bs1,
  bs2,
  bs3,
  evt2,
  evt21,
  evt3,
  dat,
  aedat2,
  aedat3,
  aedat4,
  es,
  csv,
  npy,
  npz,
  hdf5
};
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
    {event_format::aedat4, "aedat4"},
    {event_format::es, "es"},
    {event_format::csv, "csv"},
    {event_format::npy, "npy"},
    {event_format::npz, "npz"},
    {event_format::hdf5, "hdf5"},
});

}  // namespace backspike
