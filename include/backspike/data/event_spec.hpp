#pragma once
// What the times of events are measured in, and what several events of one channel in one step become.

#include <cstdint>

namespace backspike {

/// automatic: seconds, as the layout says, where nothing speaks against it; otherwise the reader asks.
enum class time_unit { automatic, s, ms, us };

/// one: a spike, however many there were; count: an event whose value is their number.
enum class duplicate_events { one, count };

}  // namespace backspike
