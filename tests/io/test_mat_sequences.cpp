// Sequences in MATLAB files: what is read, what is refused, and that damage never changes a value.

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/mat_sequences.hpp>

#include "io/mat_files.hpp"
#include "io/scratch.hpp"
#include "paths.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace backspike {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const mat_sequence_options options{"small", {"a", "b"}, 4.0};

class MatSequences : public scratch {
 protected:
  std::string file() const { return at("small.mat"); }
  void write(const std::vector<mat_variable>& variables) const { write_mat(file(), variables); }
  dataset read() const { return read_mat_sequences(file(), options); }
  std::string refusal() const {
    return message_of<format_error>([&] { read(); });
  }
  std::string refusal_of(const mat_variable& x, const mat_variable& y) const {
    write({x, y});
    return refusal();
  }
  const mat_sequences good_{};
};

TEST_F(MatSequences, EventsKeepTheirSignAndLabelsTheirGaps) {
  write({good_.y(), good_.x()});
  const auto d = read();
  EXPECT_EQ(d.size(), 5u);
  EXPECT_EQ(d.channels, 3u);
  EXPECT_EQ(d.dt, 4.0);
  EXPECT_TRUE(d.labels.empty());
  for (std::uint32_t s = 0; s < 5; ++s) {
    EXPECT_EQ(d.inputs.length(s), 6u);
    EXPECT_THAT(d.target(s).step_labels, ElementsAre(0, 1, -1, 0, 1, -1));
    const auto first = d.inputs.spikes.row(d.inputs.sample_rows[s]),
               third = d.inputs.spikes.row(d.inputs.sample_rows[s] + 2);
    EXPECT_THAT(first.channels, ElementsAre(s % 3));
    EXPECT_THAT(first.values, ElementsAre(-1.0f));
    EXPECT_THAT(third.channels, ElementsAre((s + 2) % 3));
    EXPECT_THAT(third.values, ElementsAre(1.0f));
  }
}

TEST_F(MatSequences, UncompressedFilesGiveTheSame) {
  write({good_.x(), good_.y()});
  const auto compressed = read();
  write_mat(file(), {good_.x(), good_.y()}, MAT_COMPRESSION_NONE);
  const auto plain = read();
  EXPECT_EQ(plain.inputs.spikes.channels, compressed.inputs.spikes.channels);
  EXPECT_EQ(plain.inputs.spikes.values, compressed.inputs.spikes.values);
  EXPECT_EQ(plain.step_labels, compressed.step_labels);
}

TEST_F(MatSequences, RefusesWhatIsNotThere) {
  EXPECT_THAT(message_of<file_error>([&] { read(); }), HasSubstr("small.mat"));
  EXPECT_THAT(message_of<file_error>([&] { read_mat_sequences(folder_.string(), options); }), HasSubstr("folder"));
  write({good_.x()});
  EXPECT_THAT(refusal(), AllOf(HasSubstr("small.mat"), HasSubstr("variable y"), HasSubstr("not there")));
}

TEST_F(MatSequences, RefusesShapesThatDoNotFit) {
  auto flat = good_.x();
  flat.extents = {5, 18};
  EXPECT_THAT(refusal_of(flat, good_.y()), AllOf(HasSubstr("variable x"), HasSubstr("2 dimensions")));
  mat_sequences longer;
  longer.steps = 7;
  EXPECT_THAT(refusal_of(good_.x(), longer.y()), AllOf(HasSubstr("5 x 7 x 2"), HasSubstr("5 x 6 x 3")));
  mat_sequences more;
  more.classes = 3;
  EXPECT_THAT(refusal_of(good_.x(), more.y()), HasSubstr("2 classes"));
  mat_variable empty{"x", {0, 6, 3}, {}};
  EXPECT_THAT(refusal_of(empty, good_.y()), HasSubstr("empty"));
}

TEST_F(MatSequences, RefusesValuesThatMeanNothing) {
  auto x = good_.x();
  x.values[1 + 5 * 2] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(refusal_of(x, good_.y()), AllOf(HasSubstr("sample 1, step 2"), HasSubstr("inf")));
  for (const double wrong : {1e19, -1e300, std::nan("")}) {
    x.values[1 + 5 * 2] = wrong;
    const auto text = AllOf(HasSubstr("(variable x): sample 1, step 2: is"), HasSubstr("at most 1e18"));
    EXPECT_THAT(refusal_of(x, good_.y()), text) << wrong;
    write({x});
    const mat_sequence_options unlabelled{"small", {"a", "b"}, 4.0, true};
    EXPECT_THAT(message_of<format_error>([&] { read_mat_sequences(file(), unlabelled); }), text) << wrong;
  }
  x.values[1 + 5 * 2] = -1e18;
  write({x, good_.y()});
  EXPECT_NO_THROW(read());
  auto twice = good_.y();
  twice.values[3 + 5 * (0 + 6 * 1)] = 1.0;
  EXPECT_THAT(refusal_of(good_.x(), twice), AllOf(HasSubstr("variable y"), HasSubstr("sample 3, step 0")));
  auto half = good_.y();
  half.values[0] = 0.5;
  EXPECT_THAT(refusal_of(good_.x(), half), HasSubstr("sample 0, step 0"));
}

