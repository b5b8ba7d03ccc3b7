// Planning: names, where every parameter lies, connections and blocks; and every refusal with the text it promises.

#include "network/growth.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/core/error.hpp>
#include <backspike/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

layer_spec layer(const std::string& cell, std::uint32_t size) {
  layer_spec l;
  l.cell = cell;
  l.size = size;
  return l;
}

/// 10 inputs, 20 LIF, 17 CUBA-LIF that are recurrent and biased, a readout of 3.
network_spec example() {
  network_spec spec;
  spec.inputs = 10;
  spec.dt = 0.5;
  spec.layers = {layer("lif", 20), layer("cuba_lif", 17), layer("leaky_integrator", 3)};
  spec.layers[1].recurrent = true;
  spec.layers[1].bias = true;
  spec.layers[1].parameters["tau_m"] = {15.0, true, parameter_sharing::neuron};
  spec.layers[1].parameters["v_th"] = {0.7, true, parameter_sharing::layer};
  return spec;
}

std::vector<std::string> parameter_names(const network& net) {
  std::vector<std::string> names;
  for (const parameter_info& p : net.parameters().entries()) {
    names.push_back(p.name);
  }
  return names;
}

TEST(Network, LayersWithoutANameAreHiddenOnesAndTheReadout) {
  const network net(example());
  EXPECT_EQ(net.spec().layers[0].name, "hidden1");
  EXPECT_EQ(net.spec().layers[1].name, "hidden2");
  EXPECT_EQ(net.spec().layers[2].name, "readout");
  network_spec named = example();
  named.layers[1].name = "cortex";
  EXPECT_EQ(network(named).populations()[1].spec.name, "cortex");
  EXPECT_EQ(network(named).populations()[2].spec.name, "readout");
  named.layers.resize(1);
  EXPECT_EQ(network(named).populations()[0].spec.name, "readout");
}

TEST(Network, ParametersInOrderOfLayers) {
  EXPECT_THAT(
      parameter_names(network(example())),
      ElementsAre("hidden1.weight", "hidden1.tau_m", "hidden1.v_th", "hidden1.v_reset", "hidden1.reset_strength",
                  "hidden2.weight", "hidden2.bias", "hidden2.recurrent.weight", "hidden2.tau_m", "hidden2.tau_syn",
                  "hidden2.v_th", "hidden2.v_reset", "hidden2.reset_strength", "readout.weight", "readout.tau_m"));
}

TEST(Network, ParametersHaveShapeUnitRangeAndWhetherTheyAreLearned) {
  const network net(example());
  const auto info = [&](const char* name) { return net.parameters()[net.parameters().find(name)]; };
  EXPECT_EQ(info("hidden1.weight").extents, (shape{{10, 20}}));
  EXPECT_EQ(info("hidden2.recurrent.weight").extents, (shape{{17, 17}}));
  EXPECT_EQ(info("hidden2.bias").extents, (shape{{17}}));
  EXPECT_TRUE(info("hidden2.bias").learnable);
  EXPECT_EQ(info("hidden2.tau_m").extents, (shape{{17}}));
  EXPECT_TRUE(info("hidden2.tau_m").learnable);
  EXPECT_EQ(info("hidden2.tau_m").unit, "ms");
  EXPECT_EQ(info("hidden2.tau_m").low, 0.01);
  EXPECT_EQ(info("hidden2.tau_m").high, 1e6);
  EXPECT_EQ(info("hidden2.v_th").extents, (shape{{1}}));
  EXPECT_TRUE(info("hidden2.v_th").learnable);
  EXPECT_FALSE(info("hidden2.tau_syn").learnable);
  EXPECT_EQ(info("readout.weight").extents, (shape{{17, 3}}));
}

