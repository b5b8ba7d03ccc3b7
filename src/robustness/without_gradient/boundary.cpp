// The attack `boundary`: from values of another class towards the sample, along the border behind which the class is
// wrong. It looks at classes only. [Brendel et al. 2018, boundary attack: ICLR]

#include "robustness/attack/attack_list.hpp"
#include "robustness/attack/sizes.hpp"
#include "robustness/without_gradient/asked_values.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace backspike {
namespace {

constexpr std::uint32_t halvings = 8;  // on the way from the other class to the border
constexpr double first_step = 0.2;     // aside and towards the sample, over the distance; they follow the success
constexpr std::uint32_t draws = 4;     // of a start at random, where no other sample serves

class border_walk {
 public:
  border_walk(const attack_problem& p, const attack_samples& samples, const attack_options& o)
      : asked_(p, samples, o),
        options_(o),
        labels_(labels_of(p, samples.data)),
        all_(every_sample(samples.data)),
        far_(asked_.start()),
        steps_(all_.size(), first_step) {
    find_starts();
  }

  attack_proposal run(const attack_progress& progress) {
    approach();
    for (std::uint32_t query = halvings; query < options_.queries; ++query) {
      const auto open = too_far();
      if (open.empty()) {
        break;
      }
      walk(open, query);
      if (progress) {
        progress(query + 1, options_.queries);
      }
    }
    for (const std::uint32_t s : all_) {
      if (!std::ranges::binary_search(wrong_, s) || distance(s) > options_.budget) {
        std::ranges::copy(start(s), at(far_, s).begin());  // it did not come near enough
      }
    }
    return asked_.propose(std::move(far_));
  }

 private:
  std::span<const float> start(std::uint32_t s) const { return asked_.of(std::span(asked_.start()), s); }
  std::span<float> at(std::vector<float>& values, std::uint32_t s) const { return asked_.of(std::span(values), s); }
  double distance(std::uint32_t s) { return size_of_change(options_.norm, start(s), at(far_, s)); }

  /// Samples that are wrong at `far_`, but further away than the budget.
  std::vector<std::uint32_t> too_far() {
    std::vector<std::uint32_t> open;
    for (const std::uint32_t s : wrong_) {
      if (distance(s) > options_.budget) {
        open.push_back(s);
      }
    }
    return open;
  }

  bool serves(std::uint32_t s, std::uint32_t other) const {
    return start(s).size() == start(other).size() &&
           (options_.target ? labels_[other] == *options_.target : labels_[other] != labels_[s]);
  }

  /// The nearest sample of another class; where there is none, a place at random.
  void find_starts() {
    for (const std::uint32_t s : all_) {
      double nearest = std::numeric_limits<double>::infinity();
      for (const std::uint32_t other : all_) {
        const double d = serves(s, other) ? size_of_change(attack_norm::l2, start(s), start(other)) : nearest;
        if (d < nearest) {
          nearest = d;
          std::ranges::copy(start(other), at(far_, s).begin());
        }
      }
    }
    for (std::uint32_t draw = 0; draw <= draws; ++draw) {
      std::vector<std::uint32_t> missing;
      std::ranges::set_difference(all_, wrong_, std::back_inserter(missing));
      for (const std::uint32_t s : missing) {
        random_stream random(options_.seed, random_purpose::perturbation, (std::uint64_t{draw} << 32) + s);
        for (float& x : at(far_, s)) {
          x = draw == 0 ? x : static_cast<float>(random.uniform());
        }
      }
      const auto& answers = asked_.ask(far_, missing);
      std::ranges::copy_if(missing, std::back_inserter(wrong_), [&](std::uint32_t s) { return answers[s].reached; });
      std::ranges::sort(wrong_);
    }
  }

  /// Halves the way to the sample as long as the class stays wrong.
  void approach() {
    std::vector<float> near = asked_.start(), middle = near;
    for (std::uint32_t k = 0; k < halvings; ++k) {
      for (const std::uint32_t s : wrong_) {
        std::ranges::transform(at(near, s), at(far_, s), at(middle, s).begin(),
                               [](float a, float b) { return 0.5f * (a + b); });
      }
      const auto& answers = asked_.ask(middle, wrong_);
      for (const std::uint32_t s : wrong_) {
        std::ranges::copy(at(middle, s), at(answers[s].reached ? far_ : near, s).begin());
      }
    }
  }

  /// A random step aside and one towards the sample; both are shorter after a failure, longer after a success.
  void walk(std::span<const std::uint32_t> open, std::uint32_t query) {
    std::vector<float> next = far_;
    for (const std::uint32_t s : open) {
      random_stream random(options_.seed, random_purpose::perturbation, (std::uint64_t{query + 1000} << 32) + s);
      const auto before = start(s);
      const auto now = at(next, s);
      const double size = distance(s), aside = steps_[s] * size_of_change(attack_norm::l2, before, now) /
                                               std::sqrt(static_cast<double>(now.size()));
      for (float& x : now) {
        x += static_cast<float>(aside * random.normal());
      }
      project(options_.norm, (1.0 - 0.5 * steps_[s]) * size, asked_.range(), before, now);
    }
    const auto& answers = asked_.ask(next, open);
    for (const std::uint32_t s : open) {
      steps_[s] = std::clamp(steps_[s] * (answers[s].reached ? 1.3 : 0.9), 1e-3, 0.5);
      if (answers[s].reached) {
        std::ranges::copy(at(next, s), at(far_, s).begin());
      }
    }
  }

  asked_values asked_;
  const attack_options& options_;
  const std::vector<std::int32_t> labels_;
  const std::vector<std::uint32_t> all_;
  std::vector<float> far_;            // values that are told wrong
  std::vector<std::uint32_t> wrong_;  // samples that have such
  std::vector<double> steps_;         // [samples]
};

attack_proposal walk_along(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                           const attack_progress& progress) {
  return border_walk(p, samples, o).run(progress);
}

}  // namespace

attack_info boundary_entry() {
  return {.name = "boundary",
          .space = attack_space::values,
          .role = attack_role::without_gradient,
          .meaning = "from another class along the border to the sample; classes only",
          .run = walk_along};
}

}  // namespace backspike
