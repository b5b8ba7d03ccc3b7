#pragma once
// What the class weights of an objective must fulfil; learning rules and the experiment file refuse with the same
// words.

#include <backspike/objective/objective_spec.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace backspike {

struct class_weights_problem {
  std::string value, accepted;
};

/// The first thing that is wrong with them. classes: 0 where their number is not known yet.
std::optional<class_weights_problem> find_class_weights_problem(const output_objective& objective, std::size_t classes);

}  // namespace backspike
