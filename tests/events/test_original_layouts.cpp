// Data sets as they are handed out: the folders and the format of each, with made-up recordings.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_folder.hpp>

#include "events/event_bytes.hpp"
#include "events/hdf5/event_hdf5_files.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OriginalLayout : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& bytes) const {
    make_folders(folder(path));
    write_text_file(folder_.at(path), bytes);
  }
  /// The folder of a file in this one, or this one.
  std::string folder(const std::string& path) const {
    const auto end = path.rfind('/');
    return end == std::string::npos ? folder_.path().string() : folder_.at(path.substr(0, end));
  }
  event_sets sets() const { return list_event_sets(folder_.path().string()); }

  static dataset steps_of(const event_listing& listing, const sensor_size& sensor) {
    event_step_options o;
    o.sensor = sensor;
    o.bin_us = 1000;
    return read_event_files(listing, {}, o);
  }

  temporary_folder folder_;
};

TEST_F(OriginalLayout, NCaltech101) {
  write("BACKGROUND_Google/image_0001.bin", bin_event(239, 179, 1, 1500));
  write("accordion/image_0001.bin", bin_event(0, 0, 0, 0) + bin_event(0, 240, 0, 0) + bin_event(5, 6, 1, 10));
  const auto found = sets();
  EXPECT_TRUE(found.test.files.empty());
  const auto data = steps_of(found.train, {240, 180});
  EXPECT_THAT(data.class_names, ElementsAre("BACKGROUND_Google", "accordion"));
  EXPECT_EQ(data.inputs.length(0), 2U);
  EXPECT_EQ(data.inputs.length(1), 9U);  // the overflow is 8192 us
}

TEST_F(OriginalLayout, Cifar10Dvs) {
  const auto recording = aedat2_header() + big(20U << 8U | 10U << 1U | 1U, 4) + big(3000, 4);
  write("airplane/cifar10_airplane_0.aedat", recording);
  write("truck/cifar10_truck_999.aedat", recording);
  const auto data = steps_of(sets().train, {128, 128});
  EXPECT_THAT(data.class_names, ElementsAre("airplane", "truck"));
  EXPECT_THAT(data.inputs.spikes.channels, ElementsAre((20 * 128 + 10) * 2 + 1, (20 * 128 + 10) * 2 + 1));
}

TEST_F(OriginalLayout, NCars) {
  const auto recording = dat_header() + dat_event(60, 50, 1, 99000);
  write("n-cars_train/cars/obj_000001_td.dat", recording);
  write("n-cars_train/background/obj_000002_td.dat", recording);
  write("n-cars_test/cars/obj_000003_td.dat", recording);
  const auto found = sets();
  EXPECT_THAT(found.train.class_names, ElementsAre("background", "cars"));
  ASSERT_EQ(found.test.files.size(), 1U);
  const auto data = steps_of(found.test, {640, 480});
  EXPECT_THAT(data.labels, ElementsAre(1));
  EXPECT_EQ(data.inputs.length(0), 100U);
}

class TonicCache : public OriginalLayout {
 protected:
  void cache(const std::string& path, std::int64_t target, std::uint16_t x) const {
    make_folders(folder(path));
    const event_hdf5 file(folder_.at(path));
    file.group("data");
    file.structures("data/0", {{500, x, 3, true}});
    file.group("target");
    file.number("target/0", target);
  }
};

TEST_F(TonicCache, SamplesHaveTheirClassesAndCopiesAreLeftOut) {
  cache("10_0.hdf5", 4, 2);
  cache("9_0.hdf5", 7, 1);
  cache("9_1.hdf5", 7, 5);
  const auto found = sets();
  EXPECT_THAT(found.train.class_names, ElementsAre("4", "7"));
  ASSERT_EQ(found.train.files.size(), 2U);
  EXPECT_THAT(found.train.files[0].path, HasSubstr("/9_0.hdf5"));
  EXPECT_EQ(found.train.files[0].label, 1);
  ASSERT_EQ(found.train.notes.size(), 1U);
  EXPECT_THAT(found.train.notes[0], HasSubstr("1 further copies"));
  const auto data = steps_of(found.train, {34, 34});
  EXPECT_THAT(data.inputs.spikes.channels, ElementsAre((3 * 34 + 1) * 2 + 1, (3 * 34 + 2) * 2 + 1));
}

TEST_F(TonicCache, HalvesShareTheirClasses) {
  cache("train/0_0.hdf5", 3, 1);
  cache("train/1_0.hdf5", 5, 1);
  cache("test/0_0.hdf5", 5, 1);
  const auto found = sets();
  EXPECT_THAT(found.train.class_names, ElementsAre("3", "5"));
  ASSERT_EQ(found.test.files.size(), 1U);
  EXPECT_EQ(found.test.files[0].label, 1);
}

TEST_F(TonicCache, ATargetThatIsNoClassIsRefused) {
  {
    const event_hdf5 file(folder_.at("0_0.hdf5"));
    file.group("target");
    file.list("target/0", H5T_NATIVE_DOUBLE, std::vector<double>{0.5});
  }
  try {
    sets();
    FAIL() << "nothing was thrown";
  } catch (const format_error& e) {
    EXPECT_THAT(e.what(), testing::AllOf(HasSubstr("0_0.hdf5"), HasSubstr("target/0"), HasSubstr("whole number")));
  }
  write_text_file(folder_.at("0_0.hdf5"), "no HDF5");
  EXPECT_THROW(sets(), format_error);
}

}  // namespace
}  // namespace backspike