TEST(Network, PopulationsKnowTheirCellsWidthsAndParameters) {
  const network net(example());
  const population& p = net.populations()[1];
  EXPECT_EQ(p.cell->name, "cuba_lif");
  EXPECT_EQ(p.units, 17u);
  EXPECT_EQ(p.padded_units, 32u);
  EXPECT_TRUE(p.learns_constants);
  EXPECT_FALSE(net.populations()[0].learns_constants);
  EXPECT_EQ(net.outputs(), 3u);
  ASSERT_EQ(p.parameters.size(), p.cell->parameters.size());
  for (std::size_t k = 0; k < p.parameters.size(); ++k) {
    EXPECT_EQ(net.parameters()[p.parameters[k]].name, "hidden2." + std::string(p.cell->parameters[k].name));
  }
  EXPECT_EQ(p.spec.parameters.at("v_th").value, 0.7);
  EXPECT_EQ(p.spec.parameters.at("tau_syn").value, 5.0);  // the field's default
}

TEST(Network, ConnectionsFollowTheLayersAndRecurrentOnesAreLate) {
  const network net(example());
  const auto c = net.connections();
  ASSERT_EQ(c.size(), 4u);
  EXPECT_EQ(c[0].source, network_input);
  EXPECT_EQ(c[0].source_units, 10u);
  EXPECT_EQ(net.populations()[0].bias, no_parameter);
  EXPECT_EQ(c[1].source, 0u);
  EXPECT_EQ(c[1].target, 1u);
  EXPECT_EQ(c[1].base_delay, 0u);
  EXPECT_EQ(net.parameters()[net.populations()[1].bias].name, "hidden2.bias");
  EXPECT_EQ(c[2].source, 1u);
  EXPECT_EQ(c[2].target, 1u);
  EXPECT_EQ(c[2].source_units, 17u);
  EXPECT_EQ(c[2].base_delay, 1u);
  EXPECT_EQ(net.parameters()[c[2].weight].name, "hidden2.recurrent.weight");
  EXPECT_EQ(c[3].source, 1u);
  EXPECT_EQ(c[3].target, 2u);
}

TEST(Network, OneBlockAPopulationRecurrentWhereItLoops) {
  const network net(example());
  ASSERT_EQ(net.components().size(), 3u);
  for (std::size_t b = 0; b < 3; ++b) {
    EXPECT_THAT(net.components()[b].populations, ElementsAre(b));
    EXPECT_EQ(net.components()[b].recurrent, b == 1);
  }
}

TEST(Network, KeepsItsSpecification) {
  network_spec named = example();
  named.layers[0].name = "a";
  named.layers[1].name = "b";
  named.layers[2].name = "c";
  EXPECT_EQ(network(named).spec(), named);
}

TEST(Network, ParametersAreSharedByTheLayerByAChannelOrNotAtAll) {
  network_spec spec = example();
  spec.layers[0].channels = 5;
  spec.layers[0].parameters["tau_m"] = {15.0, true, parameter_sharing::channel};
  spec.layers[0].parameters["v_th"] = {0.7, true, parameter_sharing::neuron};
  spec.layers[1].parameters["tau_syn"] = {4.0, true, parameter_sharing::channel};  // no channels: each neuron is one
  const network net(spec);
  const population& first = net.populations()[0];
  EXPECT_THAT(first.columns, ElementsAre(5, 20, 1, 1));
  EXPECT_EQ(net.parameters()[first.parameters[0]].extents, (shape{{5}}));
  for (std::size_t n = 0; n < 20; ++n) {
    EXPECT_EQ(first.column_of(0, n), n / 4);
    EXPECT_EQ(first.column_of(1, n), n);
    EXPECT_EQ(first.column_of(2, n), 0u);
  }
  EXPECT_EQ(net.parameters()[net.parameters().find("hidden2.tau_syn")].cols, 17u);
}

