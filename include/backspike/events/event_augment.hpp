#pragma once
// Changes recordings at random, as another look at the same thing would: shifted, turned, faster, with losses and
// noise.

#include <backspike/core/random.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/data/event_data_spec.hpp>
#include <backspike/events/camera_event.hpp>
#include <backspike/events/event_steps.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

/// What a change has to know of a recording beside its events.
struct augment_frame {
  sensor_size sensor;
  std::int64_t origin_us = 0;  // where its steps begin: nothing is moved before that
  std::int64_t length_us = 0;  // of the recording, from the origin on; drop_time and noise are of this time
};

/// The recording with every change that `spec` asks for, in this order, each drawn anew from `random`:
///
/// mix         with its probability, a rectangle of up to half of the sensor shows the events of `partner` instead
/// geometry    one map of pixels: flip, scale by 1 + u, rotation, both around the centre, shift by whole pixels; what
///             leaves the sensor is lost
/// speed       times from the origin on are divided by 1 + u
/// jitter      each time is moved by a normal number; none before the origin
/// drop        a share of events, u of `drop`; all events of a part of the time; all events in a rectangle
/// noise       events of both polarities, of a rate u of `noise` in every pixel, in a Poisson process
///
/// where u are uniform numbers, up to the largest that the spec says, in both directions where there are two. Events
/// are in the order of time afterwards. [EventDrop: Gu et al. 2021; NDA: Li et al. 2022; EventMix: Shen et al. 2023]
std::vector<camera_event> augmented(std::span<const camera_event> all, std::span<const camera_event> partner,
                                    const augment_frame& frame, const event_augment_spec& spec, random_stream random);

/// A recording in 8 bytes an event.
class packed_recording {
 public:
  packed_recording() = default;
  /// Throws value_error: longer than 2^31 us, 35 minutes.
  explicit packed_recording(std::span<const camera_event> all);
  std::vector<camera_event> unpacked() const;

 private:
  struct packed_event {
    std::uint32_t time_and_polarity = 0;
    std::uint16_t x = 0, y = 0;
  };
  std::int64_t first_ = 0;
  std::vector<packed_event> events_;
};

/// Makes samples of these recordings, which are called by their places, changed as `spec` says and cut into `steps`.
std::shared_ptr<const sample_maker> augmenting_maker(std::vector<packed_recording> recordings,
                                                     const event_augment_spec& spec, const event_step_options& steps,
                                                     std::uint64_t seed);

}  // namespace backspike
