// Runs taped episodes again, from rest, and sends the errors of their decisions back through time.

#include "online/actor_critic/unrolled_gradient.hpp"

#include "online/actor_critic/slopes.hpp"

#include <algorithm>

namespace backspike {
namespace {

void append(const taped_episode& e, std::size_t channels, ragged_events& to) {
  for (std::size_t at = 0; at < e.inputs.size(); at += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      if (e.inputs[at + c] != 0.0F) {
        to.spikes.channels.push_back(static_cast<std::uint32_t>(c));
        to.spikes.values.push_back(e.inputs[at + c]);
      }
    }
    to.spikes.end_row();
  }
  to.end_sample();
}

/// Of every decision, from the errors of the last ones.
std::vector<double> advantages(const taped_episode& e, double fade, bool earlier) {
  std::vector<double> all(e.decisions, 0.0);
  double later = 0.0;
  for (std::size_t t = e.judged + e.errors.size(); t-- > (earlier ? 0 : e.judged);) {
    later = (t >= e.judged ? e.errors[t - e.judged] : 0.0) + fade * later;
    all[t] = later;
  }
  return all;
}

}  // namespace

void unrolled_gradient::load(std::span<const std::unique_ptr<episode_learner<float>>> learners) {
  data_.inputs.spikes.clear();
  data_.inputs.sample_rows.assign(1, 0);
  data_.channels = static_cast<std::uint32_t>(net_.spec().inputs);
  data_.dt = net_.spec().dt;
  episodes_.clear();
  for (const auto& l : learners) {
    l->tape()->each([&](const taped_episode& e) {
      if (e.decisions > 0) {
        episodes_.push_back(&e);
        append(e, data_.channels, data_.inputs);
      }
    });
  }
}

/// The errors of a decision are on the last step of its frame.
void unrolled_gradient::add_errors(const taped_episode& e, std::size_t first_row, bool earlier) {
  const std::size_t outputs = net_.outputs(), numbers = actions_.numbers();
  const auto advantage = advantages(e, options_.gamma * options_.lambda, earlier);
  std::vector<float> read(outputs), of_decision(outputs), of_entropy(outputs, 0.0F);
  std::vector<double> action(numbers);
  for (std::size_t t = 0; t < e.decisions; ++t) {
    const std::size_t at = (first_row + (t + 1) * options_.frame - 1) * outputs;
    read_policy<float>(std::span<const float>(outputs_).subspan(at, outputs), options_.logit_limit, read);
    std::copy_n(e.actions.begin() + static_cast<std::ptrdiff_t>(t * numbers), numbers, action.begin());
    decision_error<float>(read, action, actions_, options_, of_decision);
    const bool is_new = t >= e.made;
    if (is_new) {
      entropy_error<float>(read, actions_, options_, of_entropy);
    }
    for (std::size_t k = 0; k < outputs; ++k) {
      error_[at + k] = static_cast<float>(advantage[t]) * of_decision[k] + (is_new ? of_entropy[k] : 0.0F);
    }
  }
}

void unrolled_gradient::take(const arena<float>& parameters,
                             std::span<const std::unique_ptr<episode_learner<float>>> learners, bool earlier,
                             arena<float>& to) {
  std::ranges::fill(to.values(), 0.0F);
  load(learners);
  if (episodes_.empty()) {
    return;
  }
  const auto samples = every_sample(data_);
  const auto outputs = pass_.forward(parameters, {&data_, samples, {}}, true);
  outputs_.assign(outputs.begin(), outputs.end());
  error_.assign(outputs_.size(), 0.0F);
  for (std::size_t s = 0; s < episodes_.size(); ++s) {
    add_errors(*episodes_[s], pass_.first_row()[s], earlier);
  }
  const float share = 1.0F / static_cast<float>(learners.size());
  std::ranges::transform(error_, error_.begin(), [&](float e) { return share * e; });
  pass_.backward(error_, to);
}

}  // namespace backspike
