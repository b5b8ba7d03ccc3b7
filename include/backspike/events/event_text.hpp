#pragma once
// How people write times, spans of time and sizes of sensors: on the command line and in Python.

#include <backspike/events/event_reader.hpp>

#include <cstdint>
#include <string>

namespace backspike {

/// "300ms", "1.5s", "20us" [us]. Throws value_error naming `argument`: no number, no unit, beyond 64 bits.
std::int64_t parse_time(const std::string& text, const std::string& argument);

/// "0ms:300ms"; an end that is left out is open.
time_slice parse_slice(const std::string& text, const std::string& argument);

/// "640x480".
sensor_size parse_sensor_size(const std::string& text, const std::string& argument);

/// Microseconds in a unit: "us", "ms", "s", "ns".
double parse_time_unit(const std::string& text, const std::string& argument);

}  // namespace backspike
