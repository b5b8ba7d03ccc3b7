#pragma once
// Folders of recordings with a class each, as samples for training.

#include <backspike/data/dataset.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_steps.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

struct labelled_file {
  std::string path;
  std::int32_t label = 0;  // a place in class_names
};

struct event_listing {
  std::vector<labelled_file> files;
  std::vector<std::string> class_names;
};

/// The files in the sub-folders of `folder`, which are named after the classes (N-MNIST, N-Caltech101): sub-folders in
/// ascending order (as numbers where all are), files by name. Throws file_error; format_error: no sub-folder with a
/// file, something else beside the sub-folders.
event_listing list_class_folders(const std::string& folder);

/// The files that a text lists, a number and a class on each line behind a first line that begins with #; sample 7 is
/// the file `7` + `ending` in the text's folder (the example of SLAYER: train1K.txt, test100.txt). Classes are 0 to the
/// largest. Throws file_error, and format_error naming the line: not two whole numbers, a number twice.
event_listing list_numbered_files(const std::string& text_path, const std::string& ending = ".bs2");

/// A sample for each file, in the order of the list, which have the steps that `steps` asks for. Throws what reading
/// throws, with `read.strict` also where anything is odd; value_error where samples are of more than 2^32 channels.
dataset read_event_files(const event_listing& listing, const event_read_options& read, const event_step_options& steps);

}  // namespace backspike
