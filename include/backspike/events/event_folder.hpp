#pragma once
// Folders of recordings with a class each, as samples for training.

#include <backspike/data/dataset.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_steps.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// A recording of one class: a file, or a part of one.
struct labelled_file {
  std::string path;
  std::int32_t label = 0;  // a place in class_names
  time_slice slice{};      // of a part, whose time counts from its begin
};

struct event_listing {
  std::vector<labelled_file> files;
  std::vector<std::string> class_names;
  std::vector<std::string> notes{};  // what was odd in lists of labels
};

/// The files in the sub-folders of `folder`, which are named after the classes (N-MNIST, N-Caltech101): sub-folders in
/// ascending order (as numbers where all are), files by name. Throws file_error; format_error: no sub-folder with a
/// file, something else beside the sub-folders.
event_listing list_class_folders(const std::string& folder);

/// The files that a text lists, a number and a class on each line behind a first line that begins with #; sample 7 is
/// the file `7` + `ending` in the text's folder (the example of SLAYER: train1K.txt, test100.txt). Classes are 0 to the
/// largest. Throws file_error, and format_error naming the line: not two whole numbers, a number twice.
event_listing list_numbered_files(const std::string& text_path, const std::string& ending = ".bs2");

/// What there is to train and to test with, of the same classes. The test set is empty where the folder has none.
struct event_sets {
  event_listing train, test;
};

/// The recordings of a folder in one of these layouts:
///
/// lists     the texts `train_list` and `test_list` in the folder, or one train*.txt and one test*.txt, and the files
/// that
///           they number (list_numbered_files), whose ending is that of the folder's other files
/// halves    two folders whose names are or end with train(ing) and test(ing), in any case, with class folders in each
///           (N-MNIST, N-CARS)
/// trials    trials_to_train.txt and trials_to_test.txt with a name of a file on each line, NAME.aedat, and
/// NAME_labels.csv
///           with lines of class, begin and end [us], whose parts of the file are samples (DVS Gesture). Where a part
///           ends after the next one begins, it ends there; a line that repeats another one is left out; notes say so.
///           gesture_mapping.csv names the classes, if it is there
/// cache     NUMBER_COPY.hdf5, of tonic's DiskCachedDataset, each with its class; also in the two folders of halves. Of
///           several copies of a sample the first counts
/// classes   class folders (list_class_folders); no test set (N-Caltech101, CIFAR10-DVS)
///
/// Throws file_error, and format_error that says what was found and what is accepted.
event_sets list_event_sets(const std::string& folder, const std::string& train_list = "",
                           const std::string& test_list = "");

/// read_event_samples (events/event_samples.hpp) without filters. Throws what that throws, with `read.strict` also
/// where anything is odd; value_error where samples are of more than 2^32 channels.
dataset read_event_files(const event_listing& listing, const event_read_options& read, const event_step_options& steps);

}  // namespace backspike
