// All of a file or folder for a trained network: load_whole of every source that reads files.

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include "io/hostile_files.hpp"
#include "io/idx_files.hpp"
#include "io/mat_files.hpp"
#include "io/scratch.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LoadWhole : public scratch {
 protected:
  dataset load() const { return load_whole(spec_, network_, 1); }
  std::string refusal() const {
    return message_of<value_error>([&] { load(); });
  }

  data_spec spec_;
  expected_data network_;
};

class WholeSpikes : public LoadWhole {
 protected:
  void SetUp() override {
    LoadWhole::SetUp();
    spec_.source = data_source::spike_hdf5;
    spec_.path = at("new.h5");
    spec_.bin_ms = 2.0;
    network_ = {70, 2.0, {"no", "yes", "maybe"}};
  }

  /// Sample s spikes on channel s; labels as given.
  static dataset spikes(std::vector<std::int32_t> labels, std::vector<std::string> names, std::uint32_t channels = 70) {
    dataset d;
    d.channels = channels;
    d.dt = 2.0;
    d.class_names = std::move(names);
    for (std::uint32_t s = 0; s < 6; ++s) {
      d.inputs.spikes.channels.push_back(s);
      d.inputs.spikes.end_row();
      d.inputs.end_sample();
    }
    d.labels = std::move(labels);
    return d;
  }
};

TEST_F(WholeSpikes, AllSamplesWhateverTheSplitSays) {
  spec_.test_path = at("nowhere.h5");
  spec_.held_out_speaker = "zoe";
  spec_.limit = 1;
  spec_.validation = 0.5;
  write_spike_hdf5(spec_.path, spikes({0, 1, 0, 1, 0, 1}, {"no", "yes"}));
  const auto d = load();
  EXPECT_EQ(d.size(), 6u);
  EXPECT_THAT(d.labels, ElementsAre(0, 1, 0, 1, 0, 1));
  EXPECT_THAT(d.class_names, ElementsAre("no", "yes", "maybe"));
}

TEST_F(WholeSpikes, ClassesMayBeFewAndInAnyOrder) {
  write_spike_hdf5(spec_.path, spikes({0, 0, 0, 0, 0, 1}, {"maybe", "no", "never seen"}));
  EXPECT_THAT(load().labels, ElementsAre(2, 2, 2, 2, 2, 0));
  write_spike_hdf5(spec_.path, spikes({0, 0, 0, 0, 0, 1}, {"maybe", "never seen"}));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("new.h5: label of sample 5 = never seen"), HasSubstr("no, yes, maybe")));
}

TEST_F(WholeSpikes, LabelsAreThoseOfTheTraining) {
  network_.class_names = {"1", "2", "5"};
  write_spike_hdf5(spec_.path, spikes({1, 0, 1, 0, 1, 1}, {"2", "5"}));
  EXPECT_THAT(load().labels, ElementsAre(2, 1, 2, 1, 2, 2));
}

TEST_F(WholeSpikes, LabelsMayBeMissing) {
  auto d = spikes({}, {});
  write_spike_hdf5(spec_.path, d);
  const auto read = load();
  EXPECT_THAT(read.labels, IsEmpty());
  EXPECT_EQ(read.inputs.spikes.channels, d.inputs.spikes.channels);
  EXPECT_THAT(read.class_names, SizeIs(3));
  EXPECT_THAT(message_of<format_error>([&] { load_data(spec_, 1); }), HasSubstr("labels")) << "training needs them";
  hostile_file bare(spec_.path);
  bare.put_spikes(4);
  const std::vector<std::int32_t> speakers(3);
  bare.put("extra/speaker", H5T_STD_I32LE, H5T_NATIVE_INT32, speakers.size(), H5P_DEFAULT, speakers.data());
  bare.close();
  EXPECT_THAT(message_of<format_error>([&] { load(); }), HasSubstr("not one entry for each of the 4 samples"));
}

TEST_F(WholeSpikes, ChannelsAreTheNetworks) {
  write_spike_hdf5(spec_.path, spikes({0, 1, 0, 1, 0, 1}, {"no", "yes"}, 6));
  EXPECT_EQ(load().channels, 70u) << "fewer in the file";
  network_.channels = 5;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unit of sample 5 = 5"), HasSubstr("0 to 4")));
}

