#pragma once
// The list of the classes that compute losses. A new loss is a header of its own and one entry here, and its kind, its
// name and what it takes in objective_spec.hpp; tests, files, Python and every learning rule read the lists.
// docs/adding/loss.md walks through it.

#include <backspike/core/error.hpp>
#include <backspike/objective/first_spike.hpp>
#include <backspike/objective/jitter.hpp>
#include <backspike/objective/poisson.hpp>
#include <backspike/objective/reduced_cross_entropy.hpp>
#include <backspike/objective/regression.hpp>
#include <backspike/objective/soft_alignment.hpp>
#include <backspike/objective/spike_count.hpp>
#include <backspike/objective/step_cross_entropy.hpp>
#include <backspike/objective/van_rossum.hpp>

#include <cstddef>
#include <variant>

namespace backspike {

/// Every loss; each says which specifications it takes.
template <class S>
using any_loss =
    std::variant<reduced_cross_entropy<S>, first_spike_cross_entropy<S>, step_cross_entropy<S>, regression<S>,
                 spike_count<S>, soft_alignment<S>, jitter<S>, van_rossum<S>, first_spike_time<S>, poisson<S>>;

/// Makes `loss` the one that the specification names, with the memory that it has if it was one of that kind before.
template <class S, std::size_t I = 0>
void choose_loss(any_loss<S>& loss, const loss_spec& spec) {
  if constexpr (I < std::variant_size_v<any_loss<S>>) {
    if (!std::variant_alternative_t<I, any_loss<S>>::takes(spec)) {
      choose_loss<S, I + 1>(loss, spec);
    } else if (loss.index() != I) {
      loss.template emplace<I>();
    }
  } else {
    throw internal_error("an unknown loss");
  }
}

}  // namespace backspike
