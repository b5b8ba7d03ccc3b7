// Every key is read, written and read again; overrides, paths and schema know all of them.

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>

#include "experiment/config/keys/keys.hpp"
#include "experiment/config/keys/value.hpp"
#include "experiment/config/spelling.hpp"
#include "paths.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

namespace backspike {
namespace {

using ::testing::HasSubstr;

const std::string two_layers = R"(
[[network.layer]]
cell = "cuba_lif"
size = 12
tau_m = {value = 15.0, learn = true, per = "neuron"}
[[network.layer]]
cell = "leaky_integrator"
)";

cell_parameter_spec tau(double value, bool learn, parameter_sharing per) {
  cell_parameter_spec spec = default_parameter(find_cell("cuba_lif").parameters[0]);
  spec.value = value;
  spec.learn = learn;
  spec.per = per;
  return spec;
}

experiment parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment(text, "some/test.toml", overrides);
}

void expect_equal(const experiment& a, const experiment& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.data, b.data);
  EXPECT_EQ(a.network, b.network);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.objective, b.objective);
  EXPECT_EQ(a.optimiser, b.optimiser);
  EXPECT_EQ(a.train, b.train);
  EXPECT_EQ(a.output, b.output);
  EXPECT_EQ(to_toml(a), to_toml(b));
}

/// Another accepted value than the one that is there.
config::value other_value(const config::key_info& k, const config::value& now, const std::string& text) {
  using config::value_type;
  if (std::holds_alternative<config::absent>(now) && k.type == value_type::choice) {
    return k.choices.back();
  }
  if (std::holds_alternative<config::absent>(now) && k.type != value_type::names && k.type != value_type::text) {
    return k.type == value_type::integer ? config::value(std::int64_t{3}) : config::value(0.1 / 3.0);
  }
  switch (k.type) {
    case value_type::toggle:
      return !std::get<bool>(now);
    case value_type::integer:
      return std::get<std::int64_t>(now) + 1;
    case value_type::number:
      return std::get<double>(now) * 0.7 + 0.1 / 3.0;
    case value_type::choice:
      return k.choices.back();
    case value_type::numbers:
    case value_type::numbers_or_choice:
      return std::vector<double>{1.5, 0.1 / 3.0};
    case value_type::integers:
      return std::vector<std::int64_t>{0};
    case value_type::names:
      return std::vector<std::string>{"input"};
    case value_type::text:
      break;
  }
  return text;
}

template <class Owner>
void change_everything(const config::key_table<Owner>& table, Owner& owner, const std::string& text) {
  for (const auto& s : table) {
    for (const auto& k : s.keys) {
      k.set(owner, other_value(k, k.get(owner), text));
    }
  }
}

TEST(Config, AbsentKeysAreTheStructsDefaults) {
  const auto e = parse(two_layers);
  const experiment defaults;
  EXPECT_EQ(e.name, "test");
  EXPECT_EQ(e.seed, defaults.seed);
  EXPECT_EQ(e.data, defaults.data);
  EXPECT_EQ(e.objective, defaults.objective);
  EXPECT_EQ(e.optimiser, defaults.optimiser);
  EXPECT_EQ(e.train, defaults.train);
  EXPECT_EQ(e.output, defaults.output);
}

TEST(Config, LayersAreComplete) {
  const auto e = parse(two_layers);
  ASSERT_EQ(e.network.layers.size(), 2U);
  const auto& hidden = e.network.layers[0];
  EXPECT_EQ(hidden.size, 12U);
  EXPECT_EQ(hidden.parameters.size(), find_cell("cuba_lif").parameters.size());
  EXPECT_EQ(hidden.parameters.at("tau_m"), tau(15.0, true, parameter_sharing::neuron));
  EXPECT_EQ(hidden.parameters.at("tau_syn"), tau(5.0, false, parameter_sharing::layer));
  EXPECT_EQ(e.network.layers[1].size, 0U);
}

