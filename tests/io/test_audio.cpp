// The auditory front end: the filter bank against its definition, spikes of tones, damaged recordings, real digits.

#include <backspike/data/audio.hpp>

#include <backspike/core/error.hpp>

#include "io/audio/mel_bank.hpp"
#include "io/audio/wav.hpp"
#include "io/scratch.hpp"
#include "paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numbers>
#include <numeric>

namespace backspike {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double rate = 8000.0;

std::vector<float> tone(double hz, double seconds, double amplitude, double sample_rate = rate) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * sample_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] =
        static_cast<float>(amplitude * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / sample_rate));
  }
  return samples;
}

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * i) & 0xFFU);
  }
  return text;
}

/// The bytes of a 16-bit PCM file, put together here so that reading is not tested against its own library.
std::string wav_bytes(const std::vector<float>& samples, std::uint32_t sample_rate = 8000, std::uint32_t channels = 1) {
  std::string data;
  for (const float x : samples) {
    data += little_endian(static_cast<std::uint32_t>(std::lround(x * 32767.0F)), 2);
  }
  const auto size = static_cast<std::uint32_t>(data.size());
  return "RIFF" + little_endian(36 + size, 4) + "WAVEfmt " + little_endian(16, 4) + little_endian(1, 2) +
         little_endian(channels, 2) + little_endian(sample_rate, 4) + little_endian(2 * channels * sample_rate, 4) +
         little_endian(2 * channels, 2) + little_endian(16, 2) + "data" + little_endian(size, 4) + data;
}

/// Spikes of every band, over all steps and thresholds.
std::vector<std::size_t> spikes_per_band(const audio_spec& spec, const events& e) {
  std::vector<std::size_t> count(spec.channels, 0);
  for (const std::uint32_t c : e.channels) {
    ++count[c / spec.thresholds];
  }
  return count;
}

std::size_t spikes_in(const events& e, std::size_t begin, std::size_t end) {
  return static_cast<std::size_t>(e.row_offsets[end] - e.row_offsets[begin]);
}

// ---- the filter bank

TEST(MelBank, CentresAreEvenlySpacedOnTheMelScale) {
  audio_spec spec;
  spec.channels = 3;
  spec.low_hz = 700.0 * (std::exp(0.5) - 1.0);  // ln(1 + f / 700) = 0.5, then 1.0, 1.5
  spec.high_hz = 700.0 * (std::exp(1.5) - 1.0);
  const mel_bank bank(spec, rate);
  EXPECT_NEAR(bank.centre_hz(0), spec.low_hz, 1e-9);
  EXPECT_NEAR(bank.centre_hz(1), 700.0 * (std::exp(1.0) - 1.0), 1e-9);
  EXPECT_NEAR(bank.centre_hz(2), spec.high_hz, 1e-9);
}

// The energies of a tone, computed by the definition: a direct Fourier sum in double, every weight from its formula.
TEST(MelBank, AgreesWithTheDefinition) {
  audio_spec spec;
  spec.channels = 5;
  const mel_bank bank(spec, rate);
  mel_workspace work(bank.fft_size());
  const auto samples = tone(900.0, 0.1, 0.5);
  const auto energies = bank.energies(samples, work);
  ASSERT_EQ(energies.size(), bank.steps(samples.size()) * spec.channels);

  const std::size_t window = 200, hop = 80, step = 3, size = bank.fft_size();
  const auto mel = [](double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); };
  const double distance = (mel(spec.high_hz) - mel(spec.low_hz)) / (spec.channels - 1);
  for (std::uint32_t b = 0; b < spec.channels; ++b) {
    double expected = 0.0;
    for (std::size_t k = 0; k <= size / 2; ++k) {
      double re = 0.0, im = 0.0, sum = 0.0;
      for (std::size_t n = 0; n < window; ++n) {
        const double w = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(n) / window);
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(k * n) / static_cast<double>(size);
        const double x = w * samples[step * hop + n - window / 2];
        re += x * std::cos(angle);
        im -= x * std::sin(angle);
        sum += w;
      }
      const double f = static_cast<double>(k) * rate / static_cast<double>(size);
      const double weight = 1.0 - std::fabs(mel(f) - (mel(spec.low_hz) + b * distance)) / distance;
      expected += std::max(0.0, weight) * (re * re + im * im) / (sum * sum);
    }
    EXPECT_NEAR(energies[step * spec.channels + b], expected, 1e-6 * expected + 1e-9) << "band " << b;
  }
}

