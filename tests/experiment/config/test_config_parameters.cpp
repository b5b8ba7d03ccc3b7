// Cell parameters and groups of the optimiser in the experiment file.

#include <backspike/core/error.hpp>
#include <backspike/experiment/experiment.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using ::testing::HasSubstr;

experiment parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment(text, "exp.toml", overrides);
}

config_error error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    parse(text, overrides);
  } catch (const config_error& e) {
    return e;
  }
  ADD_FAILURE() << "was accepted";
  return config_error("", 0, "", "");
}

const std::string rich = R"([[network.layer]]
name = "mixed"
cell = "alif"
size = 100
channels = 20
tau_m = {value = 20.0, learn = true, per = "channel", distribution = "gamma", spread = 6.0, low = 2.0, high = 80.0}
tau_a = {value = 300.0, learn = true, transform = "softplus", low = 10.0}
beta = {value = 0.3, per = "neuron", distribution = "split", rest = 0.0, fraction = 0.5}
[[network.layer]]
cell = "leaky_integrator"
[optimiser]
kind = "sgd"
[[optimiser.group]]
match = "*.tau_?"
learning_rate_factor = 0.1
[[optimiser.group]]
match = "readout.weight"
frozen = true
)";

TEST(ConfigParameters, AreReadAndWritten) {
  const experiment e = parse(rich);
  const layer_spec& layer = e.network.layers[0];
  EXPECT_EQ(layer.channels, 20u);
  const cell_parameter_spec& tau = layer.parameters.at("tau_m");
  EXPECT_EQ(tau.per, parameter_sharing::channel);
  EXPECT_EQ(tau.distribution, parameter_distribution::gamma);
  EXPECT_EQ(tau.spread, 6.0);
  EXPECT_EQ(tau.low, 2.0);
  EXPECT_EQ(tau.high, 80.0);
  EXPECT_EQ(layer.parameters.at("tau_a").transform, parameter_transform::softplus);
  EXPECT_EQ(layer.parameters.at("tau_a").high, 1e6);  // the field's
  EXPECT_EQ(layer.parameters.at("beta").distribution, parameter_distribution::split);
  const std::vector<parameter_group> groups{{"*.tau_?", 0.1, false}, {"readout.weight", 1.0, true}};
  EXPECT_EQ(e.optimiser.groups, groups);
  const experiment again = parse(to_toml(e));
  EXPECT_EQ(again.network, e.network);
  EXPECT_EQ(again.optimiser, e.optimiser);
  EXPECT_EQ(to_toml(again), to_toml(e));
}

TEST(ConfigParameters, AreOverridden) {
  const experiment e = parse(rich, {"network.layer.mixed.tau_m.per=neuron", "network.layer.mixed.channels=0",
                                    "network.layer.mixed.beta.fraction=0.25", "optimiser.group.0.frozen=true",
                                    "optimiser.group.1.match=*.weight", "network.layer.mixed.tau_a.transform=sigmoid"});
  EXPECT_EQ(e.network.layers[0].parameters.at("tau_m").per, parameter_sharing::neuron);
  EXPECT_EQ(e.network.layers[0].parameters.at("beta").fraction, 0.25);
  EXPECT_EQ(e.network.layers[0].parameters.at("tau_a").transform, parameter_transform::sigmoid);
  EXPECT_EQ(e.optimiser.groups[0].frozen, true);
  EXPECT_EQ(e.optimiser.groups[0].learning_rate_factor, 0.1);
  EXPECT_EQ(e.optimiser.groups[1].match, "*.weight");
  EXPECT_TRUE(parse(rich, {"optimiser.group=[]"}).optimiser.groups.empty());
}

struct mistake {
  std::string text;
  std::size_t line;
  std::string key, words;
};

void expect_mistake(const mistake& m) {
  SCOPED_TRACE(m.text);
  const config_error e = error_of("[[network.layer]]\nname = 'a'\nsize = 6\n" + m.text);
  EXPECT_EQ(e.line, m.line);
  EXPECT_EQ(e.key, m.key);
  EXPECT_THAT(e.what(), HasSubstr(m.words));
}

