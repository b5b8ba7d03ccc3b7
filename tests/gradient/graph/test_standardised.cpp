// Networks whose convolutions keep the norm of each channel: how they start, their gradient against differences of the
// free weights, and every rule that trains them.

#include "gradient/check_gradient.hpp"
#include "gradient/trial.hpp"
#include "optimise/standardise.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/online/online_learner.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gmock/gmock.h>

namespace backspike::testing {
namespace {

layer_spec standardised(const std::string& kind, const connection_settings& settings) {
  layer_spec layer = quick_layer("lif", kind == "dense" ? 6 : 0, false);
  layer.kind = kind;
  layer.settings = settings;
  layer.bias = true;
  layer.surrogate = {surrogate_kind::arctangent, 0.6, 1.1};
  layer.detach_reset = false;
  layer.transform = weight_transform::standardise;
  return layer;
}

trial_plan plan_of() {
  trial_plan plan;
  plan.network.input_shape = {2, 5, 4};
  plan.network.inputs = 40;
  plan.network.layers = {standardised("conv2d", {{"channels", 3.0}, {"padding", 1.0}}),
                         standardised("conv2d", {{"channels", 4.0}, {"kernel", 2.0}, {"groups", 1.0}}),
                         standardised("dense", {}), quick_layer("leaky_integrator", 3, false)};
  plan.objective = objective_of(loss_kind::cross_entropy, readout_kind::mean, 0.5, 0.0, 0.0);
  plan.lengths = {5, 6};
  plan.rate = 0.4;
  return plan;
}

struct column_facts {
  double mean = 0.0, norm = 0.0;
};

template <class S>
column_facts facts_of(const matrix_view<S>& w, std::size_t column) {
  column_facts f;
  for (std::size_t r = 0; r < w.rows; ++r) {
    f.mean += static_cast<double>(w(r, column)) / static_cast<double>(w.rows);
  }
  for (std::size_t r = 0; r < w.rows; ++r) {
    f.norm += std::pow(static_cast<double>(w(r, column)) - f.mean, 2);
  }
  f.norm = std::sqrt(f.norm);
  return f;
}

/// The weights that free numbers stand for, every column with its norm; the rest as it is.
arena<double> weights_of(const arena<double>& free, const std::vector<std::vector<double>>& norms) {
  arena<double> all = free;
  for (std::size_t k = 0; k < all.layout().size(); ++k) {
    const auto w = all.view(k);
    for (std::size_t c = 0; c < w.cols && all.layout()[k].standardised; ++c) {
      const column_facts f = facts_of(w, c);
      for (std::size_t r = 0; r < w.rows; ++r) {
        w(r, c) = (w(r, c) - f.mean) * norms[k][c] / f.norm;
      }
    }
  }
  return all;
}

/// The norm of every column of every parameter.
std::vector<std::vector<double>> norms_of(const arena<double>& parameters) {
  std::vector<std::vector<double>> norms(parameters.layout().size());
  for (std::size_t k = 0; k < norms.size(); ++k) {
    for (std::size_t c = 0; c < parameters.view(k).cols; ++c) {
      norms[k].push_back(facts_of(parameters.view(k), c).norm);
    }
  }
  return norms;
}

/// Through the whole network on the smooth relaxation: dL/dv of the free numbers v.
TEST(Standardised, TheGradientOfTheFreeWeightsEqualsDifferences) {
  trial t(plan_of());
  const auto norms = norms_of(t.parameters);
  const arena<double> start = weights_of(t.parameters, norms);
  const auto loss_at = [&](const arena<double>& free) {
    return dense_gradient<double>(t.net, t.objective, weights_of(free, norms), t.batch(), spike_mode::smooth, nullptr)
               .loss /
           static_cast<double>(t.samples.size());
  };
  arena<double> whole(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, start, t.batch(), spike_mode::smooth, &whole);
  arena<float> weights(t.net.parameters()), gradient(t.net.parameters());
  for (std::size_t i = 0; i < whole.values().size(); ++i) {
    weights.values()[i] = static_cast<float>(start.values()[i]);
    gradient.values()[i] = static_cast<float>(whole.values()[i]);
  }
  thread_pool pool(2);
  std::size_t compared = 0;
  for (std::size_t k = 0; k < t.net.parameters().size(); ++k) {
    const parameter_info& p = t.net.parameters()[k];
    if (!p.standardised) {
      continue;
    }
    project_gradient(p, weights.values().data() + p.offset, gradient.values().data() + p.offset, pool);
    std::vector<double> x, found;
    std::vector<std::size_t> at;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < p.size(); i += 3) {  // a third of them
      at.push_back(p.offset + i / p.cols * p.stride + i % p.cols);
      x.push_back(start.values()[at.back()]);
      found.push_back(static_cast<double>(gradient.values()[at.back()]));
      names.push_back(p.name + " " + std::to_string(i));
    }
    const auto f = [&](std::span<const double> moved) {
      arena<double> free = start;
      for (std::size_t i = 0; i < at.size(); ++i) {
        free.values()[at[i]] = moved[i];
      }
      return loss_at(free);
    };
    gradient_tolerances tolerances;
    tolerances.relative = 1e-5;  // the projection of single precision
    tolerances.absolute = 1e-7;
    tolerances.share = 0.2;
    check_gradient(f, x, found, names, tolerances);
    compared += x.size();
  }
  EXPECT_GT(compared, 50U);
}

TEST(Standardised, EveryChannelStartsWithOneNormAndAMeanOfZero) {
  const trial t(plan_of());
  thread_pool pool(1);
  arena<float> parameters(t.net.parameters());
  initialise(t.net, parameters, 5, t.data, pool);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto w = parameters.view(t.net.connections()[k].weight);
    const double norm = facts_of(w, 0).norm;
    EXPECT_GT(norm, 0.1);
    for (std::size_t c = 0; c < w.cols; ++c) {
      EXPECT_NEAR(facts_of(w, c).mean, 0.0, 1e-6);
      EXPECT_NEAR(facts_of(w, c).norm, norm, 1e-5 * norm);
    }
  }
}

