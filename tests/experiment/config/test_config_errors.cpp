// What an experiment file may not say: each error names line, key, value and the nearest spelling.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/experiment/experiment.hpp>

#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace backspike {
namespace {

using ::testing::HasSubstr;

const std::string layers = R"([[network.layer]]
name = "first"
cell = "lif"
size = 12
[[network.layer]]
name = "last"
cell = "leaky_integrator"
)";

/// The error of an experiment that must have one.
config_error error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    parse_experiment(text, "exp.toml", overrides);
  } catch (const config_error& e) {
    return e;
  }
  ADD_FAILURE() << "was accepted";
  return config_error("", 0, "", "");
}

config_error override_error(const std::string& text) {
  const auto e = error_of(layers, {text});
  EXPECT_EQ(e.file, "--set");
  EXPECT_EQ(e.line, 0U);
  return e;
}

void expect_error(const config_error& e, std::size_t line, const std::string& key,
                  const std::vector<std::string>& words) {
  EXPECT_EQ(e.file, "exp.toml");
  EXPECT_EQ(e.line, line);
  EXPECT_EQ(e.key, key);
  for (const auto& word : words) {
    EXPECT_THAT(e.what(), HasSubstr(word));
  }
}

TEST(ConfigErrors, UnknownKey) {
  expect_error(error_of(layers + "[optimiser]\nkind = 'adam'\n\nlearning_rat = 1"), 11, "optimiser.learning_rat",
               {"exp.toml:11: optimiser.learning_rat: unknown key; did you mean learning_rate? Accepted here: kind, "
                "learning_rate, momentum, beta1,"});
  expect_error(error_of("sede = 1\n" + layers), 1, "sede", {"did you mean seed?", "Accepted here: name, seed, data, "});
  expect_error(error_of(layers + "zzzzzz = 1"), 8, "network.layer.last.zzzzzz",
               {"unknown key; accepted here: name, cell, size"});
}

TEST(ConfigErrors, UnknownTable) {
  expect_error(error_of(layers + "[optimizer]\nkind = 'adam'"), 8, "optimizer", {"did you mean optimiser?"});
  expect_error(error_of("\n[[network.layers]]\nsize = 1"), 2, "network.layers", {"did you mean layer?"});
  expect_error(error_of("\n'data.encoder'.steps = 3"), 2, "\"data.encoder\"",
               {"unknown key", "accepted here: name, seed"});
  expect_error(error_of("'' = 3\n"), 1, "\"\"", {"unknown key"});
  expect_error(error_of("\n[data.encodr]\ntau = 1\n"), 2, "data.encodr", {"did you mean encoder?"});
}

TEST(ConfigErrors, DottedKeysKnowTheirLine) {
  expect_error(error_of("seed = 1\ndata.encoder.kidn = 'latency'\n" + layers), 2, "data.encoder.kidn",
               {"did you mean kind?"});
}

TEST(ConfigErrors, KeyOfAnotherSection) {
  expect_error(error_of("epochs = 3\n" + layers), 1, "epochs", {"did you mean train.epochs?"});
}

TEST(ConfigErrors, UnknownKeyOfALayer) {
  expect_error(error_of(layers + "[[network.layer]]\nrecurent = true"), 9, "network.layer.readout.recurent",
               {"did you mean recurrent?", "Accepted here: name, cell, size",
                "surrogate, activity, delay, recurrent_delay, tau_m"});
  expect_error(error_of("[[network.layer]]\ntau_syn = 1.0\ncell = 'lif'"), 2, "network.layer.readout.tau_syn",
               {"unknown key", "tau_m"});
  expect_error(error_of("[[network.layer]]\ntau_m = {valu = 1.0}"), 2, "network.layer.readout.tau_m.valu",
               {"did you mean value?", "Accepted here: value, learn, per, distribution, spread"});
  expect_error(error_of("[[network.layer]]\nname = 'a'\nsurrogate = {widht = 1.0}"), 3,
               "network.layer.a.surrogate.widht", {"did you mean width?"});
}

