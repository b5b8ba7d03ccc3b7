// From recordings to spikes: mel bands, loudness, adaptation, level crossings; and the names of files as labels.

#include <backspike/data/audio.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/name_ending.hpp>
#include <backspike/core/text.hpp>

#include "io/audio/mel_bank.hpp"
#include "io/audio/wav.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <string_view>

namespace backspike {
namespace {

constexpr double silence = 1e-9;        // -90 dB of full scale: a reference below it would turn noise into speech
constexpr double quietest_band = 1e-4;  // of the mean level: what equalisation takes an empty band for
constexpr std::uint32_t official_test_takes = 5;
constexpr std::size_t digits = 10;
constexpr std::string_view ending = ".wav";
constexpr std::size_t files_per_report = 100;

void require(bool accepted, const char* argument, double value, const char* accepts) {
  if (!accepted) {
    throw value_error("auditory front end", argument, std::to_string(value), accepts);
  }
}

void check_spec(const audio_spec& s) {
  require(s.equalisation >= 0.0 && s.equalisation <= 1.0, "equalisation", s.equalisation, "0 to 1");
  require(s.compression > 0.0 && s.compression <= 1.0, "compression", s.compression, "above 0, up to 1");
  require(s.adaptation >= 0.0 && s.adaptation <= 1.0, "adaptation", s.adaptation, "0 to 1");
  require(s.adaptation_ms > 0.0, "adaptation_ms", s.adaptation_ms, "above 0");
  require(s.thresholds > 0, "thresholds", s.thresholds, "at least 1");
  require(std::uint64_t{s.thresholds} * s.channels <= std::numeric_limits<std::uint32_t>::max() / 2, "thresholds",
          s.thresholds, "at most 2^31 channels in all bands together");
  require(s.lowest_threshold > 0.0 && s.lowest_threshold <= s.highest_threshold, "lowest_threshold", s.lowest_threshold,
          "above 0, up to highest_threshold");
}

/// r(b), the reference level of each band.
std::vector<double> reference_levels(const audio_spec& s, const std::vector<float>& energies) {
  std::vector<double> levels(s.channels, 0.0);
  for (std::size_t i = 0; i < energies.size(); ++i) {
    levels[i % s.channels] += energies[i];
  }
  const double rows = static_cast<double>(energies.size()) / s.channels;
  double mean = 0.0;
  for (double& level : levels) {
    level /= std::max(rows, 1.0);
    mean += level / s.channels;
  }
  for (double& level : levels) {
    const double own = std::max(level, quietest_band * mean);
    level = std::max(silence, std::pow(own, s.equalisation) * std::pow(mean, 1.0 - s.equalisation));
  }
  return levels;
}

/// Level crossings of one band in one step: channels first, first + 1, ... up to the highest threshold below x.
void push_crossings(const audio_spec& s, double x, std::uint32_t first, events& out) {
  const double spacing = (s.highest_threshold - s.lowest_threshold) / std::max(1.0, s.thresholds - 1.0);
  for (std::uint32_t k = 0; k < s.thresholds && x > s.lowest_threshold + k * spacing; ++k) {
    out.channels.push_back(first + k);
  }
}

events spikes_of(const audio_spec& s, const std::vector<float>& energies) {
  const std::vector<double> reference = reference_levels(s, energies);
  const double decay = std::exp(-s.step_ms / s.adaptation_ms);
  std::vector<double> adapted(s.channels, 0.0);
  events out;
  for (std::size_t row = 0; row < energies.size(); row += s.channels) {
    for (std::uint32_t b = 0; b < s.channels; ++b) {
      const double loudness = std::pow(energies[row + b] / reference[b], s.compression);
      push_crossings(s, loudness - s.adaptation * adapted[b], b * s.thresholds, out);
      adapted[b] = decay * adapted[b] + (1.0 - decay) * loudness;
    }
    out.end_row();
  }
  return out;
}

/// One filter bank for each sample rate that occurs; banks stay where they are once made.
class bank_list {
 public:
  explicit bank_list(const audio_spec& spec) : spec_(spec) {}
  const mel_bank& at(double rate) {
    const std::lock_guard lock(mutex_);
    return banks_.try_emplace(rate, spec_, rate).first->second;
  }

