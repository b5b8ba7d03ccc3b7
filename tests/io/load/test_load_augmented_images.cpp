// Images that training sees otherwise in every epoch: what moves them, what decides it, and what is refused.

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/made_anew.hpp>

#include "io/idx_files.hpp"
#include "io/scratch.hpp"

#include <gmock/gmock.h>

#include <numeric>
#include <set>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint32_t rows = 6, columns = 5, images = 40, pixel = 2 * columns + 1;

/// One bright pixel in each image, at row 2 and column 1, and two classes.
class AugmentedImages : public scratch {
 protected:
  void SetUp() override {
    scratch::SetUp();
    std::string pixels(std::size_t{images} * rows * columns, '\0'), labels(images, '\0');
    for (std::size_t s = 0; s < images; ++s) {
      pixels[s * rows * columns + pixel] = '\xff';
      labels[s] = static_cast<char>(s % 2);
    }
    for (const std::string part : {"train", "t10k"}) {
      put(at(part + "-images-idx3-ubyte"), idx_file({images, rows, columns}, pixels));
      put(at(part + "-labels-idx1-ubyte"), idx_file({images}, labels));
    }
    spec_.source = data_source::idx;
    spec_.path = folder_.string();
    spec_.validation = 0.0;
    spec_.encoder.kind = encoder_kind::current;
    spec_.encoder.steps = 1;
  }

  dataset anew(std::uint32_t epoch, std::size_t threads = 1) const {
    thread_pool pool(threads);
    return made_anew(load_data(spec_, 1).train, epoch, 1, pool);
  }

  data_spec spec_;
};

TEST_F(AugmentedImages, NothingAskedNothingDone) { EXPECT_EQ(load_data(spec_, 1).train.maker, nullptr); }

TEST_F(AugmentedImages, FlipMirrorsColumns) {
  spec_.augment.flip = 1.0;
  const auto mirrored = anew(0);
  ASSERT_EQ(mirrored.inputs.spikes.channels.size(), images);
  EXPECT_THAT(mirrored.inputs.spikes.channels, testing::Each(2 * columns + 3));
  EXPECT_THAT(mirrored.inputs.spikes.values, testing::Each(1.0f));
}

TEST_F(AugmentedImages, ShiftMovesByWholePixelsInEveryDirection) {
  spec_.augment.shift = 1.0;
  std::set<std::uint32_t> seen;
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch) {
    const auto moved = anew(epoch).inputs.spikes;
    seen.insert(moved.channels.begin(), moved.channels.end());
    EXPECT_THAT(moved.values, testing::Each(1.0f));
  }
  EXPECT_THAT(seen, ElementsAre(5, 6, 7, 10, 11, 12, 15, 16, 17));
}

TEST_F(AugmentedImages, ATurnKeepsMostOfTheLight) {
  spec_.augment.rotation = 20.0;
  const auto turned = anew(0).inputs.spikes;
  const double light = std::accumulate(turned.values.begin(), turned.values.end(), 0.0);
  EXPECT_GT(turned.values.size(), std::size_t{images} * 3 / 2);  // it falls between pixels
  EXPECT_NEAR(light, images, 0.1 * images);
}

TEST_F(AugmentedImages, AHiddenAreaIsDark) {
  spec_.augment.drop_area = 1.0;
  const auto left = anew(0).inputs.spikes.channels.size();
  EXPECT_LT(left, images);
  EXPECT_GT(left, 0U);
}

TEST_F(AugmentedImages, EpochsDifferAndThreadsDoNotMatter) {
  spec_.augment.shift = 1.0;
  const auto one = anew(3).inputs.spikes;
  EXPECT_EQ(anew(3, 3).inputs.spikes.channels, one.channels);
  EXPECT_NE(anew(4).inputs.spikes.channels, one.channels);
}

TEST_F(AugmentedImages, ValidationAndTestStayAsTheyAre) {
  spec_.augment.flip = 1.0;
  spec_.validation = 0.5;
  const auto split = load_data(spec_, 1);
  EXPECT_THAT(split.validation.inputs.spikes.channels, testing::Each(pixel));
  EXPECT_EQ(split.validation.maker, nullptr);
  EXPECT_EQ(split.test.maker, nullptr);
}

TEST_F(AugmentedImages, ChangesOfTimeAreRefused) {
  spec_.augment.speed = 0.1;
  try {
    load_data(spec_, 1);
    FAIL();
  } catch (const value_error& e) {
    EXPECT_THAT(e.what(), testing::AllOf(HasSubstr("data.augment.speed"), HasSubstr("shift, flip, rotation, scale")));
  }
}

}  // namespace
}  // namespace backspike