TEST(ConfigErrors, TheFirstMistakeInTheFileIsReported) {
  EXPECT_EQ(error_of("[train]\nzz = 1\nepochs = 'x'\naa = 1").key, "train.zz");
  EXPECT_EQ(error_of("[train]\nepochs = 'x'\naa = 1").key, "train.epochs");
}

TEST(ConfigErrors, WrongType) {
  expect_error(error_of("[train]\nepochs = \"ten\""), 2, "train.epochs",
               {"is the text \"ten\"; accepted: an integer, 1 to 1000000 epochs"});
  expect_error(error_of("[train]\nepochs = 2.5"), 2, "train.epochs", {"is 2.5; accepted: an integer"});
  expect_error(error_of("[train]\nepochs = 2.0"), 2, "train.epochs", {"is 2.0; accepted: an integer"});
  expect_error(error_of("[data.encoder]\ntau = true"), 2, "data.encoder.tau",
               {"is true; accepted: a number, above 0 ms"});
  expect_error(error_of("[data]\npath = 3"), 2, "data.path", {"is 3; accepted: text in quotes"});
  expect_error(error_of("[[network.layer]]\nbias = 1"), 2, "network.layer.readout.bias", {"is 1", "true or false"});
  expect_error(error_of("[[network.layer]]\ntau_m = 'x'"), 2, "network.layer.readout.tau_m",
               {"a number, 0.01 to 1e6 ms"});
  expect_error(error_of("[train]\nbatch = [1, 2]"), 2, "train.batch", {"is a list"});
  expect_error(error_of("\n[train.batch]\na = 1"), 2, "train.batch", {"is a table; accepted: an integer"});
  expect_error(error_of("seed = 1\ndata = 'mnist'"), 2, "data", {"is the text \"mnist\"; accepted: a table of keys"});
}

TEST(ConfigErrors, Activity) {
  const std::string layer = "[[network.layer]]\ncell = 'lif'\nsize = 3\n";
  expect_error(error_of(layer + "activity = {l1 = -1}"), 4, "network.layer.readout.activity.l1",
               {"is -1.0; accepted: a number, 0 or more"});
  expect_error(error_of(layer + "activity = {lower_weight = -0.1}"), 4, "network.layer.readout.activity.lower_weight",
               {"is -0.1 1/Hz^2"});
  expect_error(error_of(layer + "activity = {lower = 5, lower_weight = 1, upper = 2.5, upper_weight = 1}"), 4,
               "network.layer.readout.activity.lower", {"is 5.0 Hz; accepted: at most upper, 2.5 Hz"});
  expect_error(error_of(layer + "activity = {upper = 50}"), 4, "network.layer.readout.activity.upper",
               {"does nothing without a weight; accepted: with upper_weight beside it"});
  expect_error(error_of(layer + "activity = {lambda = 1}"), 4, "network.layer.readout.activity.lambda",
               {"accepted here: l1, l2, lower, lower_weight, upper, upper_weight, target, target_weight"});
  expect_error(error_of("[[network.layer]]\ncell = 'leaky_integrator'\nactivity = {l2 = 0.5}"), 3,
               "network.layer.readout.activity.l2", {"is 0.5; accepted: 0 in a layer whose cell does not spike"});
}

TEST(ConfigErrors, BudgetOfSynapticOperations) {
  expect_error(error_of(layers + "[objective.synaptic_operations]\nbudget = 0\nweight = 1"), 9,
               "objective.synaptic_operations.budget", {"is 0.0 operations; accepted: a number, above 0 operations"});
  expect_error(error_of(layers + "[objective]\nsynaptic_operations = {budget = 1000}"), 9,
               "objective.synaptic_operations.budget", {"does nothing without a weight"});
  expect_error(error_of(layers + "[objective]\nsynaptic_operations = {weight = -2}"), 9,
               "objective.synaptic_operations.weight", {"is -2.0; accepted: a number, 0 or more"});
}