TEST_F(WholeSpikes, StepsAreTheNetworks) {
  write_spike_hdf5(spec_.path, spikes({0, 1, 0, 1, 0, 1}, {"no", "yes"}));
  network_.dt = 1.0;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("width of a step = 2 ms"), HasSubstr("1 ms, the network's")));
  spec_.source = data_source::none;
  EXPECT_EQ(load().dt, 1.0) << "a network without a source has no other step";
  EXPECT_EQ(load().size(), 6u);
}

/// A network that was built with a step in single precision, as NumPy has it.
TEST_F(WholeSpikes, AStepIsTheSameButForRounding) {
  auto d = spikes({0, 1, 0, 1, 0, 1}, {"no", "yes"});
  d.dt = spec_.bin_ms = 0.1;
  network_.dt = static_cast<double>(0.1f);
  d.inputs.spikes.end_row();  // the last sample ends with a silent step
  d.inputs.sample_rows.back() = d.inputs.spikes.rows();
  write_spike_hdf5(spec_.path, d);
  EXPECT_EQ(load().size(), 6u);
  EXPECT_EQ(load().inputs.length(5), 2u);
  spec_.source = data_source::none;
  EXPECT_EQ(load().inputs.length(5), 2u) << "the lengths in the file count steps of this width";
  network_.dt = 0.1001;
  EXPECT_EQ(load().inputs.length(5), 1u);
}

TEST_F(WholeSpikes, ANetworkWithoutASourceKnowsNoOtherKind) {
  spec_.source = data_source::none;
  EXPECT_THAT(message_of<missing_data_error>([&] { load(); }), HasSubstr("new.h5"));
  put(spec_.path, "not HDF5 at all");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("new.h5"), HasSubstr("Data.save"), HasSubstr("data.source")));
  spec_.path = folder_.string();
  EXPECT_THAT(refusal(), HasSubstr("HDF5 file of spikes"));
  spec_.path = "";
  EXPECT_THAT(refusal(), HasSubstr("a file or folder"));
  EXPECT_THAT(message_of<missing_data_error>([&] { load_data(spec_, 1); }), HasSubstr("learned from arrays"));
}

TEST_F(WholeSpikes, GeneratedSourcesReadNoFile) {
  for (const auto source :
       {data_source::pattern_generation, data_source::spike_pattern, data_source::evidence_accumulation,
        data_source::delay_recovery, data_source::coincidence, data_source::regression_waveforms,
        data_source::psp_readout, data_source::spike_timing, data_source::mackey_glass}) {
    spec_.source = source;
    EXPECT_THAT(refusal(), AllOf(HasSubstr("generated from the seed"), HasSubstr("spike_hdf5")));
  }
}

TEST_F(WholeSpikes, NoSamplesAreRefused) {
  dataset none;
  none.channels = 70;
  none.dt = 2.0;
  write_spike_hdf5(spec_.path, none);
  EXPECT_THAT(refusal(), HasSubstr("with samples"));
}

class WholeImages : public LoadWhole {
 protected:
  void SetUp() override {
    LoadWhole::SetUp();
    spec_.source = data_source::idx;
    spec_.path = folder_.string();
    spec_.encoder.steps = 12;
    spec_.encoder.kind = encoder_kind::poisson;
    spec_.validation = 0.25;
    network_ = {30, 1.0, {"0", "1", "2", "3"}};
    write("train", 20, 4);
    write("t10k", 8, 4);
  }
  void write(const std::string& part, std::uint32_t count, int classes, std::uint32_t rows = 6) {
    std::string labels;
    for (std::uint32_t s = 0; s < count; ++s) {
      labels += static_cast<char>(s % static_cast<std::uint32_t>(classes));
    }
    put(at(part + "-images-idx3-ubyte"), idx_file({count, rows, 5}, random_pixels(count * rows * 5, count)));
    put(at(part + "-labels-idx1-ubyte"), idx_file({count}, labels));
  }
};