TEST(ConfigParameters, MistakesHaveLineKeyAndWhatIsAccepted) {
  expect_mistake({"channels = 4", 4, "network.layer.a.channels", "is 4; accepted: 0, or a divisor of the 6 neurons"});
  expect_mistake({"tau_m = {per = 'neurons'}", 4, "network.layer.a.tau_m.per", "did you mean neuron?"});
  expect_mistake({"tau_m = {distribution = 'normal', spread = 2}", 4, "network.layer.a.tau_m.per",
                  "is \"layer\"; accepted: channel or neuron"});
  expect_mistake({"\n[network.layer.tau_m]\nper = 'neuron'\ndistribution = 'normal'", 5, "network.layer.a.tau_m.spread",
                  "is 0.0 ms; accepted: above 0"});
  expect_mistake({"tau_m = {low = 30.0}", 4, "network.layer.a.tau_m.value", "is 20.0 ms; accepted: 30 to 1e+06"});
  expect_mistake({"tau_m = {low = 30.0, high = 10.0, value = 20}", 4, "network.layer.a.tau_m.high",
                  "is 10.0 ms; accepted: above low, 30"});
  expect_mistake({"tau_m = {low = 0.001}", 4, "network.layer.a.tau_m.low", "accepted: a number, 0.01 to 1e6 ms"});
  expect_mistake({"tau_m = {per = 'neuron', distribution = 'split'}", 4, "network.layer.a.tau_m.rest",
                  "is 0.0 ms; accepted: 0.01 to 1e+06"});
  expect_mistake({"reset_strength = {value = 0, learn = true, transform = 'exp'}", 4,
                  "network.layer.a.reset_strength.value", "without the ends"});
  expect_mistake({"tau_m = {transfrom = 'exp'}", 4, "network.layer.a.tau_m.transfrom", "did you mean transform?"});
}

TEST(ConfigGroups, MistakesHaveLineKeyAndWhatIsAccepted) {
  expect_mistake({"[[optimiser.group]]\nmatch = 'b.*'", 5, "optimiser.group.0.match",
                  "is \"b.*\"; accepted: a pattern that matches a learned parameter: a.weight"});
  expect_mistake({"[[optimiser.group]]\nfrozen = true", 4, "optimiser.group.0.match", "is \"\"; accepted: a pattern"});
  expect_mistake(
      {"[[optimiser.group]]\nmatch = 'a.tau_m'\nfrozen = true", 5, "optimiser.group.0.match", "a learned parameter"});
  expect_mistake({"[[optimiser.group]]\nmacth = 'a.*'", 5, "optimiser.group.0.macth", "did you mean match?"});
  expect_mistake({"[[optimiser.group]]\nmatch = '*'\nlearning_rate_factor = 0", 6,
                  "optimiser.group.0.learning_rate_factor", "above 0"});
  expect_mistake({"[optimiser.group]\nmatch = '*'", 4, "optimiser.group", "a [[optimiser.group]], in double brackets"});
  expect_mistake({"[optimiser]\ngrup = 1", 5, "optimiser.grup", "did you mean group?"});
  const config_error e = error_of(rich, {"optimiser.group.2.frozen=true"});
  EXPECT_EQ(e.key, "optimiser.group.2.frozen");
  EXPECT_THAT(e.what(), HasSubstr("no group 2; there are 2, numbered from 0"));
  EXPECT_THAT(error_of(rich, {"optimiser.group.1.math=x"}).what(), HasSubstr("did you mean match?"));
}

TEST(ConfigTerms, AreReadWrittenAndOverridden) {
  const std::string text =
      "[[network.layer]]\nname = 'a'\n[objective]\nloss = 'soft_alignment'\nkernel_width = 3.0\n"
      "[[objective.term]]\nloss = 'jitter'\nweight = 0.2\n[[objective.term]]\nloss = 'spike_count'\n";
  const std::vector<std::string> overrides{"objective.term.1.weight=0.5"};
  const experiment e = parse_experiment(text, "terms.toml", overrides);
  ASSERT_EQ(e.objective.terms.size(), 2u);
  EXPECT_EQ(e.objective.loss, loss_kind::soft_alignment);
  EXPECT_EQ(e.objective.kernel_width, 3.0);
  EXPECT_EQ(e.objective.terms[0].loss, loss_kind::jitter);
  EXPECT_EQ(e.objective.terms[0].weight, 0.2);
  EXPECT_EQ(e.objective.terms[1].weight, 0.5);
  EXPECT_EQ(parse_experiment(to_toml(e), "again.toml", {}).objective, e.objective);
}

