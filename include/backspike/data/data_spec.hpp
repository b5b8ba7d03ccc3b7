#pragma once
// Where data come from and how they become spikes: what the [data] table of an experiment says.

#include <backspike/core/enum_names.hpp>
#include <backspike/data/event_camera_spec.hpp>
#include <backspike/data/event_data_spec.hpp>
#include <backspike/data/tasks/delay_task_spec.hpp>
#include <backspike/data/tasks/signal_task_spec.hpp>
#include <backspike/data/tasks/spike_pattern_spec.hpp>
#include <backspike/data/tasks/task_spec.hpp>

#include <cstdint>
#include <string>

namespace backspike {

enum class data_source {
  fashion_mnist,
  idx,
  wav_digits,
  spike_hdf5,
  ecg_qtdb,
  pattern_generation,
  spike_pattern,
  evidence_accumulation,
  delay_recovery,
  coincidence,
  regression_waveforms,
  psp_readout,
  spike_timing,
  mackey_glass,
  random_manifolds,
  delayed_match,
  events,
  nmnist,
  event_camera,
  saccade_direction,
  none  // a network that learned from arrays: evaluate and predict are told their data
};
template <>
inline constexpr auto enum_names<data_source> = std::to_array<enum_name<data_source>>({
    {data_source::fashion_mnist, "fashion_mnist"},
    {data_source::idx, "idx"},
    {data_source::wav_digits, "wav_digits"},
    {data_source::spike_hdf5, "spike_hdf5"},
    {data_source::ecg_qtdb, "ecg_qtdb"},
    {data_source::pattern_generation, "pattern_generation"},
    {data_source::spike_pattern, "spike_pattern"},
    {data_source::evidence_accumulation, "evidence_accumulation"},
    {data_source::delay_recovery, "delay_recovery"},
    {data_source::coincidence, "coincidence"},
    {data_source::regression_waveforms, "regression_waveforms"},
    {data_source::psp_readout, "psp_readout"},
    {data_source::spike_timing, "spike_timing"},
    {data_source::mackey_glass, "mackey_glass"},
    {data_source::random_manifolds, "random_manifolds"},
    {data_source::delayed_match, "delayed_match"},
    {data_source::events, "events"},
    {data_source::nmnist, "nmnist"},
    {data_source::event_camera, "event_camera"},
    {data_source::saccade_direction, "saccade_direction"},
    {data_source::none, "none"},
});

enum class encoder_kind { latency, poisson, current, delta, population };
template <>
inline constexpr auto enum_names<encoder_kind> = std::to_array<enum_name<encoder_kind>>({
    {encoder_kind::latency, "latency"},
    {encoder_kind::poisson, "poisson"},
    {encoder_kind::current, "current"},
    {encoder_kind::delta, "delta"},
    {encoder_kind::population, "population"},
});

/// Turns values in [0, 1] (pixels) into spikes or graded input; docs/experiment-file.md has the equations.
struct encoder_spec {
  encoder_kind kind = encoder_kind::latency;
  std::uint32_t steps = 40;  // [steps] length of every encoded sample
  double tau = 20.0;         // latency: time constant of the charging pixel [ms]
  double threshold = 0.2;    // latency: values up to this never spike; population: responses; delta: least change
  double rate = 100.0;       // poisson: spikes per second at value 1 [Hz]
  double gain = 1.0;         // current: amplitude of value 1
  double dt = 1.0;           // [ms] width of one step
  std::uint32_t fields = 8;  // population: neurons that see each value
  double beta = 1.5;         // population: distance of the centres of their receptive fields, in widths of a field
  bool operator==(const encoder_spec&) const = default;
};

/// The auditory front end for recordings; see data/audio.hpp for the stages.
struct audio_spec {
  std::uint32_t channels = 32;    // bands of the mel filter bank
  double low_hz = 100.0;          // centre of the lowest band [Hz]
  double high_hz = 3800.0;        // centre of the highest band [Hz]
  double window_ms = 25.0;        // analysis window [ms]
  double step_ms = 10.0;          // one time step of the network [ms]
  double equalisation = 0.5;      // 0: bands keep their long-term levels, 1: each is brought to the same level
  double compression = 0.3;       // exponent of the hair-cell-like power law
  double adaptation = 0.5;        // share of the recent level that short-term adaptation subtracts
  double adaptation_ms = 60.0;    // time constant of the short-term adaptation [ms]
  std::uint32_t thresholds = 4;   // channels per band, each with a threshold of its own
  double lowest_threshold = 0.1;  // a loudness of 1 is that of the mean level
  double highest_threshold = 0.9;
  bool operator==(const audio_spec&) const = default;
};

/// Smooth random manifolds in the space of spike times; docs/experiment-file.md has the equation. Defaults: those of
/// the authors' own generator (Zenke and Vogels 2021).
struct random_manifolds_spec {
  std::uint32_t steps = 100;     // [steps] of 1 ms
  std::uint32_t classes = 10;    // manifolds
  std::uint32_t channels = 100;  // each spikes once in a sample
  std::uint32_t dimensions = 2;  // of a manifold
  double alpha = 2.0;            // smoothness: the amplitude of the n-th frequency falls as n^-alpha
  std::uint32_t cutoff = 32;     // frequencies
  std::uint32_t train_samples = 8000;
  std::uint32_t validation_samples = 1000;
  std::uint32_t test_samples = 1000;
  bool operator==(const random_manifolds_spec&) const = default;
};

/// Whether a second stimulus is the one before the silence, which membranes of 20 ms do not bridge.
struct delayed_match_spec {
  std::uint32_t stimuli = 2;
  std::uint32_t stimulus_ms = 100, delay_ms = 500, decision_ms = 100;
  std::uint32_t group = 10;  // input neurons of a stimulus, of the question, of the noise
  double rate = 100.0;       // [Hz] of a group that fires
  double noise_rate = 10.0;  // [Hz] of the neurons that always fire
  std::uint32_t train_samples = 2048;
  std::uint32_t validation_samples = 256;
  std::uint32_t test_samples = 512;
  bool operator==(const delayed_match_spec&) const = default;
};

struct data_spec {
  data_source source = data_source::fashion_mnist;
  std::string path;              // folder or file, absolute once read; empty: where the package installs it
  std::string test_path;         // spike_hdf5: the file of the test set; empty: hold out by `held_out_speaker` or share
  std::uint32_t limit = 0;       // 0: everything; else only the first n samples of each split (for a quick try)
  double validation = 0.1;       // share of the training set carved off for every choice made
  std::uint32_t folds = 0;       // cross-validation: parts of the training and test samples together; 0: the test set
  std::uint32_t fold = 1;        // of these, the one that is the test set; counts from 1
  std::string held_out_speaker;  // name of the speaker that is the whole test set; empty: the official split
  encoder_spec encoder;
  audio_spec audio;
  pattern_spec pattern;
  spike_pattern_spec spike_pattern;
  evidence_spec evidence;
  delay_recovery_spec delay_recovery;
  coincidence_spec coincidence;
  waveforms_spec waveforms;
  psp_spec psp;
  timing_spec timing;
  mackey_glass_spec mackey_glass;
  random_manifolds_spec random_manifolds;
  delayed_match_spec delayed_match;
  event_data_spec events;
  event_augment_spec augment;
  event_camera_spec event_camera;
  saccade_direction_spec saccade_direction;
  // Of spike_hdf5 and recordings of event cameras:
  double bin_ms = 10.0;                   // width of one step [ms]
  double duration_ms = 0.0;               // later spikes are dropped; 0: each sample lasts to its last spike
  time_unit unit = time_unit::automatic;  // spike_hdf5: of the times in the file
  duplicate_events duplicates = duplicate_events::one;  // several spikes of a channel in one step
  bool operator==(const data_spec&) const = default;
};

}  // namespace backspike