TEST(ConfigErrors, OutOfRange) {
  expect_error(error_of("[train]\nbatch = 0"), 2, "train.batch", {"is 0 samples; accepted: an integer, 1 to 16777216"});
  expect_error(error_of("[train]\nbatch = 5000000000"), 2, "train.batch", {"is 5000000000 samples"});
  expect_error(error_of("seed = -1"), 1, "seed", {"is -1; accepted: an integer, 0 to 4611686018427387904"});
  expect_error(error_of("[data]\nvalidation = 1"), 2, "data.validation",
               {"is 1.0; accepted: a number, 0 or more, below 1"});
  expect_error(error_of("[data.encoder]\nthreshold = 1"), 2, "data.encoder.threshold",
               {"is 1.0; accepted: a number, 0 or more, below 1"});
  expect_error(error_of("[data]\nbin_ms = 0.0"), 2, "data.bin_ms", {"is 0.0 ms; accepted: a number, 1e-6 to 1e6 ms"});
  expect_error(error_of("[optimiser]\nstep_factor = 1.5"), 2, "optimiser.step_factor", {"above 0, at most 1"});
  expect_error(error_of("[optimiser]\nlearning_rate = nan"), 2, "optimiser.learning_rate", {"is nan"});
  expect_error(error_of("[data.encoder]\ngain = inf"), 2, "data.encoder.gain", {"is inf; accepted: a number"});
  expect_error(error_of("[[network.layer]]\nname = 'a'\ntau_m = -3"), 3, "network.layer.a.tau_m",
               {"is -3.0 ms; accepted: a number, 0.01 to 1e6 ms"});
  expect_error(error_of("[[network.layer]]\n[network.layer.tau_m]\nvalue = 0"), 3, "network.layer.readout.tau_m.value",
               {"0.01 to 1e6 ms"});
}

TEST(ConfigErrors, UnknownChoice) {
  expect_error(error_of("[optimiser]\nkind = \"adm\""), 2, "optimiser.kind",
               {"is \"adm\"; did you mean adam? Accepted: one of sgd, adam, adamw"});
  expect_error(error_of("[data]\nsource = \"cifar\""), 2, "data.source",
               {"is \"cifar\"; accepted: one of fashion_mnist, idx, wav_digits, spike_hdf5"});
  expect_error(error_of("[[network.layer]]\ncell = 'cubalif'"), 2, "network.layer.readout.cell",
               {"did you mean cuba_lif?", "lif, cuba_lif, if, alif"});
  expect_error(error_of("[[network.layer]]\nsurrogate.kind = 'triangel'"), 2, "network.layer.readout.surrogate.kind",
               {"did you mean triangle?"});
}

TEST(ConfigErrors, Syntax) {
  expect_error(error_of("seed = 1\n[train\nepochs = 1"), 2, "", {"exp.toml:2: "});
  expect_error(error_of("seed = 1\nseed = 2\n"), 2, "", {"redefine", "seed"});
  expect_error(error_of("\n[=]\n"), 2, "", {"key"});  // fails an assertion of the library, which must not abort
  expect_error(error_of("seed = 1\n\nname = \"open"), 3, "", {"string"});
}

TEST(ConfigErrors, Layers) {
  expect_error(error_of("seed = 1"), 0, "network.layer", {"no layer", "[[network.layer]]"});
  expect_error(error_of("\n[network.layer]\nsize = 3"), 2, "network.layer", {"is a table", "double brackets"});
  expect_error(error_of("[network]\nlayer = [3]"), 2, "network.layer.readout", {"is 3; accepted: a table of keys"});
  expect_error(error_of("[[network.layer]]\nname = 'first'\nsize = 2\n[[network.layer]]\nname = 'first'"), 5,
               "network.layer.first.name", {"is \"first\", as an earlier layer's"});
  expect_error(error_of("[[network.layer]]\nsize = 1\nname = 'readout'\n\n[[network.layer]]\n"), 5,
               "network.layer.readout.name", {"earlier layer's"});
  expect_error(error_of("\n[[network.layer]]\n[[network.layer]]\nsize = 3"), 2, "network.layer.hidden1.size",
               {"is 0; accepted: 1 neuron or more", "number of classes"});
  expect_error(error_of("[[network.layer]]\nname = 'a.b'"), 2, "network.layer.a.b.name", {"letters, digits"});
  expect_error(error_of("[[network.layer]]\nname = '1'"), 2, "network.layer.1.name", {"no digit first"});
}