TEST(ConfigTerms, MistakesHaveLineKeyAndWhatIsAccepted) {
  expect_mistake({"[[objective.term]]\nloss = 'jiter'", 5, "objective.term.0.loss", "did you mean jitter?"});
  expect_mistake({"[[objective.term]]\nweight = -1", 5, "objective.term.0.weight", "0 or more"});
  expect_mistake({"[objective]\nkernel_width = 0", 5, "objective.kernel_width", "above 0"});
  expect_mistake({"[objective]\ntau = -2.0", 5, "objective.tau", "above 0"});
  expect_mistake(
      {"[objective.term]\nloss = 'jitter'", 4, "objective.term", "a [[objective.term]], in double brackets"});
}

const std::string listed = R"([[network.layer]]
cell = "lif"
size = 3
tau_m = [10.0, 20, 33.5]
v_th = {values = [1.0, 0.9, 0.8], per = "neuron", learn = true}
[[network.layer]]
cell = "leaky_integrator"
)";

TEST(ConfigParameters, AListIsAValueForEachNeuron) {
  const experiment e = parse(listed);
  const auto& parameters = e.network.layers[0].parameters;
  EXPECT_EQ(parameters.at("tau_m").values, (std::vector<double>{10.0, 20.0, 33.5}));
  EXPECT_EQ(parameters.at("tau_m").per, parameter_sharing::neuron);
  EXPECT_NEAR(parameters.at("tau_m").value, 21.1666667, 1e-6) << "their mean, which initial weights are drawn for";
  EXPECT_TRUE(parameters.at("v_th").learn);
  const experiment again = parse_experiment(to_toml(e), "again.toml");
  EXPECT_EQ(again.network, e.network);
  EXPECT_THAT(to_toml(e), HasSubstr("values = [10.0, 20.0, 33.5]"));
  EXPECT_THAT(to_toml(parse(rich)), ::testing::Not(HasSubstr("values"))) << "nothing where there is no list";
}

TEST(ConfigParameters, AListIsOverriddenByAListOrByOneValue) {
  const experiment list = parse(listed, {"network.layer.0.tau_m=[1.0, 2.0, 3.0]"});
  EXPECT_EQ(list.network.layers[0].parameters.at("tau_m").values, (std::vector<double>{1.0, 2.0, 3.0}));
  for (const std::string key : {"network.layer.0.tau_m=12.0", "network.layer.0.tau_m.value=12.0"}) {
    const experiment one = parse(listed, {key});
    EXPECT_TRUE(one.network.layers[0].parameters.at("tau_m").values.empty()) << key;
    EXPECT_EQ(one.network.layers[0].parameters.at("tau_m").value, 12.0) << key;
  }
}

TEST(ConfigParameters, ListsThatMakeNoSenseAreRefused) {
  const auto error = [](const std::string& tau) {
    return std::string(error_of("[[network.layer]]\ncell = \"lif\"\nsize = 2\ntau_m = " + tau +
                                "\n[[network.layer]]\ncell = \"leaky_integrator\"\n")
                           .what());
  };
  EXPECT_THAT(error("[10.0, -1.0]"), HasSubstr("exp.toml:4: network.layer.hidden1.tau_m: is [10.0, -1.0]"));
  EXPECT_THAT(error("[10.0, nan]"), HasSubstr("tau_m"));
  EXPECT_THAT(error("[10.0, \"slow\"]"), HasSubstr("a list of numbers"));
  EXPECT_THAT(error("{values = [10.0, 20.0]}"), HasSubstr("channel or neuron"));
  EXPECT_THAT(error("{values = [10.0, 20.0], per = \"neuron\", distribution = \"normal\", spread = 1.0}"),
              HasSubstr("beside a distribution"));
  EXPECT_THAT(error("{values = [10.0, 20.0], per = \"neuron\", high = 15.0}"), HasSubstr("values"));
}

}  // namespace
}  // namespace backspike
