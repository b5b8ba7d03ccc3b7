#pragma once
// What backpropagation through an episode needs and the three-factor rule does not: every input since its start, the
// actions, and the errors that judged them. It grows with the episode, or up to a horizon.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// An episode, or its last part.
struct taped_episode {
  std::vector<float> inputs;   // [steps][channels] of the frames of its decisions
  std::vector<float> actions;  // [decisions][numbers of an action]
  std::vector<double> errors;  // of temporal difference: of the decisions from `judged` on that are judged by now
  std::size_t decisions = 0;
  std::size_t made = 0, judged = 0;  // at the last update
};

class episode_tape {
 public:
  /// Numbers of a decision: those of its frame's inputs, and those of its action.
  episode_tape(std::size_t inputs, std::size_t actions) : inputs_(inputs), actions_(actions) {}

  void show(std::span<const float> input);      // a step of a frame
  void decide(std::span<const double> action);  // after its frame
  void judge(double error) { now_.errors.push_back(error); }
  void end();
  /// The episode is given up, and the decision that waits never was.
  void abandon();

  /// f(episode) of all since the last update, and of what went on then.
  template <class F>
  void each(const F& f) const {
    for (const taped_episode& e : ended_) {
      f(e);
    }
    if (now_.decisions > 0) {
      f(now_);
    }
  }

  /// After an update: what goes on is kept, of it the decision that waits to be judged and `horizon` before it; 0: all.
  void clear(std::size_t horizon);

  /// f(name, array) for each array of a continuation, right after clear(); adopt() after they came from elsewhere, and
  /// throws shape_error if they are not of whole decisions.
  template <class F>
  void visit(const F& f) {
    f(std::string("tape.inputs"), now_.inputs);
    f(std::string("tape.actions"), now_.actions);
  }
  void adopt();

 private:
  std::vector<taped_episode> ended_;
  taped_episode now_;
  std::size_t inputs_, actions_;
};

}  // namespace backspike