TEST(MelBank, EveryBandOfAFineBankCoversSomething) {
  audio_spec spec;
  spec.channels = 128;
  spec.low_hz = 40.0;
  const mel_bank bank(spec, rate);
  mel_workspace work(bank.fft_size());
  std::vector<float> click(800, 0.0F);
  click[400] = 1.0F;  // all frequencies alike
  const auto energies = bank.energies(click, work);
  for (std::uint32_t b = 0; b < spec.channels; ++b) {
    EXPECT_GT(energies[5 * spec.channels + b], 0.0F) << "band " << b;
  }
}

TEST(MelBank, RefusesBandsAboveHalfTheSampleRate) {
  audio_spec spec;
  spec.high_hz = 4001.0;
  try {
    const mel_bank bank(spec, rate);
    FAIL() << "accepted";
  } catch (const value_error& e) {
    EXPECT_EQ(e.argument, "high_hz");
    EXPECT_THAT(e.what(), HasSubstr("4001"));
    EXPECT_THAT(e.what(), HasSubstr("8000"));
  }
  EXPECT_NO_THROW(mel_bank(spec, 16000.0));
}

TEST(MelBank, RefusesSettingsThatMakeNoBank) {
  const auto refused = [](auto change) {
    audio_spec spec;
    change(spec);
    EXPECT_THROW(mel_bank(spec, rate), value_error);
  };
  refused([](audio_spec& s) { s.channels = 0; });
  refused([](audio_spec& s) { s.channels = 4000000000U; });
  refused([](audio_spec& s) { s.low_hz = 0.0; });
  refused([](audio_spec& s) { s.low_hz = s.high_hz; });
  refused([](audio_spec& s) { s.low_hz = std::nan(""); });
  refused([](audio_spec& s) { s.high_hz = std::nan(""); });
  refused([](audio_spec& s) { s.window_ms = 0.0; });
  refused([](audio_spec& s) { s.window_ms = 1e12; });
  refused([](audio_spec& s) { s.step_ms = -5.0; });
  refused([](audio_spec& s) { s.step_ms = std::nan(""); });
}

// ---- spikes

TEST(Audio, APureToneLightsItsBand) {
  audio_spec spec;
  spec.equalisation = 0.0;  // which would bring up what leaks into the other bands
  const mel_bank bank(spec, rate);
  for (const std::uint32_t band : {3U, spec.channels / 2, spec.channels - 2}) {
    const auto e = encode_audio(spec, tone(bank.centre_hz(band), 0.5, 0.3), rate);
    e.validate(audio_channels(spec));
    const auto count = spikes_per_band(spec, e);
    EXPECT_EQ(std::max_element(count.begin(), count.end()) - count.begin(), band);
    EXPECT_GT(count[band], 40U);
    for (std::uint32_t other = 0; other < spec.channels; ++other) {
      if (other + 3 < band || other > band + 3) {
        EXPECT_LT(4 * count[other], count[band]) << "band " << other << " for a tone in band " << band;
      }
    }
  }
}

TEST(Audio, LouderGivesMoreSpikes) {
  const audio_spec spec;
  auto samples = tone(1000.0, 0.4, 0.02);
  const auto loud = tone(1000.0, 0.4, 0.6);
  samples.insert(samples.end(), loud.begin(), loud.end());
  const auto e = encode_audio(spec, samples, rate);
  const std::size_t half = e.rows() / 2;
  EXPECT_GT(spikes_in(e, 0, half), 0U);
  EXPECT_GT(spikes_in(e, half, e.rows()), spikes_in(e, 0, half) * 3 / 2);
}

