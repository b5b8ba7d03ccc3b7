// From files to training, validation and test set: images, spikes and recordings, and every refusal with its remedy.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include "io/idx_files.hpp"
#include "io/scratch.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace backspike {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto fashion_mnist = "/usr/share/datasets/fashion-mnist";

std::string labels_of(std::size_t count, std::size_t classes) {
  std::string labels;
  for (std::size_t s = 0; s < count; ++s) {
    labels += static_cast<char>(s % classes);
  }
  return labels;
}

bool same(const dataset& a, const dataset& b) {
  return a.inputs.sample_rows == b.inputs.sample_rows && a.inputs.spikes.row_offsets == b.inputs.spikes.row_offsets &&
         a.inputs.spikes.channels == b.inputs.spikes.channels && a.labels == b.labels && a.speakers == b.speakers;
}

std::vector<int> class_counts(const dataset& d) {
  std::vector<int> counts(d.classes(), 0);
  for (const std::int32_t label : d.labels) {
    ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

class LoadImages : public scratch {
 protected:
  void SetUp() override {
    scratch::SetUp();
    write_images("train", 80, labels_of(80, 4));
    write_images("t10k", 20, labels_of(20, 4));
    spec_.source = data_source::idx;
    spec_.path = folder_.string();
    spec_.validation = 0.25;
    spec_.encoder.steps = 12;
  }
  void write_images(const std::string& part, std::uint32_t count, const std::string& labels, std::uint32_t rows = 6) {
    put(images(part), idx_file({count, rows, 5}, random_pixels(count * rows * 5, count)));
    put(at(part + "-labels-idx1-ubyte"), idx_file({static_cast<std::uint32_t>(labels.size())}, labels));
  }
  std::string images(const std::string& part) const { return at(part + "-images-idx3-ubyte"); }
  dataset_split load(std::uint64_t seed = 1) const { return load_data(spec_, seed); }

  data_spec spec_;
};

TEST_F(LoadImages, SplitsStratifiedBySeed) {
  const auto d = load();
  EXPECT_THAT(class_counts(d.train), Each(15));
  EXPECT_THAT(class_counts(d.validation), Each(5));
  EXPECT_THAT(class_counts(d.test), Each(5));
  EXPECT_THAT(d.train.class_names, ElementsAre("0", "1", "2", "3"));
  EXPECT_EQ(d.train.channels, 30u);
  EXPECT_EQ(d.test.longest(), 12u);
  EXPECT_GT(d.test.inputs.spikes.size(), 100u);
  d.train.validate();
  d.test.validate();
  EXPECT_TRUE(same(load().train, d.train));
  EXPECT_FALSE(same(load(2).train, d.train));
  EXPECT_TRUE(same(load(2).test, d.test));
}

TEST_F(LoadImages, RandomEncodersDependOnTheSeedAndNotOnTheSplit) {
  spec_.encoder.kind = encoder_kind::poisson;
  spec_.validation = 0.0;
  const auto whole = load();
  EXPECT_TRUE(same(load().test, whole.test));
  EXPECT_FALSE(same(load(2).test, whole.test));
  spec_.validation = 0.5;
  const auto halves = load();
  EXPECT_EQ(halves.train.inputs.spikes.size() + halves.validation.inputs.spikes.size(),
            whole.train.inputs.spikes.size());
}

TEST_F(LoadImages, LimitKeepsSomeOfEveryClass) {
  spec_.limit = 8;
  const auto d = load();
  EXPECT_THAT(class_counts(d.train), Each(2));
  EXPECT_THAT(class_counts(d.validation), Each(2));
  EXPECT_THAT(class_counts(d.test), Each(2));
}

TEST_F(LoadImages, DeltaReadsAnImageAsASeriesOfRows) {
  spec_.encoder.kind = encoder_kind::delta;
  const auto d = load();
  EXPECT_EQ(d.train.channels, 10u);
  EXPECT_EQ(d.train.longest(), 6u);
}

TEST_F(LoadImages, PopulationGivesEveryPixelItsReceptiveFields) {
  spec_.encoder.kind = encoder_kind::population;
  spec_.encoder.fields = 4;
  const auto d = load();
  EXPECT_EQ(d.train.channels, 120u);
  EXPECT_EQ(d.train.longest(), 12u);
  d.train.validate();
  const double per_pixel =
      static_cast<double>(d.train.inputs.spikes.size()) / (30.0 * static_cast<double>(d.train.size()));
  EXPECT_NEAR(per_pixel, 2.0 * std::sqrt(-2.0 * std::log(0.2)) / 1.5, 0.15) << "fields within reach of a uniform value";
}

TEST_F(LoadImages, CompressedFilesGiveTheSame) {
  const auto plain = load();
  for (const std::string part : {"train", "t10k"}) {
    for (const auto& path : {images(part), at(part + "-labels-idx1-ubyte")}) {
      put(path + ".gz", gzip(bytes_of(path)));
      fs::remove(path);
    }
  }
  EXPECT_TRUE(same(load().train, plain.train));
}

TEST_F(LoadImages, ProgressIsToldAndMayEndTheWork) {
  std::size_t last = 0;
  load_data(spec_, 1, [&](const std::string&, std::size_t done, std::size_t total) {
    EXPECT_LE(done, total);
    last = done;
  });
  EXPECT_EQ(last, 100u);
  const auto stop = [](const std::string&, std::size_t, std::size_t) { throw std::runtime_error("stop"); };
  EXPECT_THROW(load_data(spec_, 1, stop), std::runtime_error);
}

TEST_F(LoadImages, MissingDataNameTheRemedy) {
  fs::remove(images("t10k"));
  const auto text = message_of<missing_data_error>([&] { load(); });
  EXPECT_THAT(text, HasSubstr("t10k-images-idx3-ubyte"));
  EXPECT_THAT(text, HasSubstr("data.path"));
  spec_.source = data_source::fashion_mnist;
  spec_.path = at("nowhere");
  const auto package = message_of<missing_data_error>([&] { load(); });
  EXPECT_THAT(package, HasSubstr("dataset-fashion-mnist"));
  EXPECT_THAT(package, HasSubstr("data.path"));
  EXPECT_THAT(package, HasSubstr("nowhere"));
  spec_.source = data_source::idx;
  spec_.path = "";
  EXPECT_THAT(message_of<value_error>([&] { load(); }), HasSubstr("data.path"));
}

TEST_F(LoadImages, LabelsThatDoNotFit) {
  write_images("train", 80, labels_of(79, 4));
  auto text = message_of<format_error>([&] { load(); });
  EXPECT_THAT(text, HasSubstr("79 labels for the 80 images"));
  EXPECT_THAT(text, HasSubstr("train-labels-idx1-ubyte (byte 4)"));
  write_images("train", 80, labels_of(80, 4));
  write_images("t10k", 20, labels_of(20, 5));
  text = message_of<value_error>([&] { load(); });
  EXPECT_THAT(text, AllOf(HasSubstr("label of sample 4 (byte 12) = 4"), HasSubstr("0, 1, 2, 3: the labels of the")));
}

TEST_F(LoadImages, LabelsWithHolesAreClassesInAscendingOrder) {
  auto training = labels_of(80, 3), test = labels_of(20, 3);
  for (auto* labels : {&training, &test}) {
    std::replace(labels->begin(), labels->end(), '\2', '\xc8');
    std::replace(labels->begin(), labels->end(), '\0', '\5');
  }
  write_images("train", 80, training);
  write_images("t10k", 20, test);
  const auto d = load();
  EXPECT_THAT(d.train.class_names, ElementsAre("1", "5", "200"));
  EXPECT_THAT(d.test.class_names, ElementsAre("1", "5", "200"));
  EXPECT_EQ(std::vector(d.test.labels.begin(), d.test.labels.begin() + 3), (std::vector<std::int32_t>{1, 0, 2}));
  d.train.validate();
  write_images("t10k", 20, std::string(20, '\5'));
  EXPECT_THAT(load().test.labels, Each(1)) << "a test set may lack classes";
}

TEST_F(LoadImages, NamesWithAPoint) {
  const auto before = load();
  for (const std::string part : {"train", "t10k"}) {
    fs::rename(images(part), at(part + "-images.idx3-ubyte"));
    put(at(part + "-labels.idx1-ubyte.gz"), gzip(bytes_of(at(part + "-labels-idx1-ubyte"))));
    fs::remove(at(part + "-labels-idx1-ubyte"));
  }
  EXPECT_TRUE(same(load().train, before.train));
  EXPECT_TRUE(same(load().test, before.test));
}

TEST_F(LoadImages, ImagesOfAnotherSize) {
  write_images("t10k", 20, labels_of(20, 4), 7);
  EXPECT_THAT(message_of<format_error>([&] { load(); }), HasSubstr("7 x 5, the training set has 6 x 5"));
}

TEST(LoadFashionMnist, SixtyThousandImagesForTrainingAndTenForTesting) {
  if (!fs::exists(fashion_mnist)) {
    GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  }
  const auto d = load_data({}, 1);
  EXPECT_THAT(class_counts(d.train), Each(5400));
  EXPECT_THAT(class_counts(d.validation), Each(600));
  EXPECT_THAT(class_counts(d.test), Each(1000));
  EXPECT_EQ(d.train.channels, 784u);
  EXPECT_THAT(d.train.class_names, testing::Contains("Ankle boot"));
  const double per_image = static_cast<double>(d.test.inputs.spikes.size()) / 10000.0;
  EXPECT_GT(per_image, 200.0);
  EXPECT_LT(per_image, 400.0);
}

class LoadSpikes : public scratch {
 protected:
  void SetUp() override {
    scratch::SetUp();
    spec_.source = data_source::spike_hdf5;
    spec_.path = at("train.h5");
    spec_.validation = 0.25;
    spec_.bin_ms = 2.0;
  }

  /// Samples of two classes by these speakers; sample s spikes on channel s.
  static dataset spikes(std::size_t samples, const std::vector<std::string>& speakers, std::uint32_t channels) {
    dataset d;
    d.channels = channels;
    d.dt = 2.0;
    d.class_names = {"no", "yes"};
    d.speaker_names = speakers;
    for (std::size_t s = 0; s < samples; ++s) {
      d.inputs.spikes.channels.push_back(static_cast<std::uint32_t>(s));
      d.inputs.spikes.end_row();
      d.inputs.end_sample();
      d.labels.push_back(static_cast<std::int32_t>(s / speakers.size() % 2));
      d.speakers.push_back(static_cast<std::int32_t>(s % speakers.size()));
    }
    return d;
  }
  dataset_split load(std::uint64_t seed = 1) const { return load_data(spec_, seed); }
  void expect_only(const dataset& d, const std::string& speaker, bool only) const {
    ASSERT_GT(d.size(), 0u);
    for (const std::int32_t s : d.speakers) {
      EXPECT_EQ(d.speaker_names[static_cast<std::size_t>(s)] == speaker, only);
    }
  }

  data_spec spec_;
};

TEST_F(LoadSpikes, TwoFilesAreTrainingAndTestSet) {
  write_spike_hdf5(at("train.h5"), spikes(40, {"ann", "bob"}, 40));
  write_spike_hdf5(at("test.h5"), spikes(12, {"bob", "cid", "ann"}, 50));
  spec_.test_path = at("test.h5");
  const auto d = load();
  EXPECT_EQ(d.train.size(), 30u);
  EXPECT_EQ(d.validation.size(), 10u);
  EXPECT_EQ(d.test.size(), 12u);
  EXPECT_EQ(d.train.channels, 50u);
  EXPECT_EQ(d.test.channels, 50u);
  EXPECT_THAT(d.test.speaker_names, ElementsAre("ann", "bob", "cid"));
  EXPECT_EQ(d.test.speakers[0], 1) << "bob's number in the training file";
  d.train.validate();
}

TEST_F(LoadSpikes, HeldOutSpeakerOfBothFiles) {
  write_spike_hdf5(at("train.h5"), spikes(40, {"ann", "bob"}, 40));
  write_spike_hdf5(at("test.h5"), spikes(12, {"bob", "cid", "ann"}, 40));
  spec_.test_path = at("test.h5");
  spec_.held_out_speaker = "bob";
  const auto d = load();
  expect_only(d.test, "bob", true);
  expect_only(d.train, "bob", false);
  expect_only(d.validation, "bob", false);
  EXPECT_EQ(d.test.size(), 24u);
  EXPECT_EQ(d.train.size() + d.validation.size(), 28u);
  EXPECT_EQ(d.test.inputs.spikes.channels[20], 0u) << "the first sample of the second file";
}

TEST_F(LoadSpikes, UnknownSpeakerListsTheNames) {
  write_spike_hdf5(at("train.h5"), spikes(40, {"ann", "bob"}, 40));
  spec_.held_out_speaker = "zoe";
  const auto text = message_of<value_error>([&] { load(); });
  EXPECT_THAT(text, HasSubstr("zoe"));
  EXPECT_THAT(text, HasSubstr("ann, bob"));
}

TEST_F(LoadSpikes, OneFileGivesAFifthForTestingWhateverTheSeed) {
  write_spike_hdf5(at("train.h5"), spikes(40, {"ann", "bob"}, 40));
  const auto a = load(1), b = load(2);
  EXPECT_THAT(class_counts(a.test), Each(4));
  EXPECT_THAT(class_counts(a.validation), Each(4));
  EXPECT_THAT(class_counts(a.train), Each(12));
  EXPECT_TRUE(same(a.test, b.test));
  EXPECT_FALSE(same(a.validation, b.validation));
}

TEST_F(LoadSpikes, ClassesThatDiffer) {
  write_spike_hdf5(at("train.h5"), spikes(40, {"ann"}, 40));
  auto other = spikes(12, {"ann"}, 40);
  other.class_names = {"no", "maybe"};
  write_spike_hdf5(at("test.h5"), other);
  spec_.test_path = at("test.h5");
  EXPECT_THAT(message_of<value_error>([&] { load(); }), HasSubstr("maybe"));
}

TEST_F(LoadSpikes, LabelBeyondTheTrainingFilesClassesIsNamed) {
  auto training = spikes(40, {"ann"}, 40), test = spikes(12, {"ann"}, 40);
  for (dataset* d : {&training, &test}) {
    for (std::size_t s = 0; s < d->size(); ++s) {
      d->labels[s] = static_cast<std::int32_t>(s % 4);
    }
  }
  test.labels[7] = 9;
  training.class_names = {"0", "1", "2", "3"};  // the names that files without extra/keys are read with
  test.class_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  write_spike_hdf5(at("train.h5"), training);
  write_spike_hdf5(at("test.h5"), test);
  spec_.test_path = at("test.h5");
  EXPECT_THAT(message_of<value_error>([&] { load(); }),
              AllOf(HasSubstr(at("test.h5")), HasSubstr("label of sample 7 = 9"), HasSubstr("accepted: 0, 1, 2, 3")));
}

TEST_F(LoadSpikes, LabelsOfFilesThatNameNoClasses) {
  auto training = spikes(40, {"ann"}, 40), test = spikes(12, {"ann", "bob"}, 40);
  training.class_names = {"-1", "1"};
  test.class_names = {"1"};
  test.labels.assign(12, 0);
  write_spike_hdf5(at("train.h5"), training);
  write_spike_hdf5(at("test.h5"), test);
  spec_.test_path = at("test.h5");
  const auto d = load();
  EXPECT_THAT(d.test.labels, Each(1));
  EXPECT_THAT(d.test.class_names, ElementsAre("-1", "1"));
  test.class_names = {"7"};
  write_spike_hdf5(at("test.h5"), test);
  EXPECT_THAT(message_of<value_error>([&] { load(); }), HasSubstr("label of sample 0 = 7"));
  spec_.held_out_speaker = "bob";
  EXPECT_THAT(load().test.class_names, ElementsAre("-1", "1", "7")) << "both files together have three";
}

TEST_F(LoadSpikes, EmptyClassIsNamed) {
  auto d = spikes(40, {"ann"}, 40);
  d.class_names.push_back("never");
  write_spike_hdf5(at("train.h5"), d);
  EXPECT_THAT(message_of<value_error>([&] { load(); }), HasSubstr("class never"));
}

TEST_F(LoadSpikes, MissingFilesNameTheOption) {
  EXPECT_THAT(message_of<missing_data_error>([&] { load(); }), HasSubstr("data.path"));
  write_spike_hdf5(at("train.h5"), spikes(40, {"ann"}, 40));
  spec_.test_path = at("nowhere.h5");
  EXPECT_THAT(message_of<missing_data_error>([&] { load(); }), HasSubstr("data.test_path"));
  spec_.path = "";
  EXPECT_THAT(message_of<value_error>([&] { load(); }), HasSubstr("data.path"));
}

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int k = 0; k < bytes; ++k) {
    text += static_cast<char>(value >> (8 * k) & 255);
  }
  return text;
}