TEST(Config, EveryKeyIsRead) {
  const auto e = parse(R"(
name = "all"
seed = 7
[data]
source = "wav_digits"
path = "/some/folder"
held_out_speaker = "theo"
[data.encoder]
kind = "poisson"
rate = 50
[data.audio]
channels = 32
[[network.layer]]
name = "first"
cell = "lif"
size = 3
recurrent = true
bias = true
reset = "to_value"
detach_reset = false
refractory = 2.5
init_sigma = 0.5
dropout = 0.25
noise = 0.1
surrogate = {kind = "triangle", width = 0.3}
activity = {l1 = 0.001, upper = 40, upper_weight = 0.5}
v_th = 2
[rule]
kind = "bptt"
[objective]
readout = "count"
synaptic_operations = {budget = 5000, weight = 2}
[optimiser]
kind = "adamw"
schedule = "cosine"
[train]
epochs = 3
[output]
report_samples = 0
)");
  EXPECT_EQ(e.name, "all");
  EXPECT_EQ(e.seed, 7U);
  EXPECT_EQ(e.data.source, data_source::wav_digits);
  EXPECT_EQ(e.data.path, "/some/folder");
  EXPECT_EQ(e.data.held_out_speaker, "theo");
  EXPECT_EQ(e.data.encoder.kind, encoder_kind::poisson);
  EXPECT_EQ(e.data.encoder.rate, 50.0);
  EXPECT_EQ(e.data.audio.channels, 32U);
  layer_spec layer;
  layer.name = "first";
  layer.cell = "lif";
  layer.size = 3;
  layer.recurrent = layer.bias = true;
  layer.reset = reset_kind::to_value;
  layer.detach_reset = false;
  layer.refractory = 2.5;
  layer.init_sigma = 0.5;
  layer.dropout = 0.25;
  layer.noise = 0.1;
  layer.surrogate = {surrogate_kind::triangle, 0.3, 1.0};
  layer.activity.l1 = 0.001;
  layer.activity.upper = 40.0;
  layer.activity.upper_weight = 0.5;
  for (const field& f : find_cell("lif").parameters) {
    layer.parameters[std::string(f.name)] = default_parameter(f);
  }
  layer.parameters["v_th"].value = 2.0;
  EXPECT_EQ(e.network.layers, std::vector<layer_spec>{layer});
  EXPECT_EQ(e.objective.readout, readout_kind::count);
  EXPECT_EQ(e.objective.synaptic_operations, (synaptic_operations_spec{5000.0, 2.0}));
  EXPECT_EQ(e.optimiser.kind, optimiser_kind::adamw);
  EXPECT_EQ(e.optimiser.schedule, schedule_kind::cosine);
  EXPECT_EQ(e.train.epochs, 3U);
  EXPECT_EQ(e.output.report_samples, 0U);
}

TEST(Config, UnnamedLayersAreNamedAsTheNetworkNamesThem) {
  auto e =
      parse("[[network.layer]]\nsize = 4\n[[network.layer]]\nsize = 3\n[[network.layer]]\ncell = 'leaky_integrator'");
  auto unnamed = e.network;
  unnamed.inputs = 5;
  unnamed.layers.back().size = 2;
  for (auto& layer : unnamed.layers) {
    layer.name.clear();
  }
  const network net(unnamed);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(e.network.layers[i].name, net.populations()[i].spec.name);
  }
}

TEST(Config, RoundTripOfDefaults) { expect_equal(parse(two_layers), parse(to_toml(parse(two_layers)))); }