TEST(ConfigErrors, KeysThatDoNotFitEachOther) {
  expect_error(error_of(layers + "[data.audio]\nlow_hz = 200\nhigh_hz = 100"), 10, "data.audio.high_hz",
               {"is 100.0 Hz; accepted: above data.audio.low_hz, 200.0 Hz"});
  expect_error(error_of("name = '../up'\n" + layers), 1, "name", {"without /"});
}

TEST(ConfigErrors, TheFileIsNamed) {
  const temporary_folder folder;
  const auto path = folder.at("wrong.toml");
  write_text_file(path, "[train]\n\nepoch = 3\n");
  try {
    load_experiment(path);
    ADD_FAILURE() << "was accepted";
  } catch (const config_error& e) {
    EXPECT_THAT(e.what(), HasSubstr(path + ":3: train.epoch: unknown key; did you mean epochs?"));
  }
  std::filesystem::remove(path);
  EXPECT_THROW(load_experiment(path), file_error);
  EXPECT_THROW(load_experiment(folder.path().string()), file_error);
}

TEST(ConfigErrors, OverridesSayTheKeyAsGiven) {
  auto e = override_error("train.epoch=3");
  EXPECT_EQ(e.key, "train.epoch");
  EXPECT_STREQ(e.what(),
               "--set: train.epoch: unknown key; did you mean epochs? Accepted here: epochs, batch, eval_batch");
  e = override_error("rate_penalty=1");
  EXPECT_THAT(e.what(), HasSubstr("did you mean objective.rate_penalty?"));
  e = override_error("optimser.kind=adam");
  EXPECT_EQ(e.key, "optimser.kind");
  EXPECT_THAT(e.what(), HasSubstr("did you mean optimiser?"));
  e = override_error("train.epochs.foo=1");
  EXPECT_THAT(e.what(), HasSubstr("train.epochs is a value"));
  e = override_error("network.layer.0.tau_m.lern=true");
  EXPECT_EQ(e.key, "network.layer.0.tau_m.lern");
  EXPECT_THAT(e.what(), HasSubstr("did you mean learn?"));
}

TEST(ConfigErrors, OverridesAreChecked) {
  EXPECT_THAT(override_error("train.batch=0").what(), HasSubstr("1 to 16777216"));
  EXPECT_THAT(override_error("train.batch=many").what(), HasSubstr("is the text \"many\"; accepted: an integer"));
  EXPECT_THAT(override_error("train.batch=1\nseed=2").what(), HasSubstr("accepted: an integer"));
  EXPECT_THAT(override_error("seed=18446744073709551615").what(), HasSubstr("0 to 4611686018427387904"));
  EXPECT_THAT(override_error("optimiser.kind=adm").what(), HasSubstr("did you mean adam?"));
  EXPECT_THAT(override_error("network.layer.first.size=0").what(), HasSubstr("1 neuron or more"));
  EXPECT_THAT(override_error("network.layer.last.name=first").what(), HasSubstr("earlier layer's"));
  EXPECT_THAT(override_error("network.layer=[]").what(), HasSubstr("no layer"));
  EXPECT_THAT(override_error("data.path=\xff").what(), HasSubstr("UTF-8"));
  EXPECT_THAT(override_error("data={encoder={steps=0}}").what(), HasSubstr("data.encoder.steps: is 0 steps"));
}

TEST(ConfigErrors, OverridesOfUnknownLayers) {
  const auto e = override_error("network.layer.frist.size=3");
  EXPECT_EQ(e.key, "network.layer.frist.size");
  EXPECT_THAT(e.what(), HasSubstr("no layer frist; did you mean first? Layers: first, last, or their numbers"));
  EXPECT_THAT(override_error("network.layer.2.size=3").what(), HasSubstr("no layer 2; layers: first, last"));
}

TEST(ConfigErrors, OverridesThatAreNone) {
  EXPECT_THAT(override_error("train.epochs").what(), HasSubstr("accepted: dotted.key=value"));
  EXPECT_THAT(override_error("=3").what(), HasSubstr("has no key"));
  EXPECT_THAT(override_error("train..epochs=3").what(), HasSubstr("has a part without a name"));
  EXPECT_THAT(override_error("network.layer.first=3").what(), HasSubstr("accepted: a table of keys"));
}

}  // namespace
}  // namespace backspike
