// Checkpoints come back bit for bit; a truncated or changed one is always refused.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/checkpoint.hpp>

#include "io/scratch.hpp"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

named_tensor random_tensor(const std::string& name, std::vector<std::size_t> extents, std::uint64_t seed) {
  named_tensor t{name, std::move(extents), {}};
  std::size_t size = 1;
  for (const std::size_t extent : t.extents) {
    size *= extent;
  }
  random_stream random(seed, random_purpose::test);
  for (std::size_t k = 0; k < size; ++k) {
    t.values.push_back(static_cast<float>(random.normal()));
  }
  return t;
}

checkpoint example(std::uint64_t seed) {
  checkpoint c;
  c.version = "0.1.0";
  c.experiment = "name = \"tiny\"  # \u00b5s\n[data]\nsource = \"idx\"\n";
  c.seed = std::numeric_limits<std::uint64_t>::max() - seed;
  c.epoch = 3;
  c.step = 1234567890123;
  c.parameters = {random_tensor("hidden1.weight", {36, 24}, seed), random_tensor("hidden1.tau_m", {24}, seed + 1),
                  random_tensor("readout.weight", {24, 4}, seed + 2), random_tensor("a.scalar", {}, seed + 3),
                  random_tensor("empty", {0, 5}, seed)};
  c.optimiser = {random_tensor("m.hidden1.weight", {36, 24}, seed + 4)};
  c.scalars = {{"best_accuracy", 0.1 + 0.2}, {"tiny", 5e-324}, {"minus_zero", -0.0}};
  if (seed > 0) {  // older files have neither
    c.class_names = {"-1", "\u00b5s", "", "a longer name"};
    c.data_digests = {{"train", std::numeric_limits<std::uint64_t>::max() - seed}, {"test", 0}};
  }
  return c;
}

void expect_same(const named_tensor& a, const named_tensor& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.extents, b.extents);
  ASSERT_EQ(a.values.size(), b.values.size());
  EXPECT_TRUE(a.values.empty() || std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0)
      << a.name;
}

void expect_same(const std::vector<named_tensor>& a, const std::vector<named_tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    expect_same(a[k], b[k]);
  }
}

void expect_same(const checkpoint& a, const checkpoint& b) {
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.experiment, b.experiment);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.scalars, b.scalars);
  EXPECT_EQ(a.class_names, b.class_names);
  EXPECT_EQ(a.data_digests, b.data_digests);
  expect_same(a.parameters, b.parameters);
  expect_same(a.optimiser, b.optimiser);
}

bool all_finite(const checkpoint& c) {
  const auto finite = [](const named_tensor& t) {
    return std::all_of(t.values.begin(), t.values.end(), [](float x) { return std::isfinite(x); });
  };
  return std::all_of(c.parameters.begin(), c.parameters.end(), finite) &&
         std::all_of(c.optimiser.begin(), c.optimiser.end(), finite);
}

class Checkpoint : public scratch {
 protected:
  std::string file() const { return at("checkpoint.h5"); }
  std::string refusal() const {
    return message_of<format_error>([&] { read_checkpoint(file()); });
  }
};

TEST_F(Checkpoint, ComesBackBitForBit) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto c = example(seed);
    write_checkpoint(file(), c);
    expect_same(read_checkpoint(file()), c);
  }
  EXPECT_THAT(names(), ElementsAre("checkpoint.h5"));
}

TEST_F(Checkpoint, ManyTensorsKeepTheirOrder) {
  checkpoint c;
  for (std::uint64_t k = 0; k < 60; ++k) {
    c.parameters.push_back(random_tensor("layer" + std::to_string((k * 37) % 60) + ".weight", {k % 7, 3}, k));
    c.scalars["state." + std::to_string(k)] = static_cast<double>(k) / 3.0;
  }
  write_checkpoint(file(), c);
  expect_same(read_checkpoint(file()), c);
}