TEST(Audio, TheLevelOfTheWholeRecordingDoesNotMatter) {
  const audio_spec spec;
  const auto e = encode_audio(spec, tone(1000.0, 0.4, 0.5), rate);
  EXPECT_GT(e.size(), 0U);
  EXPECT_EQ(e.channels, encode_audio(spec, tone(1000.0, 0.4, 0.125), rate).channels);
}

TEST(Audio, EqualisationTakesTheColourOfTheMicrophoneAway) {
  audio_spec spec;
  const mel_bank bank(spec, rate);
  const std::uint32_t low = spec.channels / 4, high = spec.channels * 3 / 4;
  const auto high_spikes = [&](double equalisation, double amplitude) {
    spec.equalisation = equalisation;
    auto samples = tone(bank.centre_hz(low), 0.5, 0.3);
    const auto other = tone(bank.centre_hz(high), 0.5, amplitude);
    std::transform(samples.begin(), samples.end(), other.begin(), samples.begin(), std::plus<>());
    return spikes_per_band(spec, encode_audio(spec, samples, rate))[high];
  };
  EXPECT_GT(high_spikes(0.0, 0.3), high_spikes(0.0, 0.02));
  EXPECT_GT(high_spikes(1.0, 0.3), 0U);
  EXPECT_EQ(high_spikes(1.0, 0.3), high_spikes(1.0, 0.02));
}

TEST(Audio, SilenceGivesNoSpikes) {
  const audio_spec spec;
  const auto e = encode_audio(spec, std::vector<float>(4000, 0.0F), rate);
  EXPECT_EQ(e.rows(), 50U);  // of 10 ms
  EXPECT_EQ(e.size(), 0U);
  EXPECT_EQ(encode_audio(spec, tone(1000.0, 0.4, 1e-7), rate).size(), 0U) << "noise far below 16 bits";
}

TEST(Audio, AdaptationFavoursTheOnset) {
  audio_spec spec;
  spec.adaptation = 1.0;
  std::vector<float> samples(1600, 0.0F);
  const auto sound = tone(1000.0, 0.4, 0.5);
  samples.insert(samples.end(), sound.begin(), sound.end());
  const auto e = encode_audio(spec, samples, rate);
  EXPECT_EQ(spikes_in(e, 0, 15), 0U);
  EXPECT_GT(spikes_in(e, 18, 26), 2 * spikes_in(e, 40, 48));
}

TEST(Audio, AHigherThresholdNeverSpikesWithoutTheLowerOnes) {
  const audio_spec spec;
  const auto e = encode_audio(spec, tone(700.0, 0.3, 0.4), rate);
  std::size_t several = 0;
  for (std::size_t r = 0; r < e.rows(); ++r) {
    const auto row = e.row(r).channels;
    for (const std::uint32_t c : row) {
      if (c % spec.thresholds != 0) {
        ++several;
        EXPECT_TRUE(std::binary_search(row.begin(), row.end(), c - 1)) << "row " << r << ", channel " << c;
      }
    }
  }
  EXPECT_GT(several, 0U);
}

TEST(Audio, TakesOtherSampleRates) {
  const audio_spec spec;
  const mel_bank bank(spec, rate);
  const double hz = bank.centre_hz(12);
  for (const double sample_rate : {8000.0, 11025.0, 48000.0}) {
    const auto e = encode_audio(spec, tone(hz, 0.5, 0.3, sample_rate), sample_rate);
    EXPECT_NEAR(static_cast<double>(e.rows()), 50.0, 1.0) << sample_rate;
    const auto count = spikes_per_band(spec, e);
    EXPECT_EQ(std::max_element(count.begin(), count.end()) - count.begin(), 12) << sample_rate;
  }
}