TEST(Config, RoundTripOfEveryKeyChanged) {
  auto e = parse(two_layers);
  const auto before = to_toml(e);
  change_everything(config::experiment_keys(), e, "/a \"quoted\" \\ text with ü and more");
  e.environment = {};  // with one it would have no data: tests/experiment/agent
  e.agent = {};
  e.name = "other name";
  e.network.input_shape = {1, 2, 3};
  e.data.folds = 5;
  e.data.held_out_speaker.clear();  // one of the two
  e.data.events.crop = {1, 2, 3, 4};
  e.data.source = data_source::nmnist;  // which is augmented, and has no values to attack
  e.adversarial.kind = defence_kind::none;
  for (std::size_t i = 0; i < e.network.layers.size(); ++i) {
    auto& layer = e.network.layers[i];
    const auto cell = layer.cell;
    change_everything(config::layer_keys(), layer, "layer_" + std::to_string(i));
    layer.cell = cell;
    layer.receptor = layer.recurrent_receptor = std::nullopt;  // these cells have one without a name
    layer.shape = i == 0 ? grid_shape{1, layer.size} : grid_shape{};
    layer.kind = "sparse";
    layer.settings = {{"density", 0.25}, {"seed", 3.0}, {"autapses", 0.0}};
    layer.activity = find_cell(cell).spiking ? layer.activity : activity_spec{};
    layer.refractory = find_cell(cell).spiking ? layer.refractory : 0.0;
    for (auto& [name, parameter] : layer.parameters) {
      parameter.value = parameter.value * 1.1 + 1e-7;
      parameter.learn = !parameter.learn;
      parameter.per = parameter_sharing::channel;
      parameter.distribution = parameter_distribution::gamma;
      parameter.spread = 0.3;
      parameter.rest = 0.7;
      parameter.fraction = 0.25;
      parameter.low = 0.5 * parameter.value;
      parameter.high = parameter.value + 1.0 / 3.0;
      parameter.transform = parameter_transform::softplus;
    }
  }
  auto& connection = e.network.connections.emplace_back();
  change_everything(config::connection_keys(), connection, "layer_1");
  connection.name = "a.second_path";
  connection.from = "layer_0";
  connection.receptor = std::nullopt;
  connection.kind = "sparse";
  connection.short_term_plasticity->learn = {"U", "tau_f"};
  connection.settings = {{"density", 1.0 / 3.0}, {"seed", 7.0}, {"autapses", 0.0}};
  e.data.audio.low_hz = 12.3;
  e.objective.loss = loss_kind::class_spike_count;  // one that the two class weights are for
  e.network.layers.back().size = 2;
  e.optimiser.groups = {{"*.tau_m", 1.0 / 3.0, false}, {"layer_0.*", 1.0, true}};
  const auto text = to_toml(e);
  EXPECT_NE(text, before);
  const auto again = parse(text);
  expect_equal(e, again);
  EXPECT_EQ(again.network.layers[1].from, std::vector<std::string>{"input"});
  EXPECT_EQ(again.network.connections.at(0).base_delay, 3U);
  EXPECT_EQ(again.network.connections.at(0).short_term_plasticity->learn.size(), 2U);
  EXPECT_NE(again.data, experiment{}.data);
  EXPECT_EQ(again.data.path, "/a \"quoted\" \\ text with ü and more");
}

TEST(Config, AnExperimentMadeInCodeIsCompletedOnce) {
  experiment e;
  e.name = "made";
  e.network.layers.resize(2);
  e.network.layers[0].size = 8;
  e.network.layers[1].cell = "leaky_integrator";
  const auto text = to_toml(e);
  const auto again = parse(text);
  EXPECT_EQ(to_toml(again), text);
  EXPECT_EQ(again.network.layers[0].name, "hidden1");
  EXPECT_EQ(again.network.layers[0].parameters.at("tau_m").value, 20.0);
}

TEST(Config, SeedBeyondTomlIsRefusedWhenWriting) {
  auto e = parse(two_layers);
  e.seed = std::numeric_limits<std::uint64_t>::max();
  EXPECT_THROW(to_toml(e), value_error);
  e.seed = config::largest_seed;
  EXPECT_EQ(parse(to_toml(e)).seed, config::largest_seed);
}

TEST(Config, NumbersAreShortAndExact) {
  EXPECT_EQ(config::number_text(20.0), "20");
  EXPECT_EQ(config::number_text(1e-8), "1e-8");
  EXPECT_EQ(config::number_text(1e6), "1e6");
  EXPECT_EQ(config::number_text(-1e100), "-1e100");
  EXPECT_EQ(config::number_text(0.1), "0.1");
  EXPECT_EQ(config::toml_text(20.0), "20.0");
  EXPECT_EQ(config::toml_text(1e6), "1e6");
  for (double x = 1e-300; x < 1e300; x *= 7.3e9) {
    for (const double y : {x, -x, std::nextafter(x, 0.0)}) {
      EXPECT_EQ(std::stod(config::number_text(y)), y);
    }
  }
}