/// A tone of 200 ms at 8 kHz, 16 bits, one channel.
std::string tone(double hz) {
  std::string data;
  for (int t = 0; t < 1600; ++t) {
    const double x = 12000.0 * std::sin(2.0 * std::numbers::pi * hz * t / 8000.0);
    data += little_endian(static_cast<std::uint32_t>(static_cast<std::int32_t>(x)), 2);
  }
  const auto size = static_cast<std::uint32_t>(data.size());
  return "RIFF" + little_endian(36 + size, 4) + "WAVEfmt " + little_endian(16, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(8000, 4) + little_endian(16000, 4) + little_endian(2, 2) +
         little_endian(16, 2) + "data" + little_endian(size, 4) + data;
}

class LoadDigits : public scratch {
 protected:
  void SetUp() override {
    scratch::SetUp();
    for (int digit = 0; digit < 10; ++digit) {  // the reader takes all ten digits or complains
      for (const std::string speaker : {"ann", "bob"}) {
        for (int index = 0; index < 7; ++index) {
          put(at(std::to_string(digit) + "_" + speaker + "_" + std::to_string(index) + ".wav"),
              tone(300.0 + 200.0 * digit + 10.0 * index));
        }
      }
    }
    spec_.source = data_source::wav_digits;
    spec_.path = folder_.string();
    spec_.validation = 0.5;
  }
  data_spec spec_;
};

TEST_F(LoadDigits, OfficialSplit) {
  const auto d = load_data(spec_, 1);
  EXPECT_EQ(d.test.size(), 100u);
  EXPECT_EQ(d.train.size(), 20u);
  EXPECT_EQ(d.validation.size(), 20u);
  EXPECT_THAT(class_counts(d.train), Each(2));
  EXPECT_GT(d.train.inputs.spikes.size(), 0u);
}

TEST_F(LoadDigits, HeldOutSpeaker) {
  spec_.held_out_speaker = "bob";
  const auto d = load_data(spec_, 1);
  EXPECT_EQ(d.test.size(), 70u);
  EXPECT_THAT(d.test.speakers, Each(d.test.speakers[0]));
  EXPECT_EQ(d.train.size() + d.validation.size(), 70u);
  spec_.held_out_speaker = "zoe";
  EXPECT_THAT(message_of<value_error>([&] { load_data(spec_, 1); }), HasSubstr("ann, bob"));
}

}  // namespace
}  // namespace backspike
