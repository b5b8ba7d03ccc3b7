// Moves images as event_augment moves recordings: flip, scale, rotation and shift in one map, then a hidden rectangle.

#include "io/load/images/image_maker.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace backspike {
namespace {

/// Between -most and most.
double either_way(random_stream& random, double most) { return most * (2.0 * random.uniform() - 1.0); }

/// Where the light of a pixel comes from: the map back, from the new image to the old one.
class image_map {
 public:
  image_map(const event_augment_spec& spec, double rows, double columns, random_stream& random)
      : middle_x_((columns - 1.0) / 2.0), middle_y_((rows - 1.0) / 2.0) {
    const double side = random.uniform() < spec.flip ? -1.0 : 1.0;
    const double scale = 1.0 + either_way(random, spec.scale);
    constexpr double half_turn = 180.0;
    const double angle = either_way(random, spec.rotation) * std::numbers::pi / half_turn;
    shift_x_ = std::round(either_way(random, spec.shift));
    shift_y_ = std::round(either_way(random, spec.shift));
    a_ = side * std::cos(angle) / scale;
    b_ = side * std::sin(angle) / scale;
    c_ = -std::sin(angle) / scale;
    d_ = std::cos(angle) / scale;
  }

  std::array<double, 2> source(double x, double y) const {
    const double dx = x - shift_x_ - middle_x_, dy = y - shift_y_ - middle_y_;
    return {middle_x_ + a_ * dx + b_ * dy, middle_y_ + c_ * dx + d_ * dy};
  }

 private:
  double middle_x_, middle_y_, shift_x_ = 0.0, shift_y_ = 0.0;
  double a_ = 1.0, b_ = 0.0, c_ = 0.0, d_ = 1.0;
};

/// A picture whose outside is dark.
struct grey_picture {
  std::span<const std::uint8_t> pixels;
  std::size_t rows, columns;

  double at(double x, double y) const {
    const bool inside = x >= 0.0 && y >= 0.0 && x < static_cast<double>(columns) && y < static_cast<double>(rows);
    return inside ? pixels[static_cast<std::size_t>(y) * columns + static_cast<std::size_t>(x)] : 0.0;
  }

  /// Between pixels in proportion; at a pixel exactly its own value.
  double between(double x, double y) const {
    const double left = std::floor(x), top = std::floor(y), right = x - left, below = y - top;
    const double upper = at(left, top) * (1.0 - right) + at(left + 1.0, top) * right;
    const double lower = at(left, top + 1.0) * (1.0 - right) + at(left + 1.0, top + 1.0) * right;
    return upper * (1.0 - below) + lower * below;
  }
};

/// Darkens a rectangle of the picture's proportions.
void hide_area(std::span<float> values, std::size_t rows, std::size_t columns, double share, random_stream& random) {
  const double side = std::sqrt(share), height = side * static_cast<double>(rows);
  const double width = side * static_cast<double>(columns);
  const double left = random.uniform() * (static_cast<double>(columns) - width);
  const double top = random.uniform() * (static_cast<double>(rows) - height);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t row = k / columns, column = k % columns;
    const auto y = static_cast<double>(row), x = static_cast<double>(column);
    if (x >= left && x < left + width && y >= top && y < top + height) {
      values[k] = 0.0f;
    }
  }
}

class moved_images : public sample_maker {
 public:
  moved_images(idx_images images, const event_augment_spec& spec, std::shared_ptr<const image_coder> coder,
               std::uint64_t seed)
      : images_(std::move(images)), spec_(spec), coder_(std::move(coder)), seed_(seed) {}

  void append(std::uint32_t number, std::uint32_t, std::uint32_t epoch, ragged_events& to) const override {
    constexpr unsigned bits = 32, above_all_images = 33;
    constexpr auto beyond = std::uint64_t{1} << 63U;  // streams below draw partners
    random_stream random(seed_, random_purpose::augment, (std::uint64_t{epoch} << bits | number) + beyond);
    const auto values = moved(number, random);
    coder_->append(values, (std::uint64_t{epoch} + 1) << above_all_images | number, to);
  }

 private:
  std::vector<float> moved(std::uint32_t number, random_stream& random) const {
    constexpr double white = 255.0;
    const grey_picture picture{images_.image(number), images_.rows, images_.columns};
    const image_map map(spec_, static_cast<double>(images_.rows), static_cast<double>(images_.columns), random);
    std::vector<float> values(picture.pixels.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      const std::size_t row = k / images_.columns, column = k % images_.columns;
      const auto [x, y] = map.source(static_cast<double>(column), static_cast<double>(row));
      values[k] = static_cast<float>(picture.between(x, y) / white);
    }
    if (spec_.drop_area > 0.0) {
      hide_area(values, images_.rows, images_.columns, spec_.drop_area * random.uniform(), random);
    }
    return values;
  }

  idx_images images_;
  event_augment_spec spec_;
  std::shared_ptr<const image_coder> coder_;
  std::uint64_t seed_;
};

void refuse_if_set(const char* key, double value) {
  if (value > 0.0) {
    throw value_error("load", std::string("data.augment.") + key, std::to_string(value),
                      "0 for images, whose keys are shift, flip, rotation, scale and drop_area");
  }
}

}  // namespace

bool augments_images(const data_spec& spec) {
  if (spec.augment == event_augment_spec{}) {
    return false;
  }
  const auto& a = spec.augment;
  for (const auto& [key, value] :
       {std::pair{"speed", a.speed}, std::pair{"time_jitter", a.time_jitter}, std::pair{"drop", a.drop},
        std::pair{"drop_time", a.drop_time}, std::pair{"noise", a.noise}, std::pair{"mix", a.mix}}) {
    refuse_if_set(key, value);
  }
  return true;
}

std::shared_ptr<const sample_maker> image_maker(idx_images images, const event_augment_spec& spec,
                                                std::shared_ptr<const image_coder> coder, std::uint64_t seed) {
  return std::make_shared<moved_images>(std::move(images), spec, std::move(coder), seed);
}

}  // namespace backspike
