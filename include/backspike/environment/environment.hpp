#pragma once
// A world that an agent acts in, with the meaning of Gymnasium: reset gives the first observation, step takes an action
// and gives the next one, a reward, and whether the episode has `terminated` (the world is over, nothing follows) or
// was `truncated` (time is up, the world would have gone on).
//
// An environment of your own is a class with three functions over one array of numbers, its state; limits, checks,
// saving and going on come with the base class. docs/adding/environment.md walks through it.

#include <backspike/core/field.hpp>
#include <backspike/core/random.hpp>
#include <backspike/environment/space.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

struct transition {
  double reward = 0.0;
  bool terminated = false, truncated = false;
  bool over() const { return terminated || truncated; }
};

struct environment_plan {
  std::string name;
  space observations;  // a box
  space actions;
  std::size_t states = 0;   // numbers that an episode goes on from, all of them
  std::uint32_t limit = 0;  // [steps] after which an episode is truncated; 0: never
};

class environment {
 public:
  virtual ~environment() = default;
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  const environment_plan& plan() const { return plan_; }
  std::span<const float> observation() const { return observation_; }
  std::uint32_t elapsed() const { return elapsed_; }  // [steps] of this episode
  bool over() const { return over_; }                 // it needs reset()

  /// A new episode; all that is random in it comes from `draws`.
  void reset(random_stream draws);
  void reset(std::uint64_t seed);

  /// Throws what require_in throws for an action, value_error after the end of the episode; after them it is as before.
  transition step(std::span<const double> action);

  /// Between steps: state, elapsed steps, and whether it is over, in this order.
  std::vector<double> save() const;
  /// Throws shape_error.
  void restore(std::span<const double> saved);
  /// An episode that begins in this state. Throws shape_error.
  void start_from(std::span<const double> state);

 protected:
  explicit environment(environment_plan plan);

 private:
  virtual void start(random_stream& draws, std::span<double> state) const = 0;
  /// Reward and `terminated`; the limit is the base's.
  virtual transition advance(std::span<double> state, std::span<const double> action) const = 0;
  virtual void observe(std::span<const double> state, std::span<float> observation) const = 0;
  void look();

  environment_plan plan_;
  std::vector<double> state_;
  std::vector<float> observation_;
  std::uint32_t elapsed_ = 0;
  bool over_ = true;
};

/// What is known of one in the list.
struct environment_info {
  std::string_view name, meaning;
  std::span<const field> settings;
};

std::span<const environment_info> known_environments();
/// A setting that each of them has.
bool is_common(const field& setting);

/// By its name in the list; settings that are absent take their default. Throws value_error for a name or a setting
/// that does not exist, or a value out of its range.
std::unique_ptr<environment> make_environment(std::string_view name,
                                              const std::map<std::string, double>& settings = {});

}  // namespace backspike