std::vector<std::int32_t> first_of(const dataset& d, std::size_t count) {
  return {d.labels.begin(), d.labels.begin() + static_cast<std::ptrdiff_t>(count)};
}

TEST_F(WholeImages, AFolderIsBothOfItsSets) {
  const auto d = load();
  EXPECT_EQ(d.size(), 28u);
  const auto split = load_data(spec_, 1);
  const auto& spikes = d.inputs.spikes.channels;
  const auto& test = split.test.inputs.spikes.channels;
  EXPECT_TRUE(std::equal(test.rbegin(), test.rend(), spikes.rbegin()))
      << "a test image is encoded as it was in training";
  EXPECT_EQ(std::vector(d.labels.end() - 8, d.labels.end()), split.test.labels);
}

TEST_F(WholeImages, AFileOfImagesFindsItsLabels) {
  const auto test = load_data(spec_, 1).test;
  spec_.path = at("t10k-images-idx3-ubyte");
  EXPECT_EQ(load().inputs.spikes.channels, test.inputs.spikes.channels);
  EXPECT_EQ(load().labels, test.labels);
  fs::rename(at("t10k-images-idx3-ubyte"), at("mine-images.idx3-ubyte"));
  put(at("mine-labels.idx1-ubyte.gz"), gzip(bytes_of(at("t10k-labels-idx1-ubyte"))));
  spec_.path = at("mine-images.idx3-ubyte");
  EXPECT_EQ(load().labels, test.labels);
  fs::rename(spec_.path, at("pictures"));
  spec_.path = at("pictures");
  EXPECT_THAT(load().labels, IsEmpty());
  EXPECT_EQ(load().size(), 8u);
  spec_.path = at("nowhere");
  EXPECT_THAT(message_of<missing_data_error>([&] { load(); }), HasSubstr("nowhere"));
  spec_.path = at("mine-labels.idx1-ubyte.gz");
  EXPECT_THAT(message_of<format_error>([&] { load(); }), HasSubstr("rank 3"));
}

TEST_F(WholeImages, OneSetOfTheTwoWillDo) {
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
    fs::remove(at(name));
  }
  EXPECT_EQ(load().size(), 8u);
  fs::remove(at("t10k-labels-idx1-ubyte"));
  EXPECT_THAT(load().labels, IsEmpty());
  write("train", 20, 4);
  EXPECT_THAT(message_of<missing_data_error>([&] { load(); }), HasSubstr("t10k-labels")) << "labels for some only";
  for (const char* name : {"train-images-idx3-ubyte", "t10k-images-idx3-ubyte"}) {
    fs::remove(at(name));
  }
  EXPECT_THAT(message_of<missing_data_error>([&] { load(); }), HasSubstr("t10k-images-idx3-ubyte"));
}

TEST_F(WholeImages, ClassesMayBeFewAndUnknownOnesAreNamed) {
  write("train", 20, 1);
  write("t10k", 8, 2);
  EXPECT_THAT(first_of(load(), 20), Each(0));
  write("t10k", 8, 6);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("label of sample 24 = 4"), HasSubstr("0, 1, 2, 3")));
  write("t10k", 8, 4);
  put(at("t10k-labels-idx1-ubyte"), idx_file({7}, std::string(7, '\0')));
  EXPECT_THAT(message_of<format_error>([&] { load(); }), HasSubstr("7 labels for the 8 images"));
}

TEST_F(WholeImages, ImagesOfAnotherSize) {
  write("train", 20, 4, 7);
  write("t10k", 8, 4, 7);
  EXPECT_THAT(message_of<shape_error>([&] { load(); }), AllOf(HasSubstr("35 channels"), HasSubstr("30 channels")));
  write("train", 20, 4);
  EXPECT_THAT(message_of<format_error>([&] { load(); }), HasSubstr("7 x 5"));
}

TEST_F(WholeImages, FashionMnistHasItsNames) {
  spec_.source = data_source::fashion_mnist;
  network_.class_names = {"Dress", "Pullover", "Trouser", "T-shirt/top"};
  EXPECT_THAT(first_of(load(), 4), ElementsAre(3, 2, 1, 0));
  network_.class_names = {"0", "1", "2", "3"};
  EXPECT_EQ(load().labels[3], 3) << "by place";
}

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int k = 0; k < bytes; ++k) {
    text += static_cast<char>(value >> (8 * k) & 255);
  }
  return text;
}