TEST(Config, ParametersOfACellAsTables) {
  const auto e =
      parse("[[network.layer]]\n[network.layer.surrogate]\nwidth = 0.5\n[network.layer.tau_m]\nlearn = true\n");
  EXPECT_EQ(e.network.layers[0].surrogate.width, 0.5);
  EXPECT_EQ(e.network.layers[0].parameters.at("tau_m"), tau(20.0, true, parameter_sharing::layer));
}

TEST(Config, TheExperimentsThatComeWithTheProgramParse) {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(source_folder() + "/experiments")) {
    if (file.path().extension() == ".toml") {
      const auto e = load_experiment(file.path().string());
      EXPECT_EQ(e.name, file.path().stem());
      EXPECT_GE(e.network.layers.size(), 1U);
      EXPECT_EQ(e.network.layers.back().size, 0U);
      expect_equal(e, parse(to_toml(e)));
      ++count;
    }
  }
  EXPECT_GE(count, 2U);
}

TEST(ConfigOverride, SetsKeysInOrder) {
  const auto e = parse(two_layers, {"objective.rate_penalty=1e-4", "train.epochs=3", "train.epochs = 4", "seed=9"});
  EXPECT_EQ(e.objective.rate_penalty, 1e-4);
  EXPECT_EQ(e.train.epochs, 4U);
  EXPECT_EQ(e.seed, 9U);
}

/// A folder for a test, gone afterwards.
struct config_folder : temporary_folder {
  config_folder() { std::filesystem::create_directories(path() / "below"); }
};

TEST(ConfigPaths, OfAFileAreThoseFromItsFolder) {
  const config_folder folder;
  const auto file = folder.path() / "below" / "e.toml";
  std::ofstream(file)
      << "data = {path = \"../train.h5\", test_path = \"test.h5\", spike_pattern = {picture = \"p.pgm\"}}\n"
      << two_layers;
  const auto e = load_experiment(file.string());
  EXPECT_EQ(e.data.path, (folder.path() / "train.h5").string());
  EXPECT_EQ(e.data.test_path, (folder.path() / "below" / "test.h5").string());
  EXPECT_EQ(e.data.spike_pattern.picture, (folder.path() / "below" / "p.pgm").string());
  EXPECT_EQ(parse(to_toml(e)).data, e.data) << "read again from any folder";
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto near = load_experiment("below/e.toml", {"data.path=x.h5"});
  std::filesystem::current_path(here);
  EXPECT_EQ(near.data.path, (std::filesystem::canonical(folder.path()) / "x.h5").string()) << "an override: from here";
  EXPECT_EQ(near.data.test_path, (std::filesystem::canonical(folder.path()) / "below" / "test.h5").string());
}

TEST(ConfigPaths, LinksKeepTheirMeaning) {
  const config_folder folder;
  std::filesystem::create_directories(folder.path() / "far" / "away");
  std::filesystem::create_directory_symlink(folder.path() / "far" / "away", folder.path() / "below" / "link");
  const auto file = folder.path() / "below" / "e.toml";
  std::ofstream(file) << "data.path = \"link/../x.h5\"\n" << two_layers;
  EXPECT_EQ(std::filesystem::weakly_canonical(load_experiment(file.string()).data.path),
            std::filesystem::canonical(folder.path()) / "far" / "x.h5");
}

TEST(ConfigPaths, EmptyAndAbsoluteOnesStay) {
  EXPECT_EQ(parse(two_layers).data.path, "");
  EXPECT_EQ(parse(two_layers, {"data.path=/some/../where"}).data.path, "/some/../where");
  EXPECT_EQ(parse(two_layers, {"data.path=a"}).data.path, (std::filesystem::current_path() / "a").string());
}