TEST_F(MatSequences, RefusesOtherKindsOfFile) {
  put(file(), "");
  EXPECT_THAT(refusal(), HasSubstr("truncated"));
  put(file(), std::string(4000, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("version 5"));
  write_mat(file(), {good_.x(), good_.y()}, MAT_COMPRESSION_NONE, MAT_FT_MAT73);
  EXPECT_THAT(refusal(), HasSubstr("version 5"));
  double number = 1.0;
  std::size_t extents[]{1, 1, 1};
  const char* fields[]{"a"};
  const std::unique_ptr<mat_t, int (*)(mat_t*)> made(Mat_CreateVer(file().c_str(), nullptr, MAT_FT_MAT5), Mat_Close);
  matvar_t* structure = Mat_VarCreateStruct("x", 3, extents, fields, 1);
  Mat_VarSetStructFieldByName(structure, "a", 0,
                              Mat_VarCreate("a", MAT_C_DOUBLE, MAT_T_DOUBLE, 3, extents, &number, 0));
  Mat_VarWrite(made.get(), structure, MAT_COMPRESSION_ZLIB);
  Mat_VarFree(structure);
  EXPECT_THAT(refusal(), HasSubstr("real numbers"));
}

TEST_F(MatSequences, TruncationsAreNoticed) {
  for (const auto compression : {MAT_COMPRESSION_ZLIB, MAT_COMPRESSION_NONE}) {
    write_mat(file(), {good_.x(), good_.y()}, compression);
    const auto whole = bytes_of(file());
    ASSERT_GT(whole.size(), 200u);
    for (std::size_t length = 0; length < whole.size(); length += 3) {
      put(file(), whole.substr(0, length));
      EXPECT_THROW(read(), format_error) << length << " bytes of " << whole.size();
    }
  }
}

/// A damaged bit between the end of compressed data and their checksum means nothing, so that a file may still read.
TEST_F(MatSequences, DamageNeverChangesWhatIsRead) {
  write({good_.x(), good_.y()});
  const auto whole = bytes_of(file());
  const auto good = read();
  std::size_t harmless = 0;
  for (std::size_t k = 136; k < whole.size(); ++k) {
    auto damaged = whole;
    damaged[k] = static_cast<char>(damaged[k] ^ 0x24);
    put(file(), damaged);
    try {
      const auto d = read();
      EXPECT_EQ(d.inputs.spikes.channels, good.inputs.spikes.channels) << "byte " << k;
      EXPECT_EQ(d.inputs.spikes.values, good.inputs.spikes.values) << "byte " << k;
      EXPECT_EQ(d.step_labels, good.step_labels) << "byte " << k;
      ++harmless;
    } catch (const format_error&) {
    }
  }
  EXPECT_LE(harmless, 2u) << "of the two variables";
}

class LoadEcg : public scratch {
 protected:
  void SetUp() override {
    scratch::SetUp();
    spec_.source = data_source::ecg_qtdb;
    spec_.path = folder_.string();
    spec_.validation = 0.25;
    write("QTDB_train.mat", 20, 4);
    write("QTDB_test.mat", 8, 4);
  }
  void write(const std::string& name, std::size_t samples, std::size_t channels) const {
    const mat_sequences sequences{samples, 9, channels, 6};
    write_mat(at(name), {sequences.x(), sequences.y()});
  }
  data_spec spec_;
};

TEST_F(LoadEcg, ValidationIsCarvedFromTheTrainingSequences) {
  const auto d = load_data(spec_, 1);
  EXPECT_EQ(d.train.size(), 15u);
  EXPECT_EQ(d.validation.size(), 5u);
  EXPECT_EQ(d.test.size(), 8u);
  EXPECT_THAT(d.train.class_names, ElementsAre("P", "PQ", "QR", "RS", "ST", "TP"));
  EXPECT_EQ(d.validation.step_labels.size(), 45u);
  EXPECT_NE(load_data(spec_, 2).train.inputs.spikes.channels, d.train.inputs.spikes.channels);
  spec_.limit = 3;
  const auto few = load_data(spec_, 1);
  EXPECT_EQ(few.train.size(), 3u);
  EXPECT_EQ(few.test.size(), 3u);
}

TEST_F(LoadEcg, NamesTheRemedyAndRefusesFilesThatDiffer) {
  write("QTDB_test.mat", 8, 5);
  EXPECT_THAT(message_of<shape_error>([&] { load_data(spec_, 1); }), HasSubstr("4 channels"));
  std::filesystem::remove(at("QTDB_test.mat"));
  EXPECT_THAT(message_of<missing_data_error>([&] { load_data(spec_, 1); }),
              AllOf(HasSubstr("QTDB_test.mat"), HasSubstr("data.path")));
  spec_.path.clear();
  EXPECT_THAT(message_of<missing_data_error>([&] { load_data(spec_, 1); }), HasSubstr("data.path"));
}

TEST_F(LoadEcg, ReadsTheRealRecordings) {
  spec_.path = shared_data() + "/ecg_qtdb";
  if (!std::filesystem::exists(spec_.path)) {
    GTEST_SKIP() << "no recordings in " << spec_.path;
  }
  const auto d = load_data(spec_, 1);
  EXPECT_EQ(d.train.size() + d.validation.size(), 618u);
  EXPECT_EQ(d.test.size(), 141u);
  EXPECT_EQ(d.test.longest(), 1301u);
  EXPECT_EQ(d.test.channels, 4u);
  const auto unlabelled = std::ranges::count(d.test.step_labels, -1);
  EXPECT_NEAR(static_cast<double>(unlabelled) / (141.0 * 1301.0), 0.104, 0.001);
  const auto negative = std::ranges::count(d.test.inputs.spikes.values, -1.0f);
  EXPECT_EQ(negative, 141);
  EXPECT_EQ(d.test.inputs.spikes.size(), 57897u + 141u);
}

}  // namespace
}  // namespace backspike
