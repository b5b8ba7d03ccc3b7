#pragma once
// Recordings of several trials each, with a table of who did what when: the layout of DVS Gesture.

#include <backspike/events/event_folder.hpp>

#include <string>

namespace backspike {

inline constexpr auto train_trials = "trials_to_train.txt", test_trials = "trials_to_test.txt";

/// The parts of the recordings that the two lists in the folder name. Throws file_error; format_error naming the line.
event_sets list_trials(const std::string& folder);

}  // namespace backspike
