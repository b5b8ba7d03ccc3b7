// The attack `random_search`: some values of every sample are moved to the edge of the budget at random; the change
// stays where the loss does not fall, and concerns fewer values the longer it goes on. [Andriushchenko et al. 2020,
// Square Attack: ECCV, without its squares, which channels of spikes do not have]

#include "robustness/attack/attack_list.hpp"
#include "robustness/without_gradient/asked_values.hpp"

#include <algorithm>
#include <utility>

namespace backspike {
namespace {

constexpr double first_share = 0.3;  // of the values that move at once; it falls with the queries made

class value_search {
 public:
  value_search(const attack_problem& p, const attack_samples& samples, const attack_options& o)
      : asked_(p, samples, o), options_(o), best_(asked_.start()), now_(best_) {
    const auto all = every_sample(samples.data);
    highest_ = asked_.ask(best_, all);
  }

  attack_proposal run(const attack_progress& progress) {
    for (std::uint32_t query = 1; query < options_.queries; ++query) {
      const auto open = asked_values::open(highest_);
      if (open.empty()) {
        break;
      }
      for (const std::uint32_t s : open) {
        move(s, query);
      }
      const auto& answers = asked_.ask(now_, open);
      for (const std::uint32_t s : open) {
        const bool better = answers[s].reached || answers[s].height >= highest_[s].height;
        highest_[s] = better ? answers[s] : highest_[s];
        std::ranges::copy(asked_.of(std::span<const float>(better ? now_ : best_), s),
                          asked_.of(std::span(better ? best_ : now_), s).begin());
      }
      if (progress) {
        progress(query, options_.queries);
      }
    }
    return asked_.propose(std::move(best_));
  }

 private:
  /// The first change moves everything.
  void move(std::uint32_t s, std::uint32_t query) {
    random_stream random(options_.seed, random_purpose::perturbation, (std::uint64_t{query} << 32) + s);
    const auto before = asked_.of(std::span<const float>(asked_.start()), s);
    const auto now = asked_.of(std::span(now_), s);
    const double share = query == 1 ? 1.0 : first_share / (1.0 + 20.0 * static_cast<double>(query) / options_.queries);
    std::vector<float> drawn(now.size());
    move_at_random(options_.norm, options_.budget, asked_.range(), before, random, drawn);
    for (std::size_t k = 0; k < now.size(); ++k) {
      now[k] = random.uniform() < share ? drawn[k] : now[k];
    }
    project(options_.norm, options_.budget, asked_.range(), before, now);
  }

  asked_values asked_;
  const attack_options& options_;
  std::vector<float> best_, now_;
  std::vector<attack_answer> highest_;
};

attack_proposal search(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                       const attack_progress& progress) {
  return value_search(p, samples, o).run(progress);
}

}  // namespace

attack_info random_search_entry() {
  return {.name = "random_search",
          .space = attack_space::values,
          .role = attack_role::without_gradient,
          .meaning = "values moved at random, kept where the loss does not fall",
          .run = search};
}

}  // namespace backspike