TEST(Audio, RefusesSettingsOutOfRange) {
  const auto samples = tone(1000.0, 0.1, 0.5);
  const auto refused = [&](const char* argument, auto change) {
    audio_spec spec;
    change(spec);
    try {
      encode_audio(spec, samples, rate);
      ADD_FAILURE() << argument << " was accepted";
    } catch (const value_error& e) {
      EXPECT_EQ(e.argument, argument);
    }
  };
  refused("equalisation", [](audio_spec& s) { s.equalisation = 1.1; });
  refused("compression", [](audio_spec& s) { s.compression = 0.0; });
  refused("adaptation", [](audio_spec& s) { s.adaptation = -0.1; });
  refused("adaptation_ms", [](audio_spec& s) { s.adaptation_ms = 0.0; });
  refused("thresholds", [](audio_spec& s) { s.thresholds = 0; });
  refused("thresholds", [](audio_spec& s) { s.thresholds = 4000000000U; });
  refused("lowest_threshold", [](audio_spec& s) { s.lowest_threshold = 0.0; });
  refused("lowest_threshold", [](audio_spec& s) { s.lowest_threshold = s.highest_threshold + 1.0; });
  refused("high_hz", [](audio_spec& s) { s.high_hz = 5000.0; });
}

TEST(Audio, RefusesASampleThatIsNotANumber) {
  auto samples = tone(1000.0, 0.1, 0.5);
  samples[17] = std::nanf("");
  try {
    encode_audio({}, samples, rate);
    FAIL() << "accepted";
  } catch (const value_error& e) {
    EXPECT_EQ(e.argument, "sample 17");
  }
}

// ---- files

class AudioFiles : public scratch {
 protected:
  fs::path write(const std::string& name, const std::string& bytes) {
    put(at(name), bytes);
    return folder_ / name;
  }
  data_spec spec() const {
    data_spec s;
    s.source = data_source::wav_digits;
    s.path = folder_.string();
    return s;
  }
  void write_digits(std::initializer_list<const char*> speakers = {"ann", "bob_2"}) {
    for (int d = 0; d < 10; ++d) {
      for (const char* speaker : speakers) {
        for (const char* take : {"_0.wav", "_7.wav"}) {
          write(std::to_string(d) + "_" + speaker + take, wav_bytes(tone(300.0 + 200.0 * d, 0.1, 0.4)));
        }
      }
    }
  }
};

class WavFile : public AudioFiles {};

TEST_F(WavFile, GivesSamplesAndRate) {
  const auto path = write("a.wav", wav_bytes({0.0F, 0.5F, -1.0F}, 11025));
  const wav_recording r = read_wav(path.string());
  EXPECT_EQ(r.rate, 11025.0);
  EXPECT_THAT(r.samples, ElementsAre(0.0F, 16384.0F / 32768.0F, -32767.0F / 32768.0F));
}

TEST_F(WavFile, ReadsLongRecordingsWhole) {
  const auto samples = tone(440.0, 10.0, 0.9, 16000.0);  // several blocks
  const wav_recording r = read_wav(write("long.wav", wav_bytes(samples, 16000)).string());
  ASSERT_EQ(r.samples.size(), samples.size());
  EXPECT_NEAR(r.samples.back(), samples.back(), 1e-4);
}