TEST(Standardised, EveryRuleTrainsThem) {
  for (const rule_kind kind : all_of<rule_kind>()) {
    SCOPED_TRACE(std::string(name_of(kind)));
    const trial t(plan_of());
    rule_spec rule;
    rule.kind = kind;
    thread_pool pool(2);
    arena<float> parameters(t.net.parameters()), gradient(t.net.parameters());
    initialise(t.net, parameters, 5, t.data, pool);
    const arena<float> start = parameters;
    learning_rule learns(t.net, t.objective, pool, rule, 1);
    learns.start(parameters, 0);
    optimiser steps({}, t.net.parameters());
    for (std::size_t step = 0; step < 3; ++step) {
      learns.gradient(parameters, t.batch(), gradient);
      steps.step(parameters, gradient, 0.01, pool);
      learns.updated();
    }
    for (std::size_t k = 0; k < 3; ++k) {
      const std::size_t weight = t.net.connections()[k].weight;
      double moved = 0.0;
      for (std::size_t c = 0; c < parameters.view(weight).cols; ++c) {
        const double before = facts_of(start.view(weight), c).norm;
        EXPECT_NEAR(facts_of(parameters.view(weight), c).norm, before, 1e-5 * before);
        EXPECT_NEAR(facts_of(parameters.view(weight), c).mean, 0.0, 1e-6);
        moved += std::fabs(static_cast<double>(parameters.view(weight)(0, c) - start.view(weight)(0, c)));
      }
      EXPECT_GT(moved, 1e-4) << k;
    }
  }
}

TEST(Standardised, AStreamThatLearnsRefusesThem) {
  trial_plan plan = plan_of();
  plan.objective.loss = loss_kind::step_cross_entropy;
  const trial t(plan);
  online_options options;
  const auto parameters = t.float_parameters();
  try {
    online_learner stream(t.net, t.objective, parameters, options);
    FAIL() << "was accepted";
  } catch (const value_error& e) {
    EXPECT_EQ(e.argument, "weight_transform of hidden1.weight");
  }
  options.learns = false;
  online_learner(t.net, {}, parameters, options);
}

}  // namespace
}  // namespace backspike::testing