TEST_F(Checkpoint, EmptyAndLongTextsComeBack) {
  checkpoint c;
  write_checkpoint(file(), c);
  expect_same(read_checkpoint(file()), c);
  c.experiment = std::string(200000, 'x') + "\n";
  write_checkpoint(file(), c);
  expect_same(read_checkpoint(file()), c);
}

TEST_F(Checkpoint, ValuesThatAreNotFiniteComeBack) {
  auto c = example(1);
  c.parameters[0].values[7] = std::numeric_limits<float>::quiet_NaN();
  c.parameters[0].values[8] = -std::numeric_limits<float>::infinity();
  c.scalars["loss"] = std::numeric_limits<double>::infinity();
  write_checkpoint(file(), c);
  expect_same(read_checkpoint(file()), c);
}

TEST_F(Checkpoint, SameContentGivesTheSameBytes) {
  write_checkpoint(file(), example(7));
  const auto first = bytes_of(file());
  const std::vector<char> noise(3 << 20, 'n');  // other memory contents under the second file
  write_checkpoint(at("other.h5"), example(8));
  write_checkpoint(at("again.h5"), example(7));
  EXPECT_EQ(bytes_of(at("again.h5")), first);
  EXPECT_NE(bytes_of(at("other.h5")), first);
  EXPECT_EQ(noise.back(), 'n');
}

TEST_F(Checkpoint, HasTheDocumentedLayout) {
  write_checkpoint(file(), example(2));
  const hid_t f = H5Fopen(file().c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(f, 0);
  for (const char* name : {"version", "seed", "epoch", "step", "experiment"}) {
    EXPECT_GT(H5Aexists(f, name), 0) << name;
  }
  EXPECT_GT(H5Lexists(f, "parameters/hidden1.weight", H5P_DEFAULT), 0);
  EXPECT_GT(H5Lexists(f, "optimiser/m.hidden1.weight", H5P_DEFAULT), 0);
  EXPECT_GT(H5Aexists_by_name(f, "state", "best_accuracy", H5P_DEFAULT), 0);
  hsize_t size = 0;
  EXPECT_GE(H5Fget_filesize(f, &size), 0);
  EXPECT_EQ(size, std::filesystem::file_size(file()));
  H5Fclose(f);
}

TEST_F(Checkpoint, TruncatedAtAnyLengthIsRefused) {
  write_checkpoint(file(), example(3));
  const auto whole = bytes_of(file());
  for (std::size_t length = 0; length < whole.size(); length += 1 + length / 7) {
    put(file(), whole.substr(0, length));
    EXPECT_THAT(refusal(), HasSubstr("checkpoint.h5")) << length;
  }
  put(file(), whole.substr(0, whole.size() - 1));
  EXPECT_THAT(refusal(), HasSubstr("truncated"));
}

TEST_F(Checkpoint, NoFlippedBitGoesUnnoticed) {
  auto c = example(4);
  for (std::uint64_t k = 0; k < 20; ++k) {  // more than HDF5 keeps in a group's header by default
    c.parameters.push_back(random_tensor("layer" + std::to_string(k) + ".bias", {4}, k));
    c.scalars["state" + std::to_string(k)] = static_cast<double>(k);
  }
  write_checkpoint(file(), c);
  const auto whole = bytes_of(file());
  random_stream random(4, random_purpose::test);
  H5set_free_list_limits(0, 0, 0, 0, 0, 0);  // memory comes fresh, so that what is lost was allocated here
  H5garbage_collect();
  const leaks_of_hdf5 ignored;
  int refused = 0;
  for (int trial = 0; trial < 600; ++trial) {
    auto damaged = whole;
    const auto byte = random.below(static_cast<std::uint32_t>(whole.size()));
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << random.below(8)));
    put(file(), damaged);
    try {
      const auto read = read_checkpoint(file());
      if (all_finite(read)) {  // the trainer refuses other values, naming the layer
        expect_same(read, c);  // a gap between HDF5's blocks
      }
    } catch (const format_error&) {
      ++refused;
    }
    ASSERT_FALSE(HasFailure()) << "byte " << byte;
  }
  EXPECT_GT(refused, 400);
}