/// 200 ms at 8 kHz, 16 bits, one channel.
std::string tone(double step) {
  std::string data;
  for (int t = 0; t < 1600; ++t) {
    const double x = 12000.0 * std::sin(step * t);
    data += little_endian(static_cast<std::uint32_t>(static_cast<std::int32_t>(x)), 2);
  }
  const auto size = static_cast<std::uint32_t>(data.size());
  return "RIFF" + little_endian(36 + size, 4) + "WAVEfmt " + little_endian(16, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(8000, 4) + little_endian(16000, 4) + little_endian(2, 2) +
         little_endian(16, 2) + "data" + little_endian(size, 4) + data;
}

class WholeRecordings : public LoadWhole {
 protected:
  void SetUp() override {
    LoadWhole::SetUp();
    spec_.source = data_source::wav_digits;
    spec_.path = folder_.string();
    network_ = {128, 10.0, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}};
    put(at("7_ann_0.wav"), tone(0.3));
    put(at("2_bob_9.wav"), tone(0.6));
  }
};

TEST_F(WholeRecordings, SomeDigitsWillDo) {
  const auto d = load();
  EXPECT_THAT(d.labels, ElementsAre(2, 7));
  EXPECT_GT(d.inputs.spikes.size(), 20u);
  spec_.path = at("7_ann_0.wav");
  const auto one = load();
  EXPECT_THAT(one.labels, ElementsAre(7));
  const auto& all = d.inputs.spikes.channels;
  EXPECT_TRUE(std::equal(one.inputs.spikes.channels.rbegin(), one.inputs.spikes.channels.rend(), all.rbegin()));
}

TEST_F(WholeRecordings, NamesThatSayNoDigit) {
  put(at("hello.wav"), tone(0.4));
  EXPECT_THAT(message_of<value_error>([&] { load(); }), HasSubstr("hello.wav"));
  spec_.path = at("hello.wav");
  EXPECT_THAT(load().labels, IsEmpty());
  EXPECT_EQ(load().size(), 1u);
  fs::remove(at("7_ann_0.wav"));
  fs::remove(at("2_bob_9.wav"));
  spec_.path = folder_.string();
  EXPECT_EQ(load().size(), 1u);
  fs::remove(at("hello.wav"));
  EXPECT_THAT(message_of<missing_data_error>([&] { load(); }), HasSubstr("no recording"));
}

class WholeEcg : public LoadWhole {
 protected:
  void SetUp() override {
    LoadWhole::SetUp();
    spec_.source = data_source::ecg_qtdb;
    spec_.path = folder_.string();
    network_ = {4, 4.0, {"P", "PQ", "QR", "RS", "ST", "TP"}};
    write_mat(at("QTDB_train.mat"), {training_.x(), training_.y()});
    write_mat(at("QTDB_test.mat"), {test_.x(), test_.y()});
  }
  mat_sequences training_{20, 9, 4, 6}, test_{8, 9, 4, 6};
};

TEST_F(WholeEcg, AFolderIsBothFilesAndAFileIsOne) {
  EXPECT_EQ(load().size(), 28u);
  EXPECT_EQ(load().step_labels.size(), 28u * 9u);
  spec_.path = at("QTDB_test.mat");
  EXPECT_EQ(load().size(), 8u);
  EXPECT_EQ(load().step_labels,
            load_data({.source = data_source::ecg_qtdb, .path = folder_.string()}, 1).test.step_labels);
}

TEST_F(WholeEcg, LabelsMayBeMissing) {
  write_mat(at("QTDB_test.mat"), {test_.x()});
  EXPECT_THAT(message_of<format_error>([&] { load(); }), HasSubstr("only one of"));
  spec_.path = at("QTDB_test.mat");
  EXPECT_THAT(load().step_labels, IsEmpty());
  EXPECT_EQ(load().size(), 8u);
  spec_.path = at("nowhere.mat");
  EXPECT_THROW(load(), file_error);
}

}  // namespace
}  // namespace backspike