TEST_F(WavFile, EveryTruncationIsRefused) {
  const std::string whole = wav_bytes(tone(440.0, 0.01, 0.5));
  EXPECT_NO_THROW(read_wav(write("whole.wav", whole).string()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto path = write("cut.wav", whole.substr(0, size));
    EXPECT_THROW(read_wav(path.string()), format_error) << size << " of " << whole.size() << " bytes";
  }
}

TEST_F(WavFile, SaysWhatIsWrong) {
  const auto refused = [&](const std::string& bytes, const std::string& why) {
    const auto path = write("bad.wav", bytes).string();
    try {
      read_wav(path);
      ADD_FAILURE() << "accepted, in spite of: " << why;
    } catch (const format_error& e) {
      EXPECT_EQ(e.path, path);
      EXPECT_THAT(e.what(), HasSubstr(why));
    }
  };
  refused("", "empty");
  refused("This is no recording but a text file.", "not a sound file");
  refused(wav_bytes({}), "without samples");
  refused(wav_bytes({0.1F, 0.2F, 0.3F, 0.4F}, 8000, 2), "2 channels");
  refused(wav_bytes({0.1F, 0.2F}, 7), "sample rate of 7 Hz");
  refused(wav_bytes(tone(440.0, 0.1, 0.5)).substr(0, 900), "truncated");
}

/// A header can say so many bytes for the whole and for its samples; `more` stands between the two.
std::string with_sizes(const std::string& whole, std::uint32_t riff, std::uint32_t data, const std::string& more = "") {
  return whole.substr(0, 4) + little_endian(riff, 4) + whole.substr(8, 28) + more + "data" + little_endian(data, 4) +
         whole.substr(44);
}

TEST_F(WavFile, SizesOfAPipeMeanToTheEnd) {
  const auto samples = tone(440.0, 0.1, 0.5);
  const auto whole = wav_bytes(samples);
  const auto expected = read_wav(write("whole.wav", whole).string()).samples;
  const std::string list = "LIST" + little_endian(8, 4) + "INFOabcd";
  const std::pair<const char*, std::string> files[] = {
      {"ffmpeg", with_sizes(whole, 0xFFFFFFFF, 0xFFFFFFFF, list)},
      {"sox", with_sizes(whole, 0x7FFFF024, 0x7FFFF000)},
      {"arecord", with_sizes(whole, 0x80000023, 0x7FFFFFFF)},
      {"arecord, even", with_sizes(whole, 0x80000024, 0x80000000)},
      {"samples alone", with_sizes(whole, 36 + 1600, 0xFFFFFFFF)},
  };
  for (const auto& [program, bytes] : files) {
    EXPECT_EQ(read_wav(write("pipe.wav", bytes).string()).samples, expected) << program;
  }
  for (const auto& [riff, data] : {std::pair{0x40000024u, 0x40000000u}, std::pair{0x7FFFEFFFu, 0x7FFFEFDBu}}) {
    const auto path = write("cut.wav", with_sizes(whole, riff, data)).string();
    EXPECT_THAT(message_of<format_error>([&] { read_wav(path); }), HasSubstr("truncated")) << riff;
  }
}

TEST_F(WavFile, ManyAtOnceAreTheSameAndTheBadOneIsNamed) {
  std::vector<std::string> paths;
  for (int k = 0; k < 5; ++k) {
    paths.push_back(write(std::to_string(k) + ".wav", wav_bytes(tone(200.0 + k, 0.02 * (k + 1), 0.5))).string());
  }
  const auto all = read_wavs(paths);
  ASSERT_EQ(all.size(), 5u);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_EQ(all[k].samples, read_wav(paths[k]).samples);
    EXPECT_EQ(all[k].samples.size(), 160 * (k + 1));
  }
  put(paths[3], "no sound");
  EXPECT_THAT(message_of<format_error>([&] { read_wavs(paths); }), HasSubstr("3.wav"));
  EXPECT_TRUE(read_wavs({}).empty());
}

TEST_F(WavFile, WhatIsAskedForAFileIsForEachOfMany) {
  const auto path = write("long.wav", wav_bytes(tone(440.0, 10.0, 0.5, 16000.0), 16000)).string();
  ::setenv("BACKSPIKE_FILE_MEMORY", "0.02", 1);  // GiB: much for one recording, too little for all
  const std::vector<std::string> paths(40, path);
  EXPECT_EQ(read_wavs(paths).back().samples.size(), 160000u);
  ::unsetenv("BACKSPIKE_FILE_MEMORY");
}

TEST_F(WavFile, MissingFileIsAFileError) {
  EXPECT_THROW(read_wav((folder_ / "absent.wav").string()), file_error);
  EXPECT_THROW(read_wav(folder_.string()), file_error);
}