TEST(ConfigOverride, TextNeedsNoQuotes) {
  const auto e = parse(two_layers, {"data.path=/some/dir=x #1", "data.held_out_speaker=7", "name=\"2024-01-01\"",
                                    "data.test_path=2024-01-01", "output.directory=", "optimiser.kind=sgd"});
  EXPECT_EQ(e.data.path, "/some/dir=x #1");
  EXPECT_EQ(e.data.held_out_speaker, "7");
  EXPECT_EQ(e.name, "2024-01-01");
  EXPECT_EQ(e.data.test_path, (std::filesystem::current_path() / "2024-01-01").string());
  EXPECT_EQ(e.output.directory, "");
  EXPECT_EQ(e.optimiser.kind, optimiser_kind::sgd);
}

TEST(ConfigOverride, LayersByNameAndNumber) {
  const auto e = parse(two_layers, {"network.layer.hidden1.size=128", "network.layer.1.size=10",
                                    "network.layer.hidden1.tau_m.learn=false", "network.layer.0.tau_syn=3",
                                    "network.layer.hidden1.surrogate.width=0.3",
                                    "network.layer.readout={tau_m = {per = \"neuron\"}, bias = true}"});
  const auto& hidden = e.network.layers[0];
  EXPECT_EQ(hidden.size, 128U);
  EXPECT_EQ(hidden.parameters.at("tau_m"), tau(15.0, false, parameter_sharing::neuron));
  EXPECT_EQ(hidden.parameters.at("tau_syn").value, 3.0);
  EXPECT_EQ(hidden.surrogate.width, 0.3);
  EXPECT_EQ(e.network.layers[1].size, 10U);
  EXPECT_EQ(e.network.layers[1].parameters.at("tau_m"), tau(20.0, false, parameter_sharing::neuron));
  EXPECT_TRUE(e.network.layers[1].bias);
}

TEST(ConfigOverride, AnotherCellLosesTheParametersItDoesNotHave) {
  const auto e = parse(two_layers, {"network.layer.0.tau_syn=3", "network.layer.0.cell=lif"});
  const auto& hidden = e.network.layers[0];
  EXPECT_EQ(hidden.parameters.size(), find_cell("lif").parameters.size());
  EXPECT_FALSE(hidden.parameters.contains("tau_syn"));
  EXPECT_EQ(hidden.parameters.at("tau_m").value, 15.0);
}

TEST(ConfigOverride, ASizeOnTheCommandLineCompletesAFile) {
  const auto e = parse("[[network.layer]]\n[[network.layer]]\n", {"network.layer.hidden1.size=5"});
  EXPECT_EQ(e.network.layers[0].size, 5U);
}

TEST(ConfigSchema, ListsEveryKey) {
  const auto text = schema_text();
  const auto expect_line = [&](const std::string& key, const std::string& meaning) {
    std::string lines;  // kinds of connection have settings of the same name
    for (auto at = text.find("\n" + key + " "); at != std::string::npos; at = text.find("\n" + key + " ", at + 1)) {
      lines += text.substr(at, text.find('\n', at + 1) - at);
    }
    EXPECT_THAT(lines, HasSubstr(meaning)) << key;
  };
  for (const auto& s : config::experiment_keys()) {
    for (const auto& k : s.keys) {
      expect_line(s.name.empty() ? k.name : s.name + "." + k.name, k.meaning);
    }
  }
  for (const auto& s : config::layer_keys()) {
    for (const auto& k : s.keys) {
      expect_line("network.layer.NAME." + (s.name.empty() ? "" : s.name + ".") + k.name, k.meaning);
    }
  }
  for (const auto& s : config::connection_keys()) {
    for (const auto& k : s.keys) {
      expect_line("network.connection.NAME." + (s.name.empty() ? "" : s.name + ".") + k.name, k.meaning);
    }
  }
  for (const auto& kind : known_connections()) {
    EXPECT_THAT(text, HasSubstr("kind = \"" + std::string(kind.name) + "\": " + std::string(kind.meaning)));
    for (const field& f : kind.fields) {
      expect_line("network.connection.NAME." + std::string(f.name), std::string(f.meaning));
    }
  }
  for (const auto& k : config::group_keys().front().keys) {
    expect_line("optimiser.group.N." + k.name, k.meaning);
  }
  EXPECT_THAT(text, HasSubstr("rate_penalty"));
}

