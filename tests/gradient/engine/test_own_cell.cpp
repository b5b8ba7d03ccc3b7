// A cell of a user's own program: a struct in this file, made known by one call. It passes the harness that the
// library's own cells pass.

#include "gradient/engine_and_dense.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/cell/register_cell.hpp>
#include <backspike/core/error.hpp>

#include <gmock/gmock.h>

#include <array>

namespace {

using backspike::constant;
using backspike::field;

/// A neuron that the library does not have: a leak that grows with the membrane, and a trace of its own spikes that
/// inhibits it.
struct saturating {
  static constexpr std::string_view name = "saturating";
  static constexpr std::string_view meaning = "a membrane with a quadratic leak and a trace of its spikes";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 2> states{"trace", "v"};
  static constexpr std::array fields{field{"tau_m", "ms", 10.0, 0.1, 1e3, "membrane time constant"},
                                     field{"tau_a", "ms", 10.0, 0.1, 1e3, "time constant of the trace"},
                                     field{"bend", "", 0.1, 0.0, 10.0, "how much faster a full membrane leaks"},
                                     field{"v_th", "", 1.0, 1e-3, 1e3, "threshold"},
                                     field{"v_reset", "", 0.0, -1e3, 1e3, "membrane after a spike"},
                                     field{"reset_strength", "", 1.0, 0.0, 10.0, "share of v_th that is subtracted"}};

  template <class S>
  struct state {
    S trace, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_a, bend, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay, decay_trace, bend, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    return {
        exp(constant<S>(-dt) / p.tau_m), exp(constant<S>(-dt) / p.tau_a), p.bend, p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    const S leak = c.decay / (constant<S>(1.0) + c.bend * x.v * x.v);
    x.v = leak * x.v - constant<S>(0.1) * x.trace + current;
    const S s = spike(x.v - c.v_th);
    x.trace = c.decay_trace * x.trace + s;
    x.v = backspike::apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace

namespace backspike::testing {
namespace {

class OwnCell : public ::testing::Test {
 protected:
  const cell_info& cell_ = register_cell<saturating>();
};

static_assert(detail::takes_plain_constants<saturating, double, dual<double, 3>>, "as docs/adding/cell.md teaches");

TEST_F(OwnCell, IsFoundByItsNameAndIsNoneOfTheLibrarys) {
  EXPECT_EQ(&find_cell("saturating"), &cell_);
  EXPECT_EQ(&register_cell<saturating>(), &cell_);
  for (const cell_info& known : known_cells()) {
    EXPECT_NE(known.name, "saturating");
  }
  EXPECT_THAT([] { find_cell("saturatin"); },
              ::testing::ThrowsMessage<value_error>(::testing::HasSubstr("saturating")));
}

TEST_F(OwnCell, PassesTheFiniteDifferenceHarness) {
  for (const surrogate_kind surrogate : all_of<surrogate_kind>()) {
    for (const reset_kind reset : all_of<reset_kind>()) {
      for (const bool recurrent : {false, true}) {
        SCOPED_TRACE(std::string(name_of(surrogate)) + ", " + std::string(name_of(reset)));
        trial_plan plan = plan_for(cell_, surrogate);
        plan.network.layers[0].reset = reset;
        plan.network.layers[0].recurrent = recurrent;
        check_every_parameter(plan);
      }
    }
  }
}

TEST_F(OwnCell, RunsInTheEngineAsInTheDensePath) {
  for (const surrogate_kind surrogate : all_of<surrogate_kind>()) {
    for (const std::uint32_t size : {5u, 16u, 40u}) {
      SCOPED_TRACE(std::string(name_of(surrogate)) + ", size " + std::to_string(size));
      trial_plan plan = plan_for(cell_);
      plan.network.inputs = 20;
      plan.network.layers[0].size = size;
      plan.network.layers[0].recurrent = true;
      plan.network.layers[0].surrogate.kind = surrogate;
      plan.lengths = {40, 37, 50};
      plan.gain = 3.0;
      for (const double refractory : {0.0, 2.0}) {
        plan.network.layers[0].refractory = refractory;
        trial t(plan);
        expect_engine_equals_dense(t);
      }
    }
  }
}

}  // namespace
}  // namespace backspike::testing
