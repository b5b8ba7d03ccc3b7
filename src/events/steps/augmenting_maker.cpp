// Keeps recordings in little memory, and makes a sample of one whenever training asks for it.

#include <backspike/core/error.hpp>
#include <backspike/events/event_augment.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace backspike {
namespace {

constexpr std::uint32_t polarity_bit = std::uint32_t{1} << 31U;

class recordings_maker : public sample_maker {
 public:
  recordings_maker(std::vector<packed_recording> recordings, const event_augment_spec& spec,
                   const event_step_options& steps, std::uint64_t seed)
      : recordings_(std::move(recordings)), spec_(spec), steps_(steps), seed_(seed) {}

  void append(std::uint32_t number, std::uint32_t partner, std::uint32_t epoch, ragged_events& to) const override {
    const auto events = recordings_.at(number).unpacked();
    const auto other = spec_.mix > 0.0 ? recordings_.at(partner).unpacked() : std::vector<camera_event>{};
    constexpr unsigned bits = 32;  // with the epoch above them the stream of this sample alone
    const random_stream random(seed_, random_purpose::augment, (std::uint64_t{epoch} << bits | number) + beyond);
    const auto sample = events_to_steps(augmented(events, other, frame_of(events), spec_, random), steps_);
    for (std::size_t r = 0; r < sample.rows.rows(); ++r) {
      const auto row = sample.rows.row(r);
      to.spikes.channels.insert(to.spikes.channels.end(), row.channels.begin(), row.channels.end());
      to.spikes.values.insert(to.spikes.values.end(), row.values.begin(), row.values.end());
      to.spikes.end_row();
    }
    to.end_sample();
  }

 private:
  static constexpr std::uint64_t beyond = std::uint64_t{1} << 63U;  // streams below draw partners

  augment_frame frame_of(const std::vector<camera_event>& events) const {
    augment_frame frame{steps_.sensor, steps_.origin_us, 0};
    if (events.empty()) {
      return frame;
    }
    const auto by_time = [](const auto& a, const auto& b) { return a.t < b.t; };
    const auto ends = std::minmax_element(events.begin(), events.end(), by_time);
    frame.origin_us = steps_.from_first ? ends.first->t : steps_.origin_us;
    const auto asked = static_cast<std::int64_t>(steps_.steps) * steps_.bin_us;
    frame.length_us = asked > 0 ? asked : std::max<std::int64_t>(ends.second->t - frame.origin_us + 1, 0);
    return frame;
  }

  std::vector<packed_recording> recordings_;
  event_augment_spec spec_;
  event_step_options steps_;
  std::uint64_t seed_;
};

}  // namespace

packed_recording::packed_recording(std::span<const camera_event> all) {
  for (std::size_t k = 0; k < all.size(); ++k) {
    first_ = k == 0 ? all[k].t : std::min(first_, all[k].t);
  }
  events_.reserve(all.size());
  for (const auto& e : all) {
    const auto since = static_cast<std::uint64_t>(e.t) - static_cast<std::uint64_t>(first_);
    if (since >= polarity_bit) {
      throw value_error("load", "data.augment", "a recording of " + std::to_string(since) + " us",
                        "recordings of less than 2^31 us, 35 minutes");
    }
    events_.push_back({static_cast<std::uint32_t>(since) | (e.on ? polarity_bit : 0U), e.x, e.y});
  }
}

std::vector<camera_event> packed_recording::unpacked() const {
  std::vector<camera_event> all;
  all.reserve(events_.size());
  for (const auto& e : events_) {
    all.push_back({first_ + static_cast<std::int64_t>(e.time_and_polarity & ~polarity_bit), e.x, e.y,
                   (e.time_and_polarity & polarity_bit) != 0});
  }
  return all;
}

std::shared_ptr<const sample_maker> augmenting_maker(std::vector<packed_recording> recordings,
                                                     const event_augment_spec& spec, const event_step_options& steps,
                                                     std::uint64_t seed) {
  return std::make_shared<recordings_maker>(std::move(recordings), spec, steps, seed);
}

}  // namespace backspike