TEST(ConfigSchema, ListsEveryCellWithItsParameters) {
  const auto text = schema_text();
  for (const auto& cell : known_cells()) {
    const auto at = text.find("cell = \"" + std::string(cell.name) + "\"");
    ASSERT_NE(at, std::string::npos) << cell.name;
    const auto block = text.substr(at, text.find("\n\n", at) - at);
    EXPECT_THAT(block, HasSubstr(std::string(cell.meaning)));
    for (const field& f : cell.parameters) {
      EXPECT_THAT(block, HasSubstr(std::string("NAME.").append(f.name).append(" "))) << cell.name;
      EXPECT_THAT(block, HasSubstr(std::string(f.meaning)));
    }
  }
}

struct anything {
  template <class T>
  operator T() const;  // never called: only whether a braced list of these could make an aggregate is asked
};

/// How many members an aggregate has.
template <class Aggregate, class... Initialisers>
constexpr std::size_t members() {
  if constexpr (requires { Aggregate{Initialisers{}..., anything{}}; }) {
    return members<Aggregate, Initialisers..., anything>();
  } else {
    return sizeof...(Initialisers);
  }
}

TEST(ConfigSchema, NoMemberIsWithoutAKey) {
  const auto expect_keys = [](const auto& table, const std::string& name, std::size_t count) {
    for (const auto& s : table) {
      if (s.name == name) {
        EXPECT_EQ(s.keys.size(), count) << name;
        return;
      }
    }
    ADD_FAILURE() << "no section " << name;
  };
  static_assert(members<pattern_spec>() == 5 && members<train_spec>() == 3);
  const auto& table = config::experiment_keys();
  // Each member is a section, but name and seed share one, and `places` are no keys; the encoder, the front end and the
  // tasks are parts of the data, the budget one of the objective, an agent's encoder one of its environment.
  const auto parts =
      static_cast<std::size_t>(std::ranges::count_if(table, [](const auto& s) { return s.name.starts_with("data."); }));
  EXPECT_EQ(members<experiment>() - 2 + parts + 2, table.size());
  expect_keys(table, "data", members<data_spec>() - parts);
  expect_keys(table, "data.pattern", members<pattern_spec>());
  expect_keys(table, "data.spike_pattern", members<spike_pattern_spec>());
  expect_keys(table, "data.evidence", members<evidence_spec>());
  expect_keys(table, "data.delay_recovery", members<delay_recovery_spec>());
  expect_keys(table, "data.coincidence", members<coincidence_spec>());
  expect_keys(table, "data.waveforms", members<waveforms_spec>());
  expect_keys(table, "data.psp", members<psp_spec>());
  expect_keys(table, "data.timing", members<timing_spec>());
  expect_keys(table, "data.mackey_glass", members<mackey_glass_spec>());
  expect_keys(table, "data.random_manifolds", members<random_manifolds_spec>());
  expect_keys(table, "data.delayed_match", members<delayed_match_spec>());
  expect_keys(table, "data.event_camera", members<event_camera_spec>() - 2);  // its sensor is that of data.events
  expect_keys(table, "data.saccade_direction", members<saccade_direction_spec>());
  expect_keys(table, "data.encoder", members<encoder_spec>());
  expect_keys(table, "data.audio", members<audio_spec>());
  // Bases are no members; the terms and the other outputs are lists and the budget a section.
  expect_keys(table, "objective", members<loss_spec>() + members<output_objective>() + members<objective_spec>() - 5);
  expect_keys(config::loss_table(), "", members<loss_spec>());
  expect_keys(config::term_keys(), "", members<loss_spec>() + 1);
  expect_keys(config::output_entry_keys(), "",
              members<network_output_spec>() + members<loss_spec>() + members<output_objective>() - 2);
  expect_keys(table, "objective.synaptic_operations", members<synaptic_operations_spec>());
  expect_keys(table, "optimiser", members<optimiser_spec>() - 1);  // groups
  expect_keys(config::group_keys(), "", members<parameter_group>());
  expect_keys(config::part_keys(), "", members<input_part>());
  expect_keys(table, "train", members<train_spec>());
  expect_keys(table, "output", members<output_spec>());
  expect_keys(table, "agent", members<agent_spec>());
  expect_keys(table, "environment.encoder", members<observation_spec>());
  expect_keys(config::layer_keys(), "", members<layer_spec>() - 7);  // sections, parameters of the cell, the own kind
  for (const std::string part : {"delay", "recurrent_delay"}) {
    expect_keys(config::layer_keys(), part, members<delay_spec>() - 1);  // width
    expect_keys(config::layer_keys(), part + ".width", members<delay_width_spec>());
  }
  expect_keys(config::layer_keys(), "surrogate", members<surrogate_spec>());
  expect_keys(config::layer_keys(), "activity", members<activity_spec>());
  expect_keys(config::connection_keys(), "", members<connection_spec>() - 3);  // the sections, the kind's settings
  expect_keys(config::connection_keys(), "delay", members<delay_spec>() - 1);  // width
  expect_keys(config::connection_keys(), "short_term_plasticity", members<short_term_plasticity_spec>());
  EXPECT_EQ(config::parameter_keys(known_cells().front().parameters.front()).size(), members<cell_parameter_spec>());
}