TEST_F(AudioFiles, AreLabelledByTheirNames) {
  write_digits();
  write("README.txt", "not a recording");
  write("._0_ann_0.wav", "what some systems leave behind");
  const digit_recordings r = load_wav_digits(spec());
  EXPECT_EQ(r.all.size(), 40U);
  EXPECT_THAT(r.all.speaker_names, ElementsAre("ann", "bob_2"));
  EXPECT_THAT(r.all.class_names, ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  EXPECT_EQ(r.all.channels, audio_channels(spec().audio));
  EXPECT_EQ(r.all.dt, spec().audio.step_ms);
  ASSERT_EQ(r.official_test.size(), 40U);
  for (std::size_t s = 0; s < 40; ++s) {  // 0_ann_0, 0_ann_7, 0_bob_2_0, 0_bob_2_7, 1_ann_0, ...
    EXPECT_EQ(r.all.labels[s], static_cast<std::int32_t>(s / 4));
    EXPECT_EQ(r.all.speakers[s], static_cast<std::int32_t>(s / 2 % 2));
    EXPECT_EQ(r.official_test[s], s % 2 == 0 ? 1 : 0);
    EXPECT_EQ(r.all.inputs.length(s), 10U);
    EXPECT_GT(r.all.inputs.event_count(s), 0U);
  }
}

TEST_F(AudioFiles, GiveWhatEncodingEachGives) {
  write_digits({"ann"});
  write("3_ann_7.wav", wav_bytes(tone(1234.0, 0.2, 0.4, 16000.0), 16000));  // its own rate among the others
  const digit_recordings r = load_wav_digits(spec());
  const wav_recording w = read_wav((folder_ / "3_ann_7.wav").string());
  const events expected = encode_audio(spec().audio, w.samples, w.rate);
  const std::vector<std::uint32_t> seventh{7};
  const dataset one = subset(r.all, seventh);
  EXPECT_GT(expected.size(), 0U);
  EXPECT_EQ(one.inputs.spikes.channels, expected.channels);
  EXPECT_EQ(one.inputs.spikes.row_offsets, expected.row_offsets);
}

TEST_F(AudioFiles, ProgressReachesTheEnd) {
  write_digits({"ann"});
  std::size_t last = 0, total = 0;
  load_wav_digits(spec(), [&](const std::string& what, std::size_t done, std::size_t all) {
    EXPECT_FALSE(what.empty());
    last = done;
    total = all;
  });
  EXPECT_EQ(last, 20U);
  EXPECT_EQ(total, 20U);
}

TEST_F(AudioFiles, MissingFolderOrNoDigitsInIt) {
  EXPECT_THROW(load_wav_digits(spec()), missing_data_error) << "an empty folder";
  data_spec elsewhere = spec();
  elsewhere.path = (folder_ / "absent").string();
  EXPECT_THROW(load_wav_digits(elsewhere), missing_data_error);
  elsewhere.path.clear();
  EXPECT_THROW(load_wav_digits(elsewhere), missing_data_error);
  write("hello.wav", wav_bytes({0.5F}));
  try {
    load_wav_digits(spec());
    FAIL() << "accepted";
  } catch (const missing_data_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("{digit}_{speaker}_{index}.wav"));
    EXPECT_THAT(e.what(), HasSubstr("hello.wav"));
  }
}

TEST_F(AudioFiles, WrongNamesAreRefused) {
  write_digits();
  const char* const names[] = {"12_ann_3.wav",
                               "a_ann_3.wav",
                               "3_ann.wav",
                               "3_ann_.wav",
                               "3__3.wav",
                               "3_ann_x.wav",
                               "_ann_3.wav",
                               "3_3.wav",
                               "3.wav",
                               "3_ann_-1.wav",
                               "3_ann_99999999999999999999.wav"};
  for (const char* name : names) {
    const auto path = write(name, wav_bytes(tone(300.0, 0.1, 0.5)));
    try {
      load_wav_digits(spec());
      ADD_FAILURE() << name << " was accepted";
    } catch (const value_error& e) {  // the file may be whole: it is its name that says nothing
      EXPECT_EQ(e.value, path.string());
      EXPECT_THAT(e.accepted, ::testing::HasSubstr("{digit}_{speaker}_{index}.wav"));
    }
    fs::remove(path);
  }
  EXPECT_NO_THROW(load_wav_digits(spec()));
}

