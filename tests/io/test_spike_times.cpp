// Times of foreign spike files: on the grid in every type, in every unit, and several of a channel in one step.

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include "io/scratch.hpp"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <cmath>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

hid_t half_precision() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

void put_list(hid_t file, const char* name, hid_t element, hid_t memory, void* values, std::size_t count) {
  const hsize_t one = 1;
  hvl_t list{count, values};
  const hid_t space = H5Screate_simple(1, &one, nullptr);
  const hid_t in_file = H5Tvlen_create(element), in_memory = H5Tvlen_create(memory);
  const hid_t data = H5Dcreate2(file, name, in_file, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(data, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, &list);
  H5Dclose(data);
  H5Tclose(in_memory);
  H5Tclose(in_file);
  H5Sclose(space);
}

/// One sample; times are converted to the file's type, correctly rounded, by HDF5.
void write_sample(const std::string& path, hid_t time_type, std::vector<double> times,
                  std::vector<std::uint32_t> units) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, "spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  put_list(file, "spikes/times", time_type, H5T_NATIVE_DOUBLE, times.data(), times.size());
  put_list(file, "spikes/units", H5T_STD_U16LE, H5T_NATIVE_UINT32, units.data(), units.size());
  const std::int32_t label = 0;
  const hsize_t one = 1;
  const hid_t space = H5Screate_simple(1, &one, nullptr);
  const hid_t labels = H5Dcreate2(file, "labels", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(labels, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, &label);
  H5Dclose(labels);
  H5Sclose(space);
  H5Fclose(file);
}

class SpikeTimes : public scratch {
 protected:
  std::string file() const { return at("times.h5"); }

  dataset read(double dt, time_unit unit = time_unit::automatic, duplicate_events duplicates = duplicate_events::one,
               double duration = 0.0) const {
    return read_spike_hdf5(file(), {dt, duration, 0, unit, duplicates});
  }

  /// A spike in every one of `steps` steps, at its beginning; all but those that share a step come back.
  void expect_each_in_its_step(hid_t type, double dt, double unit, time_unit named, std::uint32_t steps) {
    const bool whole = H5Tget_class(type) == H5T_INTEGER;  // HDF5 cuts off what is behind the point
    std::vector<double> times;
    for (std::uint32_t k = 0; k < steps; ++k) {
      times.push_back(whole ? std::round(k * dt / unit) : k * dt / unit);
    }
    write_sample(file(), type, times, std::vector<std::uint32_t>(steps, 3));
    const dataset d = read(dt, named);
    ASSERT_EQ(d.inputs.length(0), steps) << dt;
    ASSERT_EQ(d.inputs.spikes.size(), steps) << "of " << dt << " ms: none merged";
    ASSERT_EQ(d.merged_events, 0u);
    for (std::uint32_t k = 0; k < steps; ++k) {
      ASSERT_EQ(d.inputs.spikes.row(k).channels.size(), 1u) << "step " << k << " of " << dt << " ms";
    }
  }
};

constexpr double widths[] = {0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 1.0 / 3.0};

TEST_F(SpikeTimes, OnTheGridStayInTheirStepInEveryType) {
  const hid_t half = half_precision();
  for (const double dt : widths) {
    expect_each_in_its_step(H5T_IEEE_F64LE, dt, 1e3, time_unit::s, 20000);
    expect_each_in_its_step(H5T_IEEE_F32LE, dt, 1e3, time_unit::s, 20000);
    expect_each_in_its_step(H5T_IEEE_F32BE, dt, 1.0, time_unit::ms, 20000);
    expect_each_in_its_step(half, dt, 1e3, time_unit::s, 1024);
    expect_each_in_its_step(half, dt, 1.0, time_unit::ms, 1024);
  }
  for (const double dt : {0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0}) {
    expect_each_in_its_step(H5T_STD_I64LE, dt, 1e-3, time_unit::us, 20000);
    expect_each_in_its_step(H5T_STD_U32BE, dt, 1e-3, time_unit::us, 20000);
  }
  for (const double dt : {1.0, 2.0, 5.0, 10.0}) {
    expect_each_in_its_step(H5T_STD_I32LE, dt, 1.0, time_unit::ms, 20000);
  }
  H5Tclose(half);
}

TEST_F(SpikeTimes, TheDurationIsOnTheGridToo) {
  write_sample(file(), H5T_IEEE_F32LE, {0.0, 0.0003, 0.0021, 0.0024}, {0, 0, 0, 0});
  const dataset d = read(0.3, time_unit::s, duplicate_events::one, 2.1);  // 2.1 / 0.3 = 7.000000000000001
  EXPECT_EQ(d.inputs.length(0), 7u);
  EXPECT_THAT(d.inputs.spikes.channels, ElementsAre(0, 0)) << "the float 0.0021 is a little less, and not before it";
}

TEST_F(SpikeTimes, SeveralInOneStepAreOneOrCounted) {
  write_sample(file(), H5T_IEEE_F32LE, {0.001, 0.002, 0.009, 0.010, 0.0011}, {5, 5, 5, 5, 7});
  const dataset one = read(10.0);
  EXPECT_THAT(one.inputs.spikes.channels, ElementsAre(5, 7, 5));
  EXPECT_THAT(one.inputs.spikes.values, IsEmpty());
  EXPECT_EQ(one.merged_events, 2u);
  const dataset counted = read(10.0, time_unit::automatic, duplicate_events::count);
  EXPECT_THAT(counted.inputs.spikes.channels, ElementsAre(5, 7, 5));
  EXPECT_THAT(counted.inputs.spikes.values, ElementsAre(3, 1, 1));
  EXPECT_EQ(counted.merged_events, 2u);
  EXPECT_THAT(read(0.1, time_unit::automatic, duplicate_events::count).inputs.spikes.values, IsEmpty())
      << "where none are merged there is nothing to count";
}

TEST_F(SpikeTimes, OtherUnitsAreAskedForAndThenRead) {
  const auto refusal = [&] { return message_of<value_error>([&] { read(10.0); }); };
  write_sample(file(), H5T_STD_I32LE, {0, 12500, 30000}, {1, 2, 3});
  EXPECT_THAT(refusal(), HasSubstr("spikes/times = integers"));
  EXPECT_THAT(refusal(), HasSubstr("data.time_unit = \"us\""));
  EXPECT_THAT(read(10.0, time_unit::us).inputs.spikes.row_offsets, ElementsAre(0, 1, 2, 2, 3));
  write_sample(file(), H5T_IEEE_F32LE, {0, 12.5, 30}, {1, 2, 3});
  EXPECT_THAT(refusal(), HasSubstr("spikes/times = 12.5"));
  EXPECT_THAT(refusal(), HasSubstr("sample 0"));
  EXPECT_THAT(refusal(), HasSubstr("data.time_unit"));
  EXPECT_THAT(read(10.0, time_unit::ms).inputs.spikes.row_offsets, ElementsAre(0, 1, 2, 2, 3));
  EXPECT_EQ(read(10.0, time_unit::s).inputs.length(0), 3001u) << "who says seconds gets seconds";
}

TEST_F(SpikeTimes, OurOwnFilesMayBeLong) {
  dataset d;
  d.channels = 1;
  d.dt = 100.0;
  d.class_names = {"only"};
  d.labels = {0};
  for (int t = 0; t < 200; ++t) {
    d.inputs.spikes.channels.push_back(0);
    d.inputs.spikes.end_row();
  }
  d.inputs.end_sample();
  write_spike_hdf5(file(), d);
  EXPECT_EQ(read(100.0).inputs.spikes.size(), 200u);
}

TEST_F(SpikeTimes, TheKeysOfAnExperimentReachTheReader) {
  write_sample(file(), H5T_STD_I32LE, {0, 500, 1500}, {1, 1, 1});
  data_spec spec;
  spec.source = data_source::spike_hdf5;
  spec.path = spec.test_path = file();
  spec.validation = 0.0;
  spec.bin_ms = 1.0;
  spec.unit = time_unit::us;
  spec.duplicates = duplicate_events::count;
  const dataset_split split = load_data(spec, 1);
  EXPECT_THAT(split.train.inputs.spikes.values, ElementsAre(2, 1));
  EXPECT_EQ(split.train.merged_events, 1u);
}

}  // namespace
}  // namespace backspike