TEST_F(Checkpoint, MissingPartsAreNamed) {
  for (const std::string part : {"parameters", "optimiser", "state"}) {
    write_checkpoint(file(), example(5));
    const hid_t f = H5Fopen(file().c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(f, part.c_str(), H5P_DEFAULT);
    H5Fclose(f);
    EXPECT_THAT(refusal(), HasSubstr("/" + part + "): missing"));
  }
  for (const std::string name : {"version", "seed", "epoch", "step", "experiment"}) {
    write_checkpoint(file(), example(5));
    const hid_t f = H5Fopen(file().c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Adelete(f, name.c_str());
    H5Fclose(f);
    EXPECT_THAT(refusal(), HasSubstr("attribute " + name + "): missing"));
  }
}

TEST_F(Checkpoint, OtherFilesAreRefused) {
  put(file(), "");
  EXPECT_THAT(refusal(), HasSubstr("not an HDF5 file"));
  put(file(), std::string(5000, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("not an HDF5 file"));
  H5Fclose(H5Fcreate(file().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  EXPECT_THAT(refusal(), HasSubstr("attribute version"));
}

TEST_F(Checkpoint, PathsThatCannotBeReadAreFileErrors) {
  EXPECT_THAT(message_of<file_error>([&] { read_checkpoint(at("nowhere.h5")); }), HasSubstr("nowhere.h5"));
  EXPECT_THAT(message_of<file_error>([&] { read_checkpoint(folder_.string()); }), HasSubstr("folder"));
}

TEST_F(Checkpoint, UnwritablePathsAreFileErrors) {
  EXPECT_THAT(message_of<file_error>([&] { write_checkpoint(at("none/c.h5"), example(1)); }), HasSubstr("none/c.h5"));
  put(at("blocker"), "x");
  EXPECT_THAT(message_of<file_error>([&] { write_checkpoint(at("blocker/c.h5"), example(1)); }), HasSubstr("blocker"));
}

TEST_F(Checkpoint, FullDiskLeavesTheOldFile) {
  const auto c = example(6);
  write_checkpoint(file(), c);
  for (const rlim_t room : {0, 1000, 5000}) {
    const full_disk disk(room);
    EXPECT_THAT(message_of<file_error>([&] { write_checkpoint(file(), example(9)); }), HasSubstr("checkpoint.h5"));
  }
  EXPECT_THAT(names(), ElementsAre("checkpoint.h5"));
  expect_same(read_checkpoint(file()), c);
}

TEST_F(Checkpoint, TheCallersErrorHandlerStaysWhenAllGoesWell) {
  H5E_auto2_t before = nullptr, after = nullptr;
  void* data = nullptr;
  H5Eget_auto2(H5E_DEFAULT, &before, &data);
  write_checkpoint(file(), checkpoint{});
  read_checkpoint(file());
  H5Eget_auto2(H5E_DEFAULT, &after, &data);
  EXPECT_EQ(before, after);
}

TEST_F(Checkpoint, DamageIsThrownNotPrinted) {
  put(file(), std::string(5000, 'x'));
  testing::internal::CaptureStderr();
  refusal();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Checkpoint, TensorsThatAreNotOnesAreOurMistake) {
  checkpoint c;
  c.parameters = {{"a", {2, 2}, {1, 2, 3}}};
  EXPECT_THROW(write_checkpoint(file(), c), internal_error);
  c.parameters = {{"a/b", {1}, {1}}};
  EXPECT_THROW(write_checkpoint(file(), c), internal_error);
  EXPECT_TRUE(names().empty());
}

}  // namespace
}  // namespace backspike