TEST(Network, ARangeAndATransformReachTheLayout) {
  network_spec spec = example();
  cell_parameter_spec tau{12.0, true};
  tau.low = 5.0;
  tau.transform = parameter_transform::sigmoid;
  tau.high = 30.0;
  spec.layers[0].parameters["tau_m"] = tau;
  spec.layers[0].parameters["v_th"].value = 0.5;  // no range of its own: the field's
  const network net(spec);
  const auto& info = net.parameters()[net.parameters().find("hidden1.tau_m")];
  EXPECT_EQ(info.low, 5.0);
  EXPECT_EQ(info.high, 30.0);
  EXPECT_EQ(info.transform, parameter_transform::sigmoid);
  const auto& threshold = net.parameters()[net.parameters().find("hidden1.v_th")];
  EXPECT_EQ(threshold.low, 1e-6);
  EXPECT_EQ(threshold.high, 1e6);
  EXPECT_EQ(threshold.transform, parameter_transform::clamp);
}

struct refusal {
  std::string what;
  std::function<void(network_spec&)> spoil;
  std::vector<std::string> words;
};

class NetworkRefusal : public ::testing::TestWithParam<refusal> {};

TEST_P(NetworkRefusal, SaysWhatItSawAndWhatItAccepts) {
  network_spec spec = example();
  GetParam().spoil(spec);
  for (const std::string& word : GetParam().words) {
    EXPECT_THAT([&] { network net(spec); }, ThrowsMessage<value_error>(HasSubstr(word)));
  }
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A learned time constant for each neuron, changed by f.
template <class F>
cell_parameter_spec tau_with(const F& f) {
  cell_parameter_spec spec{20.0, true, parameter_sharing::neuron};
  f(spec);
  return spec;
}

const std::vector<refusal> refusals{
    {"NoInputs", [](network_spec& s) { s.inputs = 0; }, {"inputs = 0", "at least 1 input channel"}},
    {"NoStep", [](network_spec& s) { s.dt = 0.0; }, {"dt = 0", "ms", "a positive step"}},
    {"NegativeStep", [](network_spec& s) { s.dt = -1.0; }, {"dt = -1 ms", "a positive step"}},
    {"StepNotANumber", [](network_spec& s) { s.dt = nan; }, {"dt = nan", "a positive step"}},
    {"NoLayers", [](network_spec& s) { s.layers.clear(); }, {"layers = none", "at least one layer"}},
    {"NoNeurons", [](network_spec& s) { s.layers[1].size = 0; }, {"hidden2.size = 0", "at least 1 neuron"}},
    {"UnknownCell",
     [](network_spec& s) { s.layers[0].cell = "izhikevich"; },
     {"cell = izhikevich",
      "lif, cuba_lif, if, alif, adlif, resonate_and_fire, adex, multisynapse_lif, conductance_lif, "
      "leaky_integrator"}},
    {"UnknownParameter",
     [](network_spec& s) { s.layers[0].parameters["tau_syn"] = {3.0}; },
     {"hidden1.tau_syn", "a parameter of the cell lif"}},
    {"EndlessStep",
     [](network_spec& s) { s.dt = std::numeric_limits<double>::infinity(); },
     {"dt = inf", "1e-06 to 1e+06 ms"}},
    {"StepTooSmall", [](network_spec& s) { s.dt = 1e-9; }, {"dt = 1e-09 ms", "1e-06 to 1e+06 ms"}},
    {"SurrogateWithoutWidth",
     [](network_spec& s) { s.layers[0].surrogate.width = 0.0; },
     {"hidden1.surrogate.width = 0", "1e-06 to 1e+06"}},
    {"SurrogateWidthNotANumber",
     [](network_spec& s) { s.layers[0].surrogate.width = nan; },
     {"hidden1.surrogate.width = nan"}},
    {"SurrogateHeight",
     [](network_spec& s) { s.layers[1].surrogate.height = -1.0; },
     {"hidden2.surrogate.height = -1", "1e-06 to 1e+06"}},
    {"InitSigma", [](network_spec& s) { s.layers[1].init_sigma = nan; }, {"hidden2.init_sigma = nan", "0 to 1000"}},
    {"DropoutOfAll", [](network_spec& s) { s.layers[0].dropout = 1.0; }, {"hidden1.dropout = 1", "0 to 1 exclusive"}},
    {"DropoutBelowNone", [](network_spec& s) { s.layers[0].dropout = -0.1; }, {"hidden1.dropout = -0.1", "0 to 1"}},
    {"DropoutNotANumber", [](network_spec& s) { s.layers[0].dropout = nan; }, {"hidden1.dropout = nan", "0 to 1"}},
    {"DropoutOfNothing",
     [](network_spec& s) { s.layers.back().dropout = 0.5; },
     {"readout.dropout = 0.5", "0: no connection leads from this layer"}},
    {"NegativeNoise", [](network_spec& s) { s.layers[1].noise = -1.0; }, {"hidden2.noise = -1", "0 to 1e+06"}},
    {"EndlessNoise",
     [](network_spec& s) { s.layers[1].noise = std::numeric_limits<double>::infinity(); },
     {"hidden2.noise = inf", "0 to 1e+06"}},
    {"MembraneThatGrowsByItself",
     [](network_spec& s) {
       s.layers[0].cell = "adlif";
       s.layers[0].parameters.clear();
       s.dt = 100.0;
     },
     {"hidden1.cell = adlif with tau_m = 15, tau_w = 100, a = 20", "in steps of 100 ms it grows 12."}},
    {"SameNameTwice",
     [](network_spec& s) { s.layers[0].name = s.layers[1].name = "twin"; },
     {"name of layer 1 = twin", "a name of its own"}},
    {"TimeConstantZero",
     [](network_spec& s) { s.layers[0].parameters["tau_m"] = {0.0}; },
     {"hidden1.tau_m = 0 ms", "0.01 to 1e+06"}},
    {"ThresholdNotANumber", [](network_spec& s) { s.layers[1].parameters["v_th"] = {nan}; }, {"hidden2.v_th = nan"}},
    {"ChannelsThatDoNotDivide",
     [](network_spec& s) { s.layers[0].channels = 3; },
     {"hidden1.channels = 3", "a divisor of its 20 neurons"}},
    {"RangeWiderThanTheFields",
     [](network_spec& s) { s.layers[0].parameters["tau_m"] = tau_with([](auto& p) { p.low = 0.001; }); },
     {"hidden1.tau_m.low = 0.001 ms", "0.01 to 1e+06"}},
    {"EmptyRange",
     [](network_spec& s) { s.layers[0].parameters["tau_m"] = tau_with([](auto& p) { p.low = p.high = 20.0; }); },
     {"hidden1.tau_m.high = 20 ms", "above low, 20"}},
    {"ValueOutsideItsRange",
     [](network_spec& s) { s.layers[0].parameters["tau_m"] = tau_with([](auto& p) { p.high = 15.0; }); },
     {"hidden1.tau_m = 20 ms", "0.01 to 15"}},
    {"ValueAtTheEndOfATransform",
     [](network_spec& s) {
       s.layers[0].parameters["tau_m"] = tau_with([](auto& p) {
         p.low = 20.0;
         p.transform = parameter_transform::exp;
       });
     },
     {"hidden1.tau_m = 20 ms", "20 to 1e+06, without the ends"}},
    {"DistributionOfOneValue",
     [](network_spec& s) {
       s.layers[0].parameters["tau_m"] = tau_with([](auto& p) {
         p.per = parameter_sharing::layer;
         p.distribution = parameter_distribution::normal;
       });
     },
     {"hidden1.tau_m.per = layer", "channel or neuron"}},
    {"NoSpread",
     [](network_spec& s) {
       s.layers[0].parameters["tau_m"] = tau_with([](auto& p) { p.distribution = parameter_distribution::uniform; });
     },
     {"hidden1.tau_m.spread = 0", "above 0"}},
    {"GammaOfANegativeMean",
     [](network_spec& s) {
       s.layers[0].parameters["v_reset"] = tau_with([](auto& p) {
         p.value = -1.0;
         p.spread = 1.0;
         p.distribution = parameter_distribution::gamma;
       });
     },
     {"hidden1.v_reset = -1", "above 0, the mean of a gamma"}},
    {"SplitOutsideTheRange",
     [](network_spec& s) {
       s.layers[0].parameters["tau_m"] = tau_with([](auto& p) { p.distribution = parameter_distribution::split; });
     },
     {"hidden1.tau_m.rest = 0 ms", "0.01 to 1e+06"}},
    {"IdentityBetweenLayersOfTwoSizes",
     [](network_spec& s) {
       s.layers[0].init = weight_init::identity;
       s.layers[0].size = s.inputs + 1;
     },
     {"hidden1.init = identity", "fluctuation"}},
    {"RefractoryPeriodOfLessThanHalfAStep",
     [](network_spec& s) { s.layers[0].refractory = 0.4 * s.dt; },
     {"hidden1.refractory = ", "0, or 1 to 65535 steps of"}},
    {"RefractoryPeriodThatIsTooLong",
     [](network_spec& s) { s.layers[0].refractory = 1e9; },
     {"hidden1.refractory = 1e+09 ms", "0, or 1 to 65535 steps of"}},
    {"RefractoryPeriodThatIsNoNumber",
     [](network_spec& s) { s.layers[0].refractory = std::nan(""); },
     {"hidden1.refractory = nan ms", "0, or 1 to 65535 steps of"}},
    {"RefractoryPeriodBelowZero",
     [](network_spec& s) { s.layers[0].refractory = -2.0; },
     {"hidden1.refractory = -2 ms", "0, or 1 to 65535 steps of"}},
    {"RefractoryPeriodOfACellThatDoesNotSpike",
     [](network_spec& s) { s.layers.back().refractory = 2.0; },
     {"refractory = 2 ms", "leaky_integrator do not spike"}},
    {"ThresholdTooSmall",
     [](network_spec& s) { s.layers[1].parameters["v_th"] = {1e-9}; },
     {"hidden2.v_th = 1e-09", "1e-06 to 1e+06"}},
};

std::string name_of_refusal(const ::testing::TestParamInfo<refusal>& info) { return info.param.what; }

INSTANTIATE_TEST_SUITE_P(All, NetworkRefusal, ::testing::ValuesIn(refusals), name_of_refusal);

/// adlif: -1 <= a <= (1 + d_m) (1 + d_w) / ((1 - d_m) (1 - d_w)); adex: a <= (1 - d_m d_w) / ((1 - d_m) (1 - d_w)).
TEST(Growth, BeginsWhereTheEigenvaluesSayIt) {
  for (const double dt : {0.1, 1.0, 20.0}) {
    const double m = std::exp(-dt / 10.0), w = std::exp(-dt / 80.0);
    const double adlif_most = (1 + m) * (1 + w) / ((1 - m) * (1 - w)), adex_most = (1 - m * w) / ((1 - m) * (1 - w));
    const auto of_adlif = [&](double a) {
      return growth_per_step(find_cell("adlif"), std::vector{10.0, 80.0, a, 1.0, 1.0, 0.0, 1.0}, dt);
    };
    const auto of_adex = [&](double a) {
      return growth_per_step(find_cell("adex"), std::vector{10.0, 80.0, a, 0.1, 0.8, 0.1, 1.0, 0.0, 1.0}, dt);
    };
    EXPECT_LE(of_adlif(0.99 * adlif_most), most_growth);
    EXPECT_GT(of_adlif(1.01 * adlif_most), 1.001);
    EXPECT_LE(of_adlif(-0.99), most_growth);
    EXPECT_GT(of_adlif(-1.5), most_growth);
    EXPECT_LE(of_adex(0.9 * adex_most), most_growth);
    EXPECT_GT(of_adex(1.1 * adex_most), most_growth);
  }
}

/// What drives itself to its threshold is no runaway, and what turns or integrates for ever does not grow.
TEST(Growth, CellsThatAreBoundedAreTaken) {
  const auto growth = [](const char* cell, std::vector<double> p) { return growth_per_step(find_cell(cell), p, 1.0); };
  EXPECT_LE(growth("adex", {10.0, 80.0, 0.0, 0.1, 0.0, 0.1, 1.0, 0.0, 1.0}), most_growth);
  EXPECT_LE(growth("if", {1.0, 0.0, 1.0}), most_growth);
  EXPECT_LE(growth("resonate_and_fire", {20.0, 1e6, 1.0, 0.0, 1.0}), most_growth);
  EXPECT_NEAR(growth("lif", {20.0, 1.0, 0.0, 1.0}), std::exp(-1.0 / 20.0), 1e-12);
  EXPECT_NEAR(growth("cuba_lif", {20.0, 20.0, 1.0, 0.0, 1.0}), std::exp(-1.0 / 20.0), 1e-6);
  EXPECT_NEAR(growth("resonate_and_fire", {20.0, 40.0, 1.0, 0.0, 1.0}), std::exp(-1.0 / 40.0), 1e-9);
}

TEST(Cells, AreFoundByNameInTheOrderOfTheList) {
  for (std::size_t k = 0; k < known_cells().size(); ++k) {
    EXPECT_EQ(&find_cell(known_cells()[k].name), &known_cells()[k]);
    EXPECT_EQ(known_cells()[k].index, k);
    EXPECT_FALSE(known_cells()[k].meaning.empty());
    for (const field& f : known_cells()[k].parameters) {
      EXPECT_GE(f.initial, f.low) << f.name;
      EXPECT_LE(f.initial, f.high) << f.name;
    }
  }
  EXPECT_THAT([] { find_cell("lifo"); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("lifo"), HasSubstr("lif, cuba_lif"))));
}

