// Keeps what was seen and done of the episodes of one environment until backpropagation needs it no more.

#include "online/actor_critic/episode_tape.hpp"

#include <backspike/core/error.hpp>

#include <utility>

namespace backspike {
namespace {

void drop_first(std::vector<float>& from, std::size_t count) {
  from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

void episode_tape::show(std::span<const float> input) {
  now_.inputs.insert(now_.inputs.end(), input.begin(), input.end());
}

void episode_tape::decide(std::span<const double> action) {
  for (const double x : action) {
    now_.actions.push_back(static_cast<float>(x));
  }
  ++now_.decisions;
}

void episode_tape::end() { ended_.push_back(std::exchange(now_, {})); }

void episode_tape::abandon() {
  if (now_.decisions == 0) {
    now_ = {};
    return;
  }
  --now_.decisions;
  now_.inputs.resize(now_.decisions * inputs_);
  now_.actions.resize(now_.decisions * actions_);
  end();
}

void episode_tape::clear(std::size_t horizon) {
  ended_.clear();
  const std::size_t kept = horizon + 1;  // the last one waits
  if (horizon > 0 && now_.decisions > kept) {
    const std::size_t gone = now_.decisions - kept;
    drop_first(now_.inputs, gone * inputs_);
    drop_first(now_.actions, gone * actions_);
    now_.decisions = kept;
  }
  now_.errors.clear();
  now_.made = now_.decisions;
  now_.judged = now_.decisions > 0 ? now_.decisions - 1 : 0;
}

void episode_tape::adopt() {
  const std::size_t decisions = now_.actions.size() / actions_;
  if (now_.actions.size() != decisions * actions_ || now_.inputs.size() != decisions * inputs_) {
    throw shape_error("actor_critic", "tape.inputs", "[" + std::to_string(now_.inputs.size()) + "]",
                      "[" + std::to_string(decisions * inputs_) + "], the frames of its decisions");
  }
  now_.decisions = decisions;
  clear(0);
}

}  // namespace backspike
