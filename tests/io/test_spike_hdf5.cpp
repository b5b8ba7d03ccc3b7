// Spikes in HDF5: our own files, those of others, and damaged ones.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include "io/scratch.hpp"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

dataset random_spikes(std::uint64_t seed, std::size_t samples = 40, std::uint32_t channels = 30) {
  dataset d;
  d.channels = channels;
  d.dt = 0.1 + static_cast<double>(seed);
  d.class_names = {"zero", "eins", "trois"};
  d.speaker_names = {"ann", "bob"};
  random_stream random(seed, random_purpose::test);
  for (std::size_t s = 0; s < samples; ++s) {
    for (std::uint32_t steps = random.below(20), t = 0; t < steps; ++t) {
      for (std::uint32_t c = random.below(channels); c < channels; c += 1 + random.below(channels)) {
        d.inputs.spikes.channels.push_back(c);
      }
      d.inputs.spikes.end_row();
    }
    if (s % 3 == 0) {
      d.inputs.spikes.end_row();  // a silent step at the end
    }
    d.inputs.end_sample();
    d.labels.push_back(static_cast<std::int32_t>(s % 3));
    d.speakers.push_back(static_cast<std::int32_t>(s % 2));
  }
  return d;
}

void expect_same(const dataset& a, const dataset& b) {
  EXPECT_EQ(a.channels, b.channels);
  EXPECT_EQ(a.dt, b.dt);
  EXPECT_EQ(a.inputs.sample_rows, b.inputs.sample_rows);
  EXPECT_EQ(a.inputs.spikes.row_offsets, b.inputs.spikes.row_offsets);
  EXPECT_EQ(a.inputs.spikes.channels, b.inputs.spikes.channels);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.speakers, b.speakers);
  EXPECT_EQ(a.class_names, b.class_names);
  EXPECT_EQ(a.speaker_names, b.speaker_names);
}

/// A file as others write them: half-precision times, 16-bit units, chunks, compression, no attributes.
struct foreign_file {
  std::vector<std::vector<float>> times{{0.0f, 0.25f, 0.5f}, {0.125f}, {}};
  std::vector<std::vector<std::uint16_t>> units{{5, 1, 699}, {2}, {}};
  std::vector<std::int32_t> labels{1, 0, 3};
  std::vector<std::int32_t> speakers{11, 4, 11};
  std::vector<const char*> keys;  // of variable length
  bool units_are_floats = false;
  std::string left_out;

  static hid_t half() {
    const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(type, 15, 10, 5, 0, 10);
    H5Tset_size(type, 2);
    H5Tset_ebias(type, 15);
    return type;
  }

