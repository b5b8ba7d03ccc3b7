// The attack `reach`: through an encoder a value moves a spike by whole steps, or not at all, and the slope at the
// value knows only of the nearest. So for every value all events that it can make within the budget are held against
// the error on the input, and the values that gain most go to their best place. More values at once while that leads
// up; else back to the best place, and fewer.

#include <backspike/core/error.hpp>

#include "robustness/attack/attack_list.hpp"
#include "robustness/values/climbs.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

constexpr std::size_t levels = 512;          // places between 0 and 1 that are tried
constexpr double fewer = 0.5, least = 0.01;  // share of the values that move

/// What the encoder makes of one value at each level; a level that makes what the one below it makes is that one's.
class level_table {
 public:
  explicit level_table(const encoder_spec& spec) {
    const value_encoder encoder(spec, 1, 1, 1);
    channels_ = encoder.channels();
    ragged_events all;
    for (std::size_t k = 0; k <= levels; ++k) {
      const float value = value_of(k);
      encoder.append(std::span(&value, 1), 0, all);
    }
    steps_ = encoder.steps();
    events_ = std::move(all.spikes);
  }

  static float value_of(std::size_t level) { return static_cast<float>(level) / static_cast<float>(levels); }
  static std::size_t level_of(float value) {
    return static_cast<std::size_t>(
        std::clamp(std::lround(value * static_cast<float>(levels)), 0L, static_cast<long>(levels)));
  }

  /// The error on what the level makes, of value number v of `values`; error [steps][values * channels].
  double sum(std::size_t level, std::size_t v, std::size_t values, std::span<const float> error) const {
    double total = 0.0;
    for (std::size_t t = 0; t < steps_; ++t) {
      const event_row row = events_.row(level * steps_ + t);
      for (std::size_t k = 0; k < row.channels.size(); ++k) {
        const double amplitude = row.values.empty() ? 1.0 : static_cast<double>(row.values[k]);
        total += amplitude * static_cast<double>(error[t * values * channels_ + v * channels_ + row.channels[k]]);
      }
    }
    return total;
  }
  /// Whether the level makes the same as the one before it.
  bool repeats(std::size_t level) const {
    for (std::size_t t = 0; t < steps_ && level > 0; ++t) {
      const event_row a = events_.row(level * steps_ + t), b = events_.row((level - 1) * steps_ + t);
      if (!std::ranges::equal(a.channels, b.channels) || !std::ranges::equal(a.values, b.values)) {
        return false;
      }
    }
    return level > 0;
  }

 private:
  std::size_t channels_ = 0, steps_ = 0;
  events events_;  // [levels + 1][steps]
};

struct move {
  std::size_t value = 0;
  float to = 0.0f;
  double gain = 0.0;
};

class reaching {
 public:
  reaching(value_climb& climb, const attack_options& options, const level_table& table, double up)
      : climb_(climb), options_(options), table_(table), up_(up) {
    for (std::size_t k = 0; k <= levels; ++k) {
      repeats_.push_back(table.repeats(k));
    }
  }

  void run(std::uint32_t restart) {
    climb_.start_again(restart);
    for (std::uint32_t step = 0; step < options_.steps; ++step) {
      climb_.look(true);
      for (const std::uint32_t s : climb_.active()) {
        advance(s, step);
      }
    }
    climb_.look(false);
  }

 private:
  struct climber {
    double share = 1.0, best_height = 0.0;
    std::vector<float> best{};
    std::vector<move> moves{};  // from there, the best first
  };

  void advance(std::uint32_t s, std::uint32_t step) {
    if (s >= climbers_.size()) {
      climbers_.resize(s + 1);
    }
    climber& c = climbers_[s];
    if (step == 0 || climb_.height(s) > c.best_height) {
      c.share = step == 0 ? 1.0 : c.share;
      c.best_height = climb_.height(s);
      c.best.assign(climb_.now(s).begin(), climb_.now(s).end());
      c.moves = moves_from(s);
    } else {
      c.share = c.share * fewer < least ? 1.0 : c.share * fewer;
    }
    std::ranges::copy(c.best, climb_.now(s).begin());
    const auto count = static_cast<std::size_t>(std::ceil(c.share * static_cast<double>(c.moves.size())));
    for (const move& m : std::span(c.moves).first(count)) {
      climb_.now(s)[m.value] = m.to;
    }
    project(options_.norm, options_.budget, climb_.range(), climb_.start(s), climb_.now(s));
  }

  /// Those that promise a gain.
  std::vector<move> moves_from(std::uint32_t s) {
    const std::span<const float> error = climb_.error_input(s), start = climb_.start(s);
    const std::span<const float> now = climb_.now(s);
    std::vector<move> moves;
    for (std::size_t v = 0; v < now.size(); ++v) {
      const double here = up_ * table_.sum(level_table::level_of(now[v]), v, now.size(), error);
      const auto low = static_cast<double>(start[v]) - options_.budget,
                 high = static_cast<double>(start[v]) + options_.budget;
      const auto first = static_cast<std::size_t>(std::ceil(std::max(low, 0.0) * levels));
      const auto last = static_cast<std::size_t>(std::floor(std::min(high, 1.0) * levels));
      move best{v, now[v], 0.0};
      for (std::size_t level = first; level <= last; ++level) {
        if (level > first && repeats_[level]) {
          continue;
        }
        const double gain = up_ * table_.sum(level, v, now.size(), error) - here;
        if (gain > best.gain) {
          best = {v, level_table::value_of(level), gain};
        }
      }
      if (best.gain > 0.0) {
        moves.push_back(best);
      }
    }
    std::ranges::stable_sort(moves, [](const move& a, const move& b) { return a.gain > b.gain; });
    return moves;
  }

  value_climb& climb_;
  const attack_options& options_;
  const level_table& table_;
  double up_;
  std::vector<bool> repeats_;
  std::vector<climber> climbers_;  // [samples]
};

attack_proposal climb_by_reach(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                               const attack_progress& progress) {
  if (!samples.values || samples.values->encoder.kind == encoder_kind::delta ||
      samples.values->encoder.kind == encoder_kind::poisson) {
    throw value_error("attack", "attack", "reach",
                      "pgd or apgd: reach is for encoders that make the same events of a value every time, and of each "
                      "value apart (latency, current, population)");
  }
  if (o.norm != attack_norm::linf) {
    throw value_error("attack", "norm", std::string(name_of(o.norm)), "linf for the attack reach");
  }
  const level_table table(samples.values->encoder);
  return climb_in_groups(p, samples, o, progress, [&](value_climb& c) {
    reaching at_work(c, o, table, o.target ? -1.0 : 1.0);
    for (std::uint32_t restart = 0; restart < o.restarts; ++restart) {
      at_work.run(restart);
    }
  });
}

}  // namespace

attack_info reach_entry() {
  return {.name = "reach",
          .space = attack_space::values,
          .role = attack_role::iterated,
          .meaning = "every value to the place in its budget whose events raise the loss most",
          .run = climb_by_reach};
}

}  // namespace backspike
