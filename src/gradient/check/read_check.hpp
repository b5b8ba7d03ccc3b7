#pragma once
// Which losses an output takes whose membrane is read; learning rules and the experiment file refuse with the same
// words.

#include <backspike/objective/objective_spec.hpp>

#include <algorithm>
#include <string>

namespace backspike {

/// The first loss of an output that says something of spikes alone; null: none does.
inline const loss_spec* first_loss_of_spikes(const output_objective& objective) {
  if (is_of_spikes(objective)) {
    return &objective;
  }
  const auto term = std::ranges::find_if(objective.terms, [](const loss_spec& t) { return is_of_spikes(t); });
  return term == objective.terms.end() ? nullptr : &*term;
}

/// What such a loss accepts.
inline std::string reads_for(const loss_spec& loss) {
  const bool timed = loss.loss == loss_kind::cross_entropy;
  return "output: " + std::string(timed ? "the readout first_spike" : "the loss ") +
         std::string(timed ? "" : info_of(loss.loss).name) + " is of spikes";
}

}  // namespace backspike
