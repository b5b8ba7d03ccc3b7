#pragma once
// Which class is which. A label is an index into `class_names`; labels that come from outside are any whole numbers:
// their different values, in ascending order, become the classes 0, 1, ..., and the values themselves their names, so
// that a network that knows the names of its classes maps other data as it mapped those of its training.

#include <backspike/data/dataset.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// Labels and the names of their classes.
struct labelled_classes {
  std::vector<std::int32_t> labels;
  std::vector<std::string> names;
};

/// Values as classes: {5, 1, 5} gives the labels {1, 0, 1} of the classes "1" and "5".
labelled_classes classes_of(std::span<const std::int64_t> values);

/// The same for labels of steps: -1 is no label and stays.
labelled_classes step_classes_of(std::span<const std::int64_t> values);

/// "0", "1", ...: classes that nobody named.
std::vector<std::string> numbered_classes(std::size_t count);

/// Whether every name is a whole number.
bool are_numbers(std::span<const std::string> names);

/// Names as messages list them, long lists shortened.
std::string listed_classes(std::span<const std::string> names);

/// The classes of two sets of data together: numbers in ascending order; otherwise one list must begin with the other
/// (files name the classes that they know of) and the longer one is it. Throws value_error naming `where` and the
/// class.
std::vector<std::string> common_classes(std::span<const std::string> a, std::span<const std::string> b,
                                        const std::string& where);

/// Makes the classes `names` those of the data: by name; by number where one of the lists has names and the other only
/// the numbers 0, 1, .... Classes that no sample has do not matter. Throws value_error that begins with `where` and
/// names sample, label and the classes known. Data without classes stay as they are.
void adopt_classes(dataset& data, std::span<const std::string> names, const std::string& where);
/// The same of one of its sets of targets.
void adopt_classes(const dataset& data, target_set& of, std::span<const std::string> names, const std::string& where);

/// Targets that put every sample, or labelled step, into a class made of the classes of `of`: class k becomes
/// class `from[k]`, and these are called `names`, or "0", "1", ... if there are none. Throws value_error that begins
/// with `where`: not a number for each class, a class that nothing becomes, names that are not one for each.
named_targets mapped_classes(const target_set& of, std::span<const std::uint32_t> from,
                             std::span<const std::string> names, const std::string& name, const std::string& where);

/// Gives the data's classes the outputs of a network that knows no names yet: as they are if there is an output for
/// each; by their value if all are numbers that outputs have. Throws value_error if there are more classes than
/// outputs, or fewer whose values no outputs have.
void spread_classes(dataset& data, std::size_t outputs, const std::string& where);

}  // namespace backspike
