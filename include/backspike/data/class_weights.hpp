#pragma once
// Weights that make up for classes of different sizes.

#include <backspike/data/dataset.hpp>

#include <cstddef>
#include <vector>

namespace backspike {

/// Samples of each class of these targets of the data. `of_steps`: labelled steps whose weight is not 0, in the place
/// of samples. Throws value_error for a label without a class.
std::vector<std::size_t> count_classes(const dataset& data, const target_set& of, bool of_steps = false);
inline std::vector<std::size_t> count_classes(const dataset& data, bool of_steps = false) {
  return count_classes(data, data, of_steps);
}

/// A weight for each class, n / (classes * n_c), where n_c of the n samples (or labelled steps) are of class c:
/// together those of each class weigh the same. A class without any has weight 0. Throws value_error if nothing has a
/// label.
std::vector<double> balanced_class_weights(const dataset& training, const target_set& of, bool of_steps = false);
inline std::vector<double> balanced_class_weights(const dataset& training, bool of_steps = false) {
  return balanced_class_weights(training, training, of_steps);
}

}  // namespace backspike
