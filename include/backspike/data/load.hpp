#pragma once
// From the [data] table of an experiment to data: load_data gives training, validation and test set, load_whole gives
// everything for a trained network.

#include <backspike/data/data_spec.hpp>
#include <backspike/data/dataset.hpp>

#include <functional>
#include <string>
#include <vector>

namespace backspike {

/// Called now and then while data are read and encoded: what is being done, how much of how much.
using load_progress = std::function<void(const std::string& what, std::size_t done, std::size_t total)>;

/// Reads, encodes and splits the data of an experiment. `seed` decides the validation split and random encoders.
///
/// fashion_mnist, idx   spec.path holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
///                      t10k-labels-idx1-ubyte, each plain or with .gz, or spelled train-images.idx3-ubyte; the test
///                      set is t10k. The classes of idx are the training labels in order. spec.augment: a maker.
/// wav_digits           test set: recordings 0 to 4 of every speaker and digit, or all of held_out_speaker.
/// spike_hdf5           test set: test_path; or all samples of held_out_speaker, in both files if there are two; or,
///                      with neither, a stratified fifth of the samples, the same one for every seed.
/// ecg_qtdb             spec.path holds QTDB_train.mat and QTDB_test.mat (data/mat_sequences.hpp).
/// events, nmnist       a folder of recordings (events/event_folder.hpp: list_event_sets); where it has no test set, a
///                      fifth of the samples, the same one for every seed. With spec.augment the data have a maker.
/// event_camera         images as for idx, seen by a simulated camera; without a path Fashion-MNIST.
/// saccade_direction    generated from the seed (docs/experiment-file.md), as many samples of each set as asked for.
/// pattern_generation, evidence_accumulation
///                      generated from the seed (data/tasks/tasks.hpp): one sample, which is all three sets; as many
///                      trials of each set as spec.evidence says, each from random numbers of its own.
/// spike_pattern        generated from the seed (data/tasks/spike_pattern.hpp): repeats of one input with noise of
///                      their own.
/// delay_recovery, coincidence
///                      generated from the seed (data/tasks/delay_tasks.hpp), as many samples of each set as their
///                      settings say.
/// regression_waveforms, psp_readout, spike_timing
///                      generated from the seed (data/tasks/signal_tasks.hpp), likewise.
/// random_manifolds     generated from the seed (docs/experiment-file.md), likewise.
/// delayed_match        generated from the seed (docs/experiment-file.md), likewise.
/// mackey_glass         a part of the series for each seed (data/tasks/mackey_glass.hpp); no validation set.
///
/// With spec.folds all of these samples are dealt into so many parts (data/split.hpp: stratified_fold), and part
/// spec.fold is the test set. The validation set is carved from the remaining samples, stratified by class (ecg_qtdb:
/// whole sequences at random). spec.limit keeps that many samples of each part, of every class in proportion, and of
/// each class the first ones. Throws missing_data_error (naming the package to install or the option to set),
/// format_error, file_error, resource_error (more than a file may take, or than there is), shape_error (two files of
/// different channels) and value_error (a class without a training sample, an unknown speaker, a setting out of range).
dataset_split load_data(const data_spec& spec, std::uint64_t seed, const load_progress& progress = {});

/// What a trained network takes and tells: what data that are read for it have to fit.
struct expected_data {
  std::uint32_t channels = 0;
  double dt = 1.0;                       // [ms]
  std::vector<std::string> class_names;  // of its outputs; empty in a regression
};

/// All samples of the file or folder spec.path, without a split, for a trained network, with the network's channels and
/// classes: spec.test_path, limit, validation and held_out_speaker are not looked at. Classes may lack samples, and
/// samples without labels are read, too: the data then have the network's classes and no labels.
///
/// fashion_mnist, idx   a folder: what it has of the sets train and t10k, in this order; or one file of images, whose
///                      labels are looked for beside it (t10k-labels-idx1-ubyte beside t10k-images-idx3-ubyte)
/// wav_digits           all recordings of a folder, or one; labels if all are named {digit}_{speaker}_{index}.wav
/// spike_hdf5           one file, with the network's channels
/// ecg_qtdb             one file, or a folder with both of load_data
/// event_camera         as fashion_mnist
/// events, nmnist       a folder, a list (.txt) of numbered files and their classes, or one recording
/// none                 an HDF5 file as for spike_hdf5, its steps as wide as the network's
///
/// Throws what load_data throws, value_error for a source whose samples are generated, for no samples at all, for steps
/// of another width than the network's, for a label that the network does not know and for an event beyond its channels
/// (naming the sample), and shape_error for other channels than the network's.
dataset load_whole(const data_spec& spec, const expected_data& network, std::uint64_t seed,
                   const load_progress& progress = {});

}  // namespace backspike
