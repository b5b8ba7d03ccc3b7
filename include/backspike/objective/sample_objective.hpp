#pragma once
// The objective of one output and sample: a main loss and others added to it, each with its weight. It is read range by
// range, so that no more of the readout has to be kept than a range; losses on the timing of spikes keep what they
// need. The weights of samples and classes are here, so that no loss and no learning rule has to know them: but for a
// loss on the labels of steps, whose weights are those of each step.

#include <backspike/objective/losses.hpp>

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace backspike {

template <class S>
class sample_objective {
 public:
  /// `spec` outlives the sample.
  void begin(const output_objective& spec, sample_target target, std::size_t steps, std::size_t outputs) {
    target.class_weights = spec.class_weights.values;
    terms_.resize(1 + spec.terms.size());
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const loss_spec& term = i == 0 ? spec : spec.terms[i - 1];
      terms_[i].weight = term.weight * target.weight * label_weight(term.loss, target);
      choose_loss(terms_[i].loss, term);
      std::visit([&](auto& loss) { loss.begin(term, target, steps, outputs); }, terms_[i].loss);
    }
  }

  /// Rows [first, first + y.steps) of the readout. Ranges come in order, each once. reach: the first step that the
  /// input reaches of each output, as far as the spikes of these steps tell (output_reach::first); needed where
  /// asks_for_reach(spec).
  void read(std::size_t first, trace_view<const S> y, std::span<const std::size_t> reach) {
    for_each_loss([&](auto& loss, double) {
      for (std::size_t i = 0; i < y.steps; ++i) {
        if constexpr (requires { loss.read(first, y.row(i), reach); }) {
          loss.read(first + i, y.row(i), reach);
        } else {
          loss.read(first + i, y.row(i));
        }
      }
    });
  }

  /// After the last range: the loss of the sample. Predictions are those of the main loss.
  sample_loss<S> finish() {
    sample_loss<S> result{constant<S>(0.0)};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const sample_loss<S> part = std::visit([](auto& loss) { return loss.finish(); }, terms_[i].loss);
      const S value = result.value + constant<S>(terms_[i].weight) * part.value;
      result = i == 0 ? part : result;
      result.value = value;
    }
    return result;
  }

  /// weight * dL/dy for a range, given its readout again. A stepwise objective knows it before finish().
  void error(std::size_t first, trace_view<const S> y, double weight, trace_view<S> error) {
    for (std::size_t i = 0; i < y.steps; ++i) {
      std::fill_n(error.row(i), y.classes, constant<S>(0.0));
    }
    add_error(first, y, weight, error);
  }
  /// The same on top of what is there.
  void add_error(std::size_t first, trace_view<const S> y, double weight, trace_view<S> error) {
    for_each_loss([&](auto& loss, double factor) {
      for (std::size_t i = 0; i < y.steps; ++i) {
        loss.error(first + i, y.row(i), weight * factor, error.row(i));
      }
    });
  }

  /// Those of the main loss.
  const std::vector<S>& scores() const {
    return std::visit([](const auto& loss) -> const std::vector<S>& { return loss.scores(); }, terms_.front().loss);
  }
  const std::vector<std::uint32_t>& confusion() const {
    return std::visit([](const auto& loss) -> const std::vector<std::uint32_t>& { return loss.confusion(); },
                      terms_.front().loss);
  }

 private:
  struct weighted_loss {
    double weight = 1.0;  // of the term, the sample and its class
    any_loss<S> loss;
  };

  /// Of the sample's class, where a loss reads that and not the labels of steps.
  static double label_weight(loss_kind loss, const sample_target& target) {
    const loss_info& info = info_of(loss);
    return info.target == target_kind::classes && !info.labels_of_steps ? target.class_weight(target.label) : 1.0;
  }

  /// Calls f(loss, its weight); the kind is decided once a range.
  template <class F>
  void for_each_loss(const F& f) {
    for (weighted_loss& t : terms_) {
      std::visit([&](auto& loss) { f(loss, t.weight); }, t.loss);
    }
  }

  std::vector<weighted_loss> terms_{1};
};

/// What a loss asks for to keep of the readout of a sample until it is over.
template <class S>
void plan_loss(memory_plan& m, const loss_spec& spec, std::size_t steps, std::size_t outputs) {
  any_loss<S> any;
  choose_loss(any, spec);
  std::visit(
      [&](auto& loss) {
        if constexpr (requires { loss.plan(m, steps, outputs); }) {
          loss.plan(m, steps, outputs);
        }
      },
      any);
}

}  // namespace backspike
