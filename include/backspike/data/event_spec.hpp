#pragma once
// What the times of events are measured in, and what several events of one channel in one step become.

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

}  // namespace backspike