TEST(ConfigSchema, DefaultsAreAccepted) {
  const auto check = [](const auto& table, const auto& defaults) {
    for (const auto& s : table) {
      for (const auto& k : s.keys) {
        const auto v = k.get(defaults);
        const auto* x = std::get_if<double>(&v);
        const auto* n = std::get_if<std::int64_t>(&v);
        EXPECT_TRUE(x == nullptr || k.limits.contains(*x)) << s.name << "." << k.name;
        EXPECT_TRUE(n == nullptr || k.limits.contains(static_cast<double>(*n))) << s.name << "." << k.name;
      }
    }
  };
  check(config::experiment_keys(), experiment{});
  check(config::layer_keys(), layer_spec{});
  check(config::connection_keys(), connection_spec{});
}

template <class Enum>
class EnumNames : public testing::Test {};
using enums =
    testing::Types<data_source, encoder_kind, rule_kind, surrogate_kind, reset_kind, parameter_sharing,
                   parameter_distribution, parameter_transform, loss_kind, readout_kind, optimiser_kind, schedule_kind,
                   delay_sharing, delay_kernel, delay_init, width_schedule, weight_init, weight_sign, eprop_form>;
TYPED_TEST_SUITE(EnumNames, enums);

TYPED_TEST(EnumNames, ReadBack) {
  int expected = 0;
  for (const auto& [value, name] : enum_names<TypeParam>) {
    EXPECT_EQ(static_cast<int>(value), expected++) << "an enumerator without a name before " << name;
    EXPECT_EQ(name_of(value), name);
    EXPECT_EQ(parse_name<TypeParam>(name), value);
  }
  EXPECT_EQ(parse_name<TypeParam>("nonsense"), std::nullopt);
  EXPECT_EQ(name_of(static_cast<TypeParam>(expected)), "");
}

TEST(ConfigSpelling, Distance) {
  EXPECT_EQ(config::edit_distance("", "abc"), 3U);
  EXPECT_EQ(config::edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(config::edit_distance("epcohs", "epochs"), 1U);
  EXPECT_EQ(config::edit_distance("batch", "batch"), 0U);
}

TEST(ConfigSpelling, Nearest) {
  const std::vector<std::string> known{"beta1", "beta2", "learning_rate", "kind"};
  EXPECT_EQ(config::nearest("learning_rat", known), "learning_rate");
  EXPECT_EQ(config::nearest("lerning_rte", known), "learning_rate");
  EXPECT_EQ(config::nearest("beta", known), "beta1");
  EXPECT_EQ(config::nearest("threads", known), "");
  EXPECT_EQ(config::nearest("", {"a", "ab"}), "");
}

}  // namespace
}  // namespace backspike
