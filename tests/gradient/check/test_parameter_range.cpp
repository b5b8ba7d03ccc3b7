// Parameters outside their range are refused at every way into the library, by name, index, value and range.

#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/gradient/rtrl.hpp>
#include <backspike/gradient/unrolled.hpp>
#include <backspike/online/online_learner.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <limits>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

trial_plan plan() {
  trial_plan p;
  p.network.inputs = 9;
  p.network.layers = {quick_layer("lif", 12, true), quick_layer("leaky_integrator", 3)};
  return p;
}

struct entry {
  const char* name;
  std::function<void(trial&, const arena<float>&, arena<float>&, thread_pool&)> call;
};

/// Everything that takes parameters from outside.
const std::vector<entry> entries{
    {"gradient",
     [](trial& t, const auto& p, auto& g, auto& pool) { engine(t.net, {}, pool).gradient(p, t.batch(), g); }},
    {"evaluate", [](trial& t, const auto& p, auto&, auto& pool) { engine(t.net, {}, pool).evaluate(p, t.batch()); }},
    {"record", [](trial& t, const auto& p, auto&, auto& pool) { engine(t.net, {}, pool).record(p, t.data, 0); }},
    {"health", [](trial& t, const auto& p, auto& g, auto& pool) { engine(t.net, {}, pool).health(p, t.batch(), g); }},
    {"forward", [](trial& t, const auto& p, auto&, auto& pool) { unrolled(t.net, pool).forward(p, t.batch(), true); }},
    {"rtrl", [](trial& t, const auto& p, auto& g, auto& pool) { rtrl_gradient(t.net, {}, p, t.batch(), g, pool); }},
    {"eprop",
     [](trial& t, const auto& p, auto& g, auto& pool) {
       const eprop_feedback feedback(t.net, {}, t.float_parameters());
       eprop_gradient(t.net, {}, p, {}, feedback, t.batch(), g, pool);
     }},
    {"stream",
     [](trial& t, const auto& p, auto&, auto&) {
       objective_spec stepwise;
       stepwise.loss = loss_kind::mean_squared;
       online_learner(t.net, stepwise, p);
     }},
    {"restored stream",
     [](trial& t, const auto& p, auto&, auto&) {
       online_options infers;
       infers.learns = false;
       online_learner learner(t.net, {}, t.float_parameters(), infers);
       auto saved = learner.save();
       for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
         const parameter_info& info = t.net.parameters()[i];
         for (std::size_t k = 0; k < info.size(); ++k) {
           saved[i].values[k] = p.view(i)(k / info.cols, k % info.cols);
         }
       }
       learner.restore(saved);
     }},
    {"weights", [](trial& t, const auto& p, auto&, auto& pool) {
       arena<float> copy = p;
       initialise_weights(t.net, copy, 1, t.data, pool);
     }}};

TEST(ParameterRange, IsRequiredAtEveryWayIn) {
  trial t(plan());
  thread_pool pool(2);
  arena<float> gradient(t.net.parameters());
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  struct wrong {
    const char* parameter;
    float value;
    const char* message;
  };
  for (const entry& e : entries) {
    SCOPED_TRACE(e.name);
    EXPECT_NO_THROW(e.call(t, t.float_parameters(), gradient, pool));
    for (const wrong& w : {wrong{"hidden1.tau_m", -5.0f, "-5 ms"},
                           {"hidden1.tau_m", 0.0f, "0 ms"},
                           {"hidden1.v_th", 2e6f, "2e+06"},
                           {"hidden1.reset_strength", -0.5f, "-0.5"}}) {
      arena<float> p = t.float_parameters();
      p.view(w.parameter)(0, 7) = w.value;
      EXPECT_THAT([&] { e.call(t, p, gradient, pool); },
                  ThrowsMessage<value_error>(AllOf(HasSubstr(std::string(w.parameter) + "[7] = " + w.message),
                                                   HasSubstr("accepted: "), HasSubstr(" to "))));
    }
    for (const float x : {nan, infinity, -infinity}) {
      arena<float> p = t.float_parameters();
      p.view("hidden1.tau_m")(0, 3) = x;
      EXPECT_THROW(e.call(t, p, gradient, pool), numeric_error) << x;
      if (e.name != std::string("weights")) {  // which are drawn anew
        p = t.float_parameters();
        p.view("hidden1.weight")(2, 3) = x;
        EXPECT_THROW(e.call(t, p, gradient, pool), numeric_error) << x;
      }
    }
  }
}

TEST(ParameterRange, NamesTheFirstNumberOutsideOfIt) {
  const trial t(plan());
  arena<float> p = t.float_parameters();
  EXPECT_FALSE(find_out_of_range(p).has_value());
  p.view("readout.weight")(3, 1) = std::numeric_limits<float>::infinity();
  EXPECT_THAT([&] { require_in_range(p); },
              ThrowsMessage<numeric_error>(HasSubstr("readout.weight[3, 1]: inf; accepted: finite numbers")));
  EXPECT_NO_THROW(require_in_range(p, range_scope::bounded)) << "weights have no range";
  p.view("hidden1.tau_m")(0, 11) = 0.001f;
  for (const range_scope scope : {range_scope::all, range_scope::bounded}) {
    EXPECT_THAT([&] { require_in_range(p, scope); },
                ThrowsMessage<value_error>(HasSubstr("hidden1.tau_m[11] = 0.001 ms (accepted: 0.01 to 1e+06 ms)")));
  }
}

/// Both ends, as a float has them, are inside; and what training may reach under a range of its own is that range.
TEST(ParameterRange, ItsEndsAreInside) {
  trial_plan narrow = plan();
  narrow.network.layers[0].parameters["tau_m"].low = 2.1;
  narrow.network.layers[0].parameters["tau_m"].high = 30.7;
  const trial t(narrow);
  arena<float> p = t.float_parameters();
  p.view("hidden1.tau_m")(0, 0) = 2.1f;
  p.view("hidden1.tau_m")(0, 1) = 30.7f;
  EXPECT_NO_THROW(require_in_range(p));
  p.view("hidden1.tau_m")(0, 1) = 30.8f;
  EXPECT_THAT([&] { require_in_range(p); }, ThrowsMessage<value_error>(HasSubstr("2.1 to 30.7 ms")));
}

}  // namespace
}  // namespace backspike::testing