TEST(Network, AListHasANumberForEach) {
  network_spec spec = example();
  spec.layers[0].channels = 4;
  spec.layers[0].parameters["tau_m"] = {15.0, false, parameter_sharing::channel};
  spec.layers[0].parameters["tau_m"].values = {5.0, 10.0, 15.0, 20.0};
  EXPECT_EQ(network(spec).populations()[0].spec.parameters.at("tau_m").value, 12.5);
  spec.layers[0].parameters["tau_m"].values.pop_back();
  EXPECT_THAT([&] { network{spec}; }, ThrowsMessage<shape_error>(AllOf(HasSubstr("tau_m has shape [3]"),
                                                                       HasSubstr("[4], one for each channel"))));
  spec.layers[0].parameters["tau_m"].per = parameter_sharing::neuron;
  EXPECT_THAT([&] { network{spec}; }, ThrowsMessage<shape_error>(HasSubstr("[20], one for each neuron")));
  spec.layers[0].parameters["tau_m"].high = 0.1;
  spec.layers[0].parameters["tau_m"].values.assign(20, 0.1);
  EXPECT_EQ(network(spec).populations()[0].spec.parameters.at("tau_m").value, 0.1) << "a mean that rounding moves up";
}

/// One of many that grows is as infinite as all of them.
TEST(Network, AListIsJudgedNumberByNumber) {
  network_spec spec = example();
  spec.layers[0].cell = "adlif";
  spec.layers[0].parameters.clear();
  cell_parameter_spec a{0.0, false, parameter_sharing::neuron};
  a.values.assign(20, 0.0);
  spec.layers[0].parameters["a"] = a;
  EXPECT_NO_THROW(network{spec});
  spec.layers[0].parameters["a"].values[7] = -5.0;
  EXPECT_THAT([&] { network{spec}; },
              ThrowsMessage<value_error>(AllOf(HasSubstr("a = -5"), HasSubstr("(neuron 7)"), HasSubstr("it grows"))));
}

}  // namespace
}  // namespace backspike
