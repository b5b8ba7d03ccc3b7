// The keys of the simulated event camera.

#include "experiment/config/keys/data/camera_keys.hpp"

namespace backspike::config {

std::vector<key<event_camera_spec>> event_camera_keys() {
  using s = event_camera_spec;
  return {
      row("threshold_on", &s::threshold_on, "", between(0.01, 100), "rise of the response that makes an ON event"),
      row("threshold_off", &s::threshold_off, "", between(0.01, 100), "fall of the response that makes an OFF event"),
      row("threshold_spread", &s::threshold_spread, "", between(0, 100),
          "standard deviation of the thresholds over the pixels"),
      row("black", &s::black, "", between(0, 0.99), "light of value 0, as a share of that of value 1"),
      row("linear_below", &s::linear_below, "", between(1e-6, 1),
          "light, 1 being the brightest, up to which the response is linear; it is logarithmic above"),
      row("cutoff_hz", &s::cutoff_hz, "Hz", between(0, 1e6), "of the pixel's low-pass; 0: none"),
      row("pixel_refractory_ms", &s::refractory_ms, "ms", between(0, 1e6), "for which a pixel is blind after an event"),
      row("leak_rate", &s::leak_rate, "Hz", between(0, 1e5), "ON events of a pixel without any change"),
      row("noise_rate", &s::noise_rate, "Hz", between(0, 1e5), "events of a pixel, of either polarity, from noise"),
      row("motion", &s::motion, "three saccades along a triangle, as N-MNIST was recorded; one direction; none"),
      row("saccade_ms", &s::saccade_ms, "ms", between(0.001, 1e6), "each of the three saccades"),
      row("amplitude", &s::amplitude, "pixels", between(0, 65535), "of a saccade: side of the triangle"),
      row("direction", &s::direction, "degrees", between(-360, 360),
          "straight: where the picture moves to; 0: to the right, 90: up"),
      row("speed", &s::speed, "pixels/s", between(0, 1e6), "straight: of the picture"),
      row("motion_ms", &s::duration_ms, "ms", between(0.001, 3.6e6), "straight, still: length of a recording"),
  };
}

std::vector<key<saccade_direction_spec>> saccade_direction_keys() {
  using s = saccade_direction_spec;
  return {
      row("blobs", &s::blobs, "", between(1, 1000), "in a picture, at random places"),
      row("train_samples", &s::train_samples, "samples", between(1, 16777216), "training set"),
      row("validation_samples", &s::validation_samples, "samples", between(0, 16777216), "validation set"),
      row("test_samples", &s::test_samples, "samples", between(1, 16777216), "test set"),
  };
}

}  // namespace backspike::config