  void put(hid_t file, const std::string& name, hid_t file_type, hid_t memory_type, hsize_t count,
           const void* values) const {
    if (name == left_out || count == 0) {
      return;
    }
    const hsize_t chunk = 2;
    const hid_t space = H5Screate_simple(1, &count, nullptr), properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 1, &chunk);
    H5Pset_deflate(properties, 6);
    const hid_t data = H5Dcreate2(file, name.c_str(), file_type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5Dwrite(data, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(data);
    H5Pclose(properties);
    H5Sclose(space);
  }

  template <class T>
  void put_lists(hid_t file, const std::string& name, hid_t file_type, hid_t memory_type,
                 const std::vector<std::vector<T>>& values) const {
    std::vector<hvl_t> lists;
    for (const auto& list : values) {
      lists.push_back({list.size(), const_cast<T*>(list.data())});
    }
    const hid_t in_file = H5Tvlen_create(file_type), in_memory = H5Tvlen_create(memory_type);
    put(file, name, in_file, in_memory, lists.size(), lists.data());
    H5Tclose(in_file);
    H5Tclose(in_memory);
  }

  void write(const std::string& path) const {
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), times_type = half();
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    for (const char* group : {"spikes", "extra"}) {
      H5Gclose(H5Gcreate2(file, group, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
    put_lists(file, "spikes/times", times_type, H5T_NATIVE_FLOAT, times);
    put_lists(file, "spikes/units", units_are_floats ? H5T_IEEE_F32LE : H5T_STD_U16LE, H5T_NATIVE_UINT16, units);
    put(file, "labels", H5T_STD_I64BE, H5T_NATIVE_INT32, labels.size(), labels.data());
    put(file, "extra/speaker", H5T_STD_U16LE, H5T_NATIVE_INT32, speakers.size(), speakers.data());
    put(file, "extra/keys", text, text, keys.size(), keys.data());
    H5Tclose(text);
    H5Tclose(times_type);
    H5Fclose(file);
  }
};

class SpikeHdf5 : public scratch {
 protected:
  std::string file() const { return at("spikes.h5"); }
  std::string refusal(const spike_file_options& options = {}) const {
    return message_of<format_error>([&] { read_spike_hdf5(file(), options); });
  }
};

TEST_F(SpikeHdf5, ComesBackForEverySeed) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto d = random_spikes(seed);
    ASSERT_GT(d.inputs.spikes.size(), 100u);
    write_spike_hdf5(file(), d);
    const auto back = read_spike_hdf5(file(), {d.dt, 0.0, 0});
    expect_same(back, d);
    EXPECT_EQ(back.name, "spikes");
  }
  EXPECT_THAT(names(), ElementsAre("spikes.h5"));
}

TEST_F(SpikeHdf5, LongSamplesAndManyChannelsComeBack) {
  dataset d;
  d.channels = 70001;
  d.dt = 0.1;
  d.class_names = {"only"};
  for (int t = 0; t < 3000000; ++t) {
    if (t % 7919 == 0 || t > 2999990) {
      d.inputs.spikes.channels.push_back(70000);
    }
    d.inputs.spikes.end_row();
  }
  d.inputs.end_sample();
  d.labels = {0};
  write_spike_hdf5(file(), d);
  expect_same(read_spike_hdf5(file(), {0.1, 0.0, 0}), d);
}

TEST_F(SpikeHdf5, NoSampleAtAllComesBack) {
  const auto d = random_spikes(1, 0);
  write_spike_hdf5(file(), d);
  EXPECT_EQ(read_spike_hdf5(file(), {d.dt, 0.0, 0}).size(), 0u);
}

TEST_F(SpikeHdf5, SameContentGivesTheSameBytes) {
  write_spike_hdf5(file(), random_spikes(3));
  write_spike_hdf5(at("other.h5"), random_spikes(4));
  write_spike_hdf5(at("again.h5"), random_spikes(3));
  EXPECT_EQ(bytes_of(file()), bytes_of(at("again.h5")));
  EXPECT_NE(bytes_of(file()), bytes_of(at("other.h5")));
}

TEST_F(SpikeHdf5, OtherBinsUseTheSpikesTimes) {
  dataset d = random_spikes(1, 0);
  d.dt = 1.0;
  for (const std::uint32_t c : {3u, 3u, 4u, 3u}) {  // steps 0 to 3
    d.inputs.spikes.channels.push_back(c);
    d.inputs.spikes.end_row();
  }
  d.inputs.spikes.end_row();
  d.inputs.end_sample();
  d.labels = {0};
  d.speakers = {0};
  write_spike_hdf5(file(), d);
  const auto two = read_spike_hdf5(file(), {2.0, 0.0, 0});
  EXPECT_THAT(two.inputs.spikes.channels, ElementsAre(3, 3, 4));
  EXPECT_THAT(two.inputs.spikes.row_offsets, ElementsAre(0, 1, 3)) << "to the last spike, the two of step 0 are one";
  const auto cut = read_spike_hdf5(file(), {1.0, 2.0, 0});
  EXPECT_THAT(cut.inputs.spikes.row_offsets, ElementsAre(0, 1, 2));
  const auto padded = read_spike_hdf5(file(), {1.0, 6.5, 9});
  EXPECT_EQ(padded.inputs.length(0), 7u);
  EXPECT_EQ(padded.channels, 9u);
}

TEST_F(SpikeHdf5, ReadsWhatOthersWrite) {
  foreign_file f;
  f.write(file());
  const auto d = read_spike_hdf5(file(), {100.0, 0.0, 0});
  EXPECT_EQ(d.channels, 700u);
  EXPECT_THAT(d.labels, ElementsAre(1, 0, 2)) << "1, 0, 3 in the file: its different labels are the classes";
  EXPECT_THAT(d.class_names, ElementsAre("0", "1", "3"));
  EXPECT_THAT(d.speakers, ElementsAre(1, 0, 1));
  EXPECT_THAT(d.speaker_names, ElementsAre("4", "11"));
  EXPECT_THAT(d.inputs.sample_rows, ElementsAre(0, 6, 8, 9)) << "a silent sample has one step";
  EXPECT_THAT(d.inputs.spikes.channels, ElementsAre(5, 1, 699, 2));
  EXPECT_THAT(d.inputs.spikes.row_offsets, ElementsAre(0, 1, 1, 2, 2, 2, 3, 3, 4, 4));
  f.keys = {"null", "eins", "zwei", "drei", "vier"};
  f.write(file());
  const auto named = read_spike_hdf5(file(), {});
  EXPECT_THAT(named.class_names, ElementsAre("null", "eins", "zwei", "drei", "vier"));
  EXPECT_THAT(named.labels, ElementsAre(1, 0, 3)) << "places in the list of names";
  f.keys.clear();
  f.labels = {-1, 40000000, -1};
  f.write(file());
  EXPECT_THAT(read_spike_hdf5(file(), {}).labels, ElementsAre(0, 1, 0));
  EXPECT_THAT(read_spike_hdf5(file(), {}).class_names, ElementsAre("-1", "40000000"));
}

TEST_F(SpikeHdf5, MissingPartsAreNamed) {
  for (const std::string part : {"spikes/times", "spikes/units", "labels"}) {
    foreign_file f;
    f.left_out = part;
    f.write(file());
    EXPECT_THAT(refusal(), HasSubstr("(" + part + "): missing"));
  }
  H5Fclose(H5Fcreate(file().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  EXPECT_THAT(refusal(), HasSubstr("labels"));
}

TEST_F(SpikeHdf5, WrongContentsAreNamed) {
  const auto refused = [&](const auto& change) {
    foreign_file f;
    change(f);
    f.write(file());
    return refusal();
  };
  EXPECT_THAT(refused([](auto& f) { f.times[1] = {}; }), HasSubstr("spikes/units, sample 1): 1 units for 0 times"));
  EXPECT_THAT(refused([](auto& f) { f.times[0][2] = -0.5f; }), HasSubstr("spikes/times, sample 0"));
  EXPECT_THAT(refused([](auto& f) { f.times[1][0] = std::nanf(""); }), HasSubstr("spikes/times, sample 1"));
  EXPECT_THAT(refused([](auto& f) { f.times[1][0] = std::numeric_limits<float>::infinity(); }), HasSubstr("sample 1"));
  EXPECT_THAT(refused([](auto& f) { f.labels.push_back(0); }), HasSubstr("one entry for each of the 4 samples"));
  EXPECT_THAT(refused([](auto& f) { f.speakers.pop_back(); }), HasSubstr("extra/speaker"));
  EXPECT_THAT(refused([](auto& f) { f.units_are_floats = true; }), HasSubstr("lists of integers"));
}

TEST_F(SpikeHdf5, ValuesOutOfRangeAreNamed) {
  foreign_file f;
  f.labels[2] = -1;
  f.keys = {"null", "eins"};
  f.write(file());
  EXPECT_THAT(message_of<value_error>([&] { read_spike_hdf5(file(), {}); }), HasSubstr("label of sample 2 = -1"));
  f.labels[2] = 2;
  f.write(file());
  EXPECT_THAT(message_of<value_error>([&] { read_spike_hdf5(file(), {}); }), HasSubstr("label of sample 2 = 2"));
  f.labels[2] = 0;
  f.write(file());
  const auto text = message_of<value_error>([&] { read_spike_hdf5(file(), {10.0, 0.0, 699}); });
  EXPECT_THAT(text, HasSubstr("unit of sample 0 = 699"));
  EXPECT_THROW(read_spike_hdf5(file(), {0.0, 0.0, 0}), value_error);
  EXPECT_THROW(read_spike_hdf5(file(), {10.0, -1.0, 0}), value_error);
}

TEST_F(SpikeHdf5, TargetsInTimeAreRefused) {
  const auto good = random_spikes(1);
  auto d = good;
  d.labels.pop_back();
  EXPECT_THAT(message_of<value_error>([&] { write_spike_hdf5(file(), d); }), HasSubstr("one label a sample"));
  d = good;
  d.step_weights.assign(d.inputs.spikes.rows(), 1.0f);
  EXPECT_THAT(message_of<value_error>([&] { write_spike_hdf5(file(), d); }), HasSubstr("targets in time"));
  d = good;
  d.sample_weights.assign(d.size(), 1.0f);
  EXPECT_THAT(message_of<value_error>([&] { write_spike_hdf5(file(), d); }), HasSubstr("weights of samples"));
  EXPECT_TRUE(names().empty());
}

TEST_F(SpikeHdf5, GradedValuesAreRefused) {
  auto d = random_spikes(1);
  d.inputs.spikes.values.assign(d.inputs.spikes.size(), 0.5f);
  EXPECT_THAT(message_of<value_error>([&] { write_spike_hdf5(file(), d); }), HasSubstr("graded"));
  EXPECT_TRUE(names().empty());
}

TEST_F(SpikeHdf5, DamageIsRefused) {
  const auto d = random_spikes(5);
  write_spike_hdf5(file(), d);
  const auto whole = bytes_of(file());
  for (std::size_t length = 0; length < whole.size(); length += 1 + length / 5) {
    put(file(), whole.substr(0, length));
    refusal({d.dt, 0.0, 0});
  }
  put(file(), whole.substr(0, whole.size() - 1));
  EXPECT_THAT(refusal(), HasSubstr("spikes.h5"));
  random_stream random(5, random_purpose::test);
  for (int trial = 0; trial < 300; ++trial) {
    auto damaged = whole;
    const auto byte = 100 + random.below(static_cast<std::uint32_t>(whole.size()) - 100);
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << random.below(8)));
    put(file(), damaged);
    EXPECT_THAT(refusal({d.dt, 0.0, 0}), HasSubstr("checksum")) << byte;
  }
}

TEST_F(SpikeHdf5, OtherFilesAndPathsAreRefused) {
  put(file(), std::string(5000, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("not an HDF5 file"));
  EXPECT_THROW(read_spike_hdf5(at("nowhere.h5"), {}), file_error);
  EXPECT_THROW(write_spike_hdf5(at("none/s.h5"), random_spikes(1)), file_error);
}

TEST_F(SpikeHdf5, FullDiskLeavesTheOldFile) {
  const auto d = random_spikes(6);
  write_spike_hdf5(file(), d);
  {
    const full_disk disk(3000);
    EXPECT_THROW(write_spike_hdf5(file(), random_spikes(7)), file_error);
  }
  EXPECT_THAT(names(), ElementsAre("spikes.h5"));
  expect_same(read_spike_hdf5(file(), {d.dt, 0.0, 0}), d);
}

}  // namespace
}  // namespace backspike