TEST_F(AudioFiles, EndingsMayBeWrittenInAnyCase) {
  write_digits();
  const auto small = load_wav_digits(spec());
  int k = 0;
  for (const auto& name : names()) {
    constexpr const char* endings[] = {".WAV", ".Wav", ".wav", ".wAv"};
    fs::rename(at(name), at(fs::path(name).stem().string() + endings[k++ % 4]));
  }
  const auto all = load_wav_digits(spec());
  EXPECT_EQ(all.all.size(), small.all.size());
  EXPECT_EQ(all.all.labels, small.all.labels);
  EXPECT_EQ(all.all.inputs.spikes.channels, small.all.inputs.spikes.channels);
  EXPECT_EQ(all.official_test, small.official_test);
  write("notes.WAV", wav_bytes(tone(300.0, 0.1, 0.5)));
  EXPECT_THAT(message_of<value_error>([&] { load_wav_digits(spec()); }), HasSubstr("notes.WAV"));
}

TEST_F(AudioFiles, OneBadRecordingIsNamed) {
  write_digits();
  const auto path = write("5_bob_2_7.wav", wav_bytes(tone(300.0, 0.1, 0.5)).substr(0, 100));
  for (const std::size_t threads : {1, 3}) {
    thread_pool pool(threads);
    try {
      load_wav_digits(spec(), pool);
      FAIL() << "accepted";
    } catch (const format_error& e) {
      EXPECT_EQ(e.path, path.string());
    }
  }
}

TEST_F(AudioFiles, BandsAboveHalfTheSampleRateAreRefused) {
  write_digits();
  write("5_ann_0.wav", wav_bytes(tone(300.0, 0.1, 0.5), 4000));
  EXPECT_THROW(load_wav_digits(spec()), value_error);
}

TEST_F(AudioFiles, AClassWithoutARecordingIsRefused) {
  write_digits({"ann"});
  fs::remove(folder_ / "4_ann_0.wav");
  EXPECT_NO_THROW(load_wav_digits(spec()));
  fs::remove(folder_ / "4_ann_7.wav");
  EXPECT_THROW(load_wav_digits(spec()), value_error);
}

// ---- the Free Spoken Digit Dataset

class RealDigits : public testing::Test {
 protected:
  void SetUp() override {
    spec_.path = shared_data() + "/fsdd/recordings";
    if (!fs::is_directory(spec_.path)) {
      GTEST_SKIP() << "no recordings of spoken digits at " << spec_.path;
    }
  }
  data_spec spec_;
};

TEST_F(RealDigits, AreAllThereAndTheSameAtAnyThreadCount) {
  thread_pool one(1), three(3);
  const digit_recordings r = load_wav_digits(spec_, one);
  EXPECT_EQ(r.all.size(), 3000U);
  EXPECT_EQ(r.all.classes(), 10U);
  EXPECT_THAT(r.all.speaker_names, ElementsAre("george", "jackson", "lucas", "nicolas", "theo", "yweweler"));
  EXPECT_EQ(std::count(r.official_test.begin(), r.official_test.end(), 1), 300);
  for (std::int32_t d = 0; d < 10; ++d) {
    EXPECT_EQ(std::count(r.all.labels.begin(), r.all.labels.end(), d), 300);
  }
  const double cells = static_cast<double>(r.all.inputs.spikes.rows()) * r.all.channels;
  const double density = static_cast<double>(r.all.inputs.spikes.size()) / cells;
  EXPECT_GT(density, 0.05);
  EXPECT_LT(density, 0.5);
  for (std::size_t s = 0; s < r.all.size(); ++s) {
    EXPECT_GT(r.all.inputs.event_count(s), 0U) << "recording " << s;
  }
  const digit_recordings again = load_wav_digits(spec_, three);
  EXPECT_EQ(r.all.inputs.spikes.channels, again.all.inputs.spikes.channels);
  EXPECT_EQ(r.all.inputs.spikes.row_offsets, again.all.inputs.spikes.row_offsets);
  EXPECT_EQ(r.all.inputs.sample_rows, again.all.inputs.sample_rows);
}

}  // namespace
}  // namespace backspike
