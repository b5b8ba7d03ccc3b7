// Pixels with their encoder, or graded input with a value in every channel and step.

#include "robustness/values/movable_values.hpp"

#include "robustness/directions.hpp"

#include <limits>

namespace backspike {

movable_values::movable_values(const attack_samples& samples) : samples_(samples), first_{0} {
  if (samples.values) {
    start_ = samples.values->values;
    read_ = samples.data;
  } else {
    constexpr float most = std::numeric_limits<float>::max();
    range_ = {-most, most};
    read_ = dense_input(samples.data).data();
    start_ = read_.inputs.spikes.values;
  }
  for (std::size_t s = 0; s < samples.data.size(); ++s) {
    first_.push_back(first_.back() +
                     (samples.values ? samples.values->width() : read_.inputs.length(s) * read_.channels));
  }
}

const dataset& movable_values::encode(std::span<const float> values, std::uint32_t draw, thread_pool& pool) {
  if (samples_.values) {
    read_.inputs = backspike::encode(*samples_.values, values, draw, pool);
  } else {
    read_.inputs.spikes.values.assign(values.begin(), values.end());
  }
  return read_;
}

void movable_values::pull_back(std::span<const float> values, std::span<const float> error_input, double encoder_width,
                               std::vector<float>& gradient) const {
  if (!samples_.values) {
    gradient.assign(error_input.begin(), error_input.end());
    return;
  }
  const encoded_values& raw = *samples_.values;
  gradient.resize(values.size());
  const value_encoder encoder(raw.encoder, raw.rows, raw.columns, raw.seed);
  encoder.pull_back(values, error_input, encoder_width, false, std::span(gradient));
}

attack_proposal movable_values::propose(std::vector<float> values, thread_pool& pool) {
  attack_proposal p;
  if (samples_.values) {
    p.values = std::move(values);
  } else {
    p.inputs = encode(values, 0, pool).inputs;
  }
  return p;
}

}  // namespace backspike
