#pragma once
// What encoders of observations have in common; one says what is different with it. encoders.hpp has the list.
//
// An encoder says how many channels it has; see(), what it shows of an observation's numbers, which are 0 to 1 within
// their range; and write(), one step of the frame. It may keep one number for each of the observation's, its memory.

#include <backspike/core/error.hpp>
#include <backspike/environment/observation_encoder.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

namespace backspike::observations {

struct encoder_base {
  static constexpr bool remembers = false;

  static void check(const observation_spec&) {}
  static std::size_t channels(const observation_spec&, std::size_t numbers) { return numbers; }
  static void write(const observation_spec& s, std::span<const float> shown, std::uint32_t, random_stream&,
                    std::span<float> input) {
    std::ranges::transform(shown, input.begin(), [&](float x) { return static_cast<float>(s.gain) * x; });
  }

 protected:
  static void require(bool fits, const char* argument, double value, const std::string& accepted) {
    if (!fits) {
      throw value_error("observation_encoder", argument, std::to_string(value), accepted);
    }
  }
};

}  // namespace backspike::observations
