// Forward on the hard network, back through the surrogate and the encoder, and the best place so far.

#include "robustness/values/value_climb.hpp"
#include "robustness/variants.hpp"

#include "data/append.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace backspike {
namespace {

constexpr std::size_t most_together = 128;  // samples whose trajectories are kept

bool is_random(const attack_samples& samples) {
  return samples.values && samples.values->encoder.kind == encoder_kind::poisson;
}

}  // namespace

attack_view::attack_view(const attack_problem& p, double width)
    : net(with_width(p.net.spec(), width)), parameters(net.parameters()), losses(net, p.objective, p.pool) {
  take(p.parameters);
}

void attack_view::take(const arena<float>& moved) { std::ranges::copy(moved.values(), parameters.values().begin()); }

value_climb::value_climb(const attack_problem& problem, attack_view& view, const attack_samples& group,
                         const attack_options& options, std::size_t first)
    : problem_(problem),
      view_(view),
      group_(group),
      options_(options),
      first_(first),
      values_(group),
      losses_(view.losses),
      now_(values_.start()),
      best_(now_),
      gradient_(now_.size()),
      first_error_(group.data.size()),
      error_size_(group.data.size()),
      heights_(group.data.size()),
      best_heights_(group.data.size(), -std::numeric_limits<double>::infinity()),
      scales_(group.data.size()),
      won_(group.data.size()),
      queries_(group.data.size()),
      gradients_(group.data.size()) {}

void value_climb::start_again(std::uint32_t restart) {
  active_.clear();
  for (std::uint32_t s = 0; s < won_.size(); ++s) {
    if (won_[s]) {
      continue;
    }
    active_.push_back(s);
    if (restart == 0) {
      std::ranges::copy(start(s), now(s).begin());
    } else {
      random_stream random(options_.seed, random_purpose::perturbation, (std::uint64_t{restart} << 32) + first_ + s);
      move_at_random(options_.norm, options_.budget, range(), start(s), random, now(s));
    }
  }
}

/// Adds heights, and with `back` gradients, of one of the draws. Gradients of a sample are over the scale of its first.
void value_climb::forward(std::uint32_t draw, std::uint32_t draws, bool back) {
  const double up = options_.target ? -1.0 : 1.0;
  const dataset& read = values_.encode(now_, draw, problem_.pool);
  losses_.forward(view_.parameters, {&read, active_});
  for (std::size_t k = 0; k < active_.size(); ++k) {
    heights_[active_[k]] += up * losses_.losses()[k] / draws;
    queries_[active_[k]] += 1;
  }
  if (!back) {
    return;
  }
  const std::span<const std::size_t> rows = losses_.trajectory().first_row();
  error_input_.resize(rows.back() * read.channels);
  losses_.normalise();
  losses_.backward(error_input_);
  const std::span<const double> scales = losses_.scales();
  for (std::size_t k = 0; k < active_.size(); ++k) {
    gradients_[active_[k]] += 1;
    first_error_[active_[k]] = rows[k] * read.channels;
    error_size_[active_[k]] = (rows[k + 1] - rows[k]) * read.channels;
    scales_[active_[k]] = scales_[active_[k]] > 0.0 ? scales_[active_[k]] : scales[k];
  }
  problem_.pool.for_each(active_.size(), [&](std::size_t k, std::size_t) {
    const std::uint32_t s = active_[k];
    const std::span<const float> error =
        std::span(error_input_).subspan(rows[k] * read.channels, (rows[k + 1] - rows[k]) * read.channels);
    std::vector<float> pulled;
    values_.pull_back(now(s), error, options_.encoder_width, pulled);
    const auto factor = scales_[s] > 0.0 ? static_cast<float>(up * scales[k] / scales_[s] / draws) : 0.0f;
    const std::span<float> sum = gradient(s);
    for (std::size_t n = 0; n < pulled.size(); ++n) {
      sum[n] += factor * pulled[n];
    }
  });
}

void value_climb::look(bool back) {
  if (active_.empty()) {
    return;
  }
  const bool random = is_random(group_);
  const std::uint32_t draws = random ? options_.draws : 1;
  for (const std::uint32_t s : active_) {
    heights_[s] = scales_[s] = 0.0;
    if (back) {
      std::ranges::fill(gradient(s), 0.0f);
    }
  }
  for (std::uint32_t draw = 0; draw < draws; ++draw) {
    forward(random ? ++draw_ : 0, draws, back);
  }
  if (back && first_gradient_.empty()) {
    first_gradient_ = gradient_;
    first_scales_ = scales_;
  }
  note();
}

/// A sample whose class is wrong has won, unless its encoder is random: the next draw may be told right.
void value_climb::note() {
  std::vector<std::uint32_t> still;
  for (std::size_t k = 0; k < active_.size(); ++k) {
    const std::uint32_t s = active_[k];
    const std::int32_t told = losses_.predicted()[k];
    const std::vector<std::int32_t>& labels = group_.data.targets(problem_.net.output(0).target).labels;
    const bool wrong = options_.target ? told == labels[s] : told != labels[s];
    won_[s] = wrong && options_.stops && !is_random(group_);
    if (won_[s] || heights_[s] > best_heights_[s]) {
      best_heights_[s] = heights_[s];
      std::ranges::copy(now(s), best(s).begin());
    }
    if (!won_[s]) {
      still.push_back(s);
    }
  }
  active_ = std::move(still);
}

attack_proposal value_climb::finish() {
  attack_proposal p;
  for (std::uint32_t s = 0; s < won_.size(); ++s) {
    double sum = 0.0;
    const std::span<const float> g = values_.of(std::span<const float>(first_gradient_), s);
    for (std::size_t n = 0; n < g.size(); ++n) {
      sum += static_cast<double>(g[n]) * (static_cast<double>(best(s)[n]) - static_cast<double>(start(s)[n]));
    }
    p.predicted.push_back((options_.target ? -1.0 : 1.0) * sum * first_scales_[s]);
  }
  attack_proposal found = values_.propose(best_, problem_.pool);
  p.values = std::move(found.values);
  p.inputs = std::move(found.inputs);
  p.queries = queries_;
  p.gradients = gradients_;
  return p;
}

namespace {

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

attack_proposal climb_in_groups(const attack_problem& problem, const attack_samples& samples,
                                const attack_options& options, const attack_progress& progress,
                                const std::function<void(value_climb&)>& climb) {
  attack_view view(problem, options.width);
  const auto order = every_sample(samples.data);
  attack_proposal all;
  for (std::size_t first = 0; first < order.size(); first += most_together) {
    const std::size_t count = std::min(most_together, order.size() - first);
    const attack_samples group = subset(samples, std::span(order).subspan(first, count));
    value_climb at_work(problem, view, group, options, first);
    climb(at_work);
    const attack_proposal part = at_work.finish();
    append(all.values, part.values);
    append_samples(all.inputs, part.inputs);
    append(all.predicted, part.predicted);
    append(all.queries, part.queries);
    append(all.gradients, part.gradients);
    if (progress) {
      progress(first + count, order.size());
    }
  }
  return all;
}

}  // namespace backspike