 private:
  const audio_spec& spec_;
  std::mutex mutex_;
  std::map<double, mel_bank> banks_;
};

struct digit_file {
  std::string name, speaker;
  std::int32_t digit;
  std::uint64_t take;
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes {digit}_{speaker}_{index}.wav apart; false for any other name. A speaker's name may contain underscores.
bool parse_name(const std::string& name, digit_file& file) {
  const std::string_view stem(name.data(), name.size() - ending.size());
  const std::size_t last = stem.rfind('_');
  if (stem.size() < 2 || stem[1] != '_' || last == 1 || last == std::string_view::npos || last == 2) {
    return false;
  }
  const std::string_view digit = stem.substr(0, 1), take = stem.substr(last + 1);
  if (!all_digits(digit) || !all_digits(take) || take.size() > 9) {
    return false;
  }
  file = {name, to_valid_utf8(stem.substr(2, last - 2)), digit[0] - '0', std::stoull(std::string(take))};
  return true;
}

std::vector<std::string> wav_names(const std::string& folder) {
  if (!is_folder(folder)) {
    throw missing_data_error(folder.empty() ? "\"\"" : folder,
                             "no such folder; set data.path to a folder with recordings named 7_jackson_0.wav");
  }
  std::vector<std::string> names;
  for (auto& name : names_in(folder)) {
    if (has_ending(name, ".wav") && name.front() != '.') {
      names.push_back(std::move(name));
    }
  }
  return names;
}

struct recording_list {
  std::vector<digit_file> labelled;
  std::vector<std::string> strangers;  // of other names
};

recording_list sort_names(const std::vector<std::string>& names) {
  recording_list list;
  for (const std::string& name : names) {
    digit_file file;
    if (name.size() > ending.size() && parse_name(name, file)) {
      list.labelled.push_back(std::move(file));
    } else {
      list.strangers.push_back(name);
    }
  }
  return list;
}

void refuse_strangers(const std::string& folder, const recording_list& list) {
  if (!list.strangers.empty()) {
    throw value_error("spoken digits", "name of a recording",
                      (std::filesystem::path(folder) / list.strangers.front()).string(),
                      "{digit}_{speaker}_{index}.wav, such as 7_jackson_0.wav: the label is read from the name. Rename "
                      "the file or move it to another folder");
  }
}

std::vector<digit_file> list_recordings(const std::string& folder) {
  auto list = sort_names(wav_names(folder));
  if (list.labelled.empty()) {
    throw missing_data_error(folder, "no recording named {digit}_{speaker}_{index}.wav, such as 7_jackson_0.wav" +
                                         (list.strangers.empty() ? "" : "; there is " + list.strangers.front()));
  }
  refuse_strangers(folder, list);
  return std::move(list.labelled);
}

void append(const events& from, ragged_events& to) {
  for (std::size_t r = 0; r < from.rows(); ++r) {
    const auto channels = from.row(r).channels;
    to.spikes.channels.insert(to.spikes.channels.end(), channels.begin(), channels.end());
    to.spikes.end_row();
  }
  to.end_sample();
}

void encode_files(const data_spec& spec, const std::vector<digit_file>& files, thread_pool& pool,
                  const load_progress& progress, ragged_events& out) {
  bank_list banks(spec.audio);
  for (std::size_t begin = 0; begin < files.size(); begin += files_per_report) {
    std::vector<events> encoded(std::min(files_per_report, files.size() - begin));
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      paths.push_back((std::filesystem::path(spec.path) / files[begin + i].name).string());
    }
    const auto recordings = read_wavs(paths);
    pool.for_each(encoded.size(), [&](std::size_t i, std::size_t) {
      const auto& recording = recordings[i];
      const mel_bank& bank = banks.at(recording.rate);
      mel_workspace work(bank.fft_size());
      encoded[i] = spikes_of(spec.audio, bank.energies(recording.samples, work));
    });
    for (const events& e : encoded) {
      append(e, out);
    }
    if (progress) {
      progress("encoding recordings", begin + encoded.size(), files.size());
    }
  }
}

dataset digits_without_samples(const data_spec& spec) {
  dataset data;
  data.name = "spoken digits";
  data.channels = audio_channels(spec.audio);
  data.dt = spec.audio.step_ms;
  for (std::size_t d = 0; d < digits; ++d) {
    data.class_names.push_back(std::to_string(d));
  }
  return data;
}

void label(const std::vector<digit_file>& files, digit_recordings& result) {
  std::set<std::string> names;
  for (const digit_file& f : files) {
    names.insert(f.speaker);
  }
  std::vector<std::string>& speakers = result.all.speaker_names;
  speakers.assign(names.begin(), names.end());
  for (const digit_file& f : files) {
    const auto speaker = std::lower_bound(speakers.begin(), speakers.end(), f.speaker);
    result.all.labels.push_back(f.digit);
    result.all.speakers.push_back(static_cast<std::int32_t>(speaker - speakers.begin()));
    result.official_test.push_back(f.take < official_test_takes ? 1 : 0);
  }
}

}  // namespace

std::uint32_t audio_channels(const audio_spec& spec) { return spec.channels * spec.thresholds; }

events encode_audio(const audio_spec& spec, std::span<const float> samples, double rate) {
  check_spec(spec);
  const auto bad = std::find_if(samples.begin(), samples.end(), [](float x) { return !std::isfinite(x); });
  if (bad != samples.end()) {
    throw value_error("auditory front end", "sample " + std::to_string(bad - samples.begin()), std::to_string(*bad),
                      "finite numbers");
  }
  const mel_bank bank(spec, rate);
  mel_workspace work(bank.fft_size());
  return spikes_of(spec, bank.energies(samples, work));
}

digit_recordings load_wav_digits(const data_spec& spec, thread_pool& pool, const load_progress& progress) {
  check_spec(spec.audio);
  const std::vector<digit_file> files = list_recordings(spec.path);
  digit_recordings result{digits_without_samples(spec), {}};
  label(files, result);
  encode_files(spec, files, pool, progress, result.all.inputs);
  result.all.validate();
  return result;
}

digit_recordings load_wav_digits(const data_spec& spec, const load_progress& progress) {
  thread_pool pool;
  return load_wav_digits(spec, pool, progress);
}

dataset load_wav_recordings(const data_spec& spec, const load_progress& progress) {
  check_spec(spec.audio);
  data_spec folder = spec;
  std::vector<std::string> names;
  if (is_there(spec.path) && !is_folder(spec.path)) {
    const std::filesystem::path file(spec.path);
    folder.path = file.parent_path().string();
    names.push_back(file.filename().string());
  } else {
    names = wav_names(spec.path);
  }
  auto list = sort_names(names);
  digit_recordings result{digits_without_samples(spec), {}};
  if (!list.labelled.empty()) {
    refuse_strangers(folder.path, list);
    label(list.labelled, result);
  }
  for (const std::string& name : list.strangers) {
    list.labelled.push_back({name, "", 0, 0});
  }
  if (list.labelled.empty()) {
    throw missing_data_error(spec.path, "no recording, a file whose name ends in .wav");
  }
  thread_pool pool;
  encode_files(folder, list.labelled, pool, progress, result.all.inputs);
  return std::move(result.all);
}

}  // namespace backspike
