// What strangers may write into experiments, checkpoints and the files of a run: texts that nest without end, names
// that are paths, numbers that no training gives.

#include "experiment/config/toml.hpp"
#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"
#include "experiment/folder/json_text.hpp"
#include "experiment/measure/raster_history.hpp"
#include "temporary_folder.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/spike_hdf5.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/sweep.hpp>
#include <backspike/experiment/trained.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>

namespace backspike {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string layers = R"([[network.layer]]
cell = "lif"
size = 3
[[network.layer]]
cell = "leaky_integrator"
)";

std::string repeated(const std::string& part, std::size_t count) {
  std::string text;
  for (std::size_t k = 0; k < count; ++k) {
    text += part;
  }
  return text;
}

template <class Error>
std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  ADD_FAILURE() << "was accepted";
  return "";
}

std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return message<config_error>([&] { parse_experiment(text, "exp.toml", overrides); });
}

TEST(HostileToml, DeepTextsAreRefusedBeforeTheParserSeesThem) {
  for (const std::size_t count : {std::size_t{17}, std::size_t{30000}, std::size_t{150000}}) {
    EXPECT_THAT(refusal("seed = 1\nx = " + repeated("[", count)),
                HasSubstr("exp.toml:2: more than 16 lists or tables"));
    EXPECT_THAT(refusal("\n\n[" + repeated("a.", count) + "a]"), HasSubstr("exp.toml:3: more than 16 parts"));
    EXPECT_THAT(refusal(repeated("a.", count) + "a = 1"), HasSubstr("exp.toml:1: more than 16 parts"));
    EXPECT_THAT(refusal(repeated("'a' . ", count) + "a = 1"), HasSubstr("exp.toml:1: more than 16 parts"));
  }
  EXPECT_THAT(refusal(repeated("x = {a = ", 20000)), HasSubstr("more than 16 lists or tables"));
  EXPECT_THAT(refusal("x = [\n" + repeated("{a.b.c = [\n", 40)), HasSubstr("exp.toml:9: more than 16"));
}

// toml++ 3.3 has undefined behaviour where it asks whether such a letter is a space; a sanitizer sees it here.
TEST(HostileToml, LettersThatAreNoSpaces) {
  EXPECT_EQ(parse_experiment("name = \"\"\"\\\n \xC3\xA9t\xC3\xA9 \xE3\x81\x82\"\"\"\n" + layers, "exp.toml").name,
            "\xC3\xA9t\xC3\xA9 \xE3\x81\x82");
  EXPECT_THAT(refusal("name = \"\"\"\\\xC3\xA9\"\"\""), HasSubstr("exp.toml:1: "));
  EXPECT_EQ(parse_experiment(layers, "exp.toml", {"name=3netw'zoN\xC7\x9D"}).name, "3netw'zoN\xC7\x9D");
}

TEST(HostileToml, LettersOutsideOfQuotesAreAscii) {
  EXPECT_THAT(refusal("seed = 1\nna\xC3\xBCme = 2"), HasSubstr("exp.toml:2: a letter that is not ASCII"));
  EXPECT_THAT(refusal("seed = \xE2\x80\x83"
                      "1"),
              HasSubstr("exp.toml:1: a letter that is not ASCII"));
  EXPECT_NO_THROW(parse_experiment("\xEF\xBB\xBF" + layers + "# \xC3\xBC\n", "exp.toml"));
}

TEST(HostileToml, LongTextsAreRefused) {
  const std::string comment = "#" + std::string(config::longest_toml, 'x');
  EXPECT_THAT(refusal(comment), AllOf(HasSubstr("bytes"), HasSubstr("16777216")));
  EXPECT_NO_THROW(parse_experiment(layers + "#" + std::string(config::longest_toml / 2, '['), "exp.toml"));
}

/// Of an override, too, whose value is no TOML and is put in quotes; escapes make the second one too long.
TEST(HostileToml, LongOverridesAreRefused) {
  const auto text = AllOf(HasSubstr("--set: name: the value has"), HasSubstr("accepted: at most 16777216"));
  EXPECT_THAT(refusal(layers, {"name=" + std::string(config::longest_toml + 1, 'x')}), text);
  EXPECT_THAT(refusal(layers, {"name=a" + std::string(config::longest_toml / 4, '\x01') + "a"}), text);
  EXPECT_THAT(refusal(layers, {"name=[" + std::string(config::longest_toml, ' ') + "]"}), text);
  EXPECT_EQ(parse_experiment(layers, "exp.toml", {"name=" + std::string(100000, 'x')}).name.size(), 100000u);
}

/// toml++ looks for a table among all that were opened: 16 MiB of keys would take an hour.
TEST(HostileToml, KeysAreCountedAndValuesAreNot) {
  EXPECT_THAT(refusal(repeated("a.b = 1\n", 40000)), HasSubstr("exp.toml:32769: more than 65536 keys"));
  EXPECT_THAT(refusal(repeated("[a.b.c]\n", 30000)), HasSubstr("more than 65536 keys"));
  EXPECT_THAT(refusal(repeated("[[a]]\n", 70000)), HasSubstr("more than 65536 keys"));
  EXPECT_THAT(refusal("x = {" + repeated("a = 1, ", 70000) + "}"), HasSubstr("more than 65536 keys"));
  EXPECT_FALSE(config::find_toml_problem("x = [" + repeated("0.5, ", 1000000) + "]"));
}

/// Each is looked up among all others.
TEST(HostileToml, ConnectionsAreCounted) {
  EXPECT_THAT(refusal(layers + "from = [" + repeated("'input', ", 1000000) + "]"),
              HasSubstr("there are 1000000 with those that layers name in from; accepted: at most 8192"));
  EXPECT_THAT(refusal(layers + repeated("[[network.connection]]\n", 9000)),
              HasSubstr("network.connection: there are 9000"));
}

TEST(HostileToml, WhatCouldNotBeReadAgainIsNotWritten) {
  auto e = parse_experiment(layers, "exp.toml");
  e.network.layers[0].size = 200000;
  auto& tau = e.network.layers[0].parameters.at("tau_m");
  tau.per = parameter_sharing::neuron;
  tau.values.assign(200000, 10.0 / 3.0);
  tau.value = tau.values[0];
  const auto text = to_toml(e);
  EXPECT_GT(text.size(), std::size_t{3} << 20) << "of a network that a server trains";
  EXPECT_EQ(parse_experiment(text, "again.toml").network.layers[0].parameters.at("tau_m").values, tau.values);
  tau.values.assign(1000000, 10.0 / 3.0);
  EXPECT_THAT(message<value_error>([&] { to_toml(e); }), AllOf(HasSubstr("bytes"), HasSubstr("16777216")));
}

TEST(HostileToml, StringsAndCommentsMayHoldWhatTheyLike) {
  const std::string brackets = repeated("[{", 50), dots = std::string(50, '.');
  const std::vector<std::string> fine{"# " + brackets + dots,
                                      "a = \"" + brackets + dots + "\"",
                                      "a = '" + brackets + dots + "'",
                                      "a = \"\"\"\n" + brackets + "\n" + dots + "\"\"\"",
                                      "a = '''" + brackets + "\n" + dots + "'''",
                                      "a = \"\\\"" + brackets + "\"",
                                      "a = \"\\\\\" # \"" + brackets,
                                      "a = 1.5\nb = [1.5, 2.5, 3.5]\nc.d.e = 1979-05-27T07:32:00.999Z",
                                      "a = [[1], [2], [3]]\n" + repeated("[[t]]\nx = 1\n", 100)};
  for (const auto& text : fine) {
    EXPECT_FALSE(config::find_toml_problem(text)) << text;
    EXPECT_NO_THROW(config::parse_toml(text, "fine")) << text;
  }
  EXPECT_TRUE(config::find_toml_problem("a = \"\"\"x\"\"\"\nb = " + brackets));
  EXPECT_TRUE(config::find_toml_problem("a = \"x\\\\\"\nb = " + brackets));
}

TEST(HostileToml, OverridesAndOldRunsPassTheSameDoor) {
  EXPECT_THAT(refusal(layers, {"seed=" + repeated("[", 50000)}),
              AllOf(HasSubstr("--set: seed"), HasSubstr("more than 16")));
  EXPECT_THAT(refusal(layers, {"seed=" + repeated("{a = ", 50000)}), HasSubstr("more than 16"));
  const std::string far = repeated("../", 40) + "data";
  EXPECT_THAT(parse_experiment(layers, "exp.toml", {"data.path=/a/" + far}).data.path, HasSubstr("data"));
  EXPECT_THAT(message<config_error>([] { first_difference("[" + repeated("a.", 30000) + "a]", "a = 1"); }),
              HasSubstr("more than 16"));
  EXPECT_THAT(message<config_error>([] { first_difference("[=", "a = 1"); }), HasSubstr("experiment.toml:1"));
}

TEST(HostileNames, TextSettingsHoldNoControlCharacters) {
  const std::string all = "seed = 1\n" + layers;
  EXPECT_THAT(refusal("name = \"passwd\\u0000.toml\"\n" + all),
              HasSubstr(R"(name: is "passwd\u0000.toml"; accepted: text without line ends, NUL and other control)"));
  for (const char* text : {R"("a\nb")", R"("\u001b[2J")", R"("\u009b2J")", R"("\u202egnp")", R"("\u0000")"}) {
    EXPECT_THAT(refusal(std::string("output.directory = ") + text + "\n" + all), HasSubstr("output.directory: is "))
        << text;
    EXPECT_THAT(refusal(std::string("data.path = ") + text + "\n" + all), HasSubstr("data.path: is ")) << text;
    EXPECT_THAT(refusal(all, {std::string("data.held_out_speaker=") + text}), HasSubstr("data.held_out_speaker: is "))
        << text;
  }
  EXPECT_THAT(parse_experiment("data.path = \"a b/caf\u00e9\"\n" + all, "exp.toml").data.path,
              HasSubstr("a b/caf\u00e9"));
}

TEST(HostileNames, TheNameOfARunIsThatOfAFolder) {
  for (const char* name : {"..", ".", "a/b", "/etc"}) {
    EXPECT_THAT(refusal("name = '" + std::string(name) + "'\n" + layers), HasSubstr("accepted: the name of a folder"));
  }
  EXPECT_THAT(message<config_error>([] { parse_experiment(layers, "folder/a\nb.toml"); }),
              HasSubstr("accepted: the name of a folder"));
  EXPECT_THAT(message<value_error>([] { directory_for("", "runs", "../../home"); }), HasSubstr("the name of a folder"));
  EXPECT_EQ(directory_for("", "runs", "a b"), "runs/a b");
  EXPECT_EQ(directory_for("my/../place", "runs", ".."), "my/../place");
  EXPECT_THAT(message<file_error>([] { run_directory(std::string("runs\0/x", 7)); }), HasSubstr("a NUL"));
}

class HostileFiles : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_.at(name); }

 private:
  temporary_folder folder_;
};

TEST_F(HostileFiles, ASpeakerIsNotAPath) {
  dataset data;
  data.channels = 2;
  data.class_names = {"a", "b"};
  data.speaker_names = {"../../escaped", "bob"};
  for (std::int32_t s = 0; s < 8; ++s) {
    data.inputs.spikes.channels.push_back(0);
    data.inputs.spikes.end_row();
    data.inputs.end_sample();
    data.labels.push_back(s % 2);
    data.speakers.push_back(s / 2 % 2);
  }
  write_spike_hdf5(at("spikes.h5"), data);
  auto e = parse_experiment(layers, "exp.toml", {"data.source=spike_hdf5", "data.path=" + at("spikes.h5")});
  run_options options;
  options.directory = at("deep/runs");
  run_observer silent;
  EXPECT_THAT(message<value_error>([&] { train_leave_one_speaker_out(e, options, silent); }),
              AllOf(HasSubstr("\"../../escaped\""), HasSubstr("the name of a folder")));
  EXPECT_FALSE(std::filesystem::exists(at("escaped")));
}

checkpoint sound_checkpoint() {
  auto e = parse_experiment(layers, "exp.toml");
  const network net(network_for(e, 5, 1.0, 2));
  checkpoint c;
  c.version = "0.1.0";
  c.experiment = to_toml(e);
  c.scalars = {{"inputs", 5.0}, {"dt", 1.0}, {"classes", 2.0}};
  c.parameters = tensors_of(arena<float>(net.parameters()));
  for (std::size_t k = 0; k < c.parameters.size(); ++k) {  // within every parameter's range
    const auto& info = net.parameters()[k];
    std::ranges::fill(c.parameters[k].values, static_cast<float>(std::clamp(1.0, info.low, info.high)));
  }
  return c;
}

TEST_F(HostileFiles, NumbersOfCheckpointsAreNotBelieved) {
  const auto path = at("c.h5");
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  write_checkpoint(path, sound_checkpoint());
  EXPECT_EQ(load_trained(path).classes, 2U);
  for (const char* name : {"classes", "inputs"}) {
    for (const double wrong : {0.0, -1.0, 2.5, 1e300, -1e300, 1e10, nan, infinity, -infinity}) {
      auto c = sound_checkpoint();
      c.scalars[name] = wrong;
      write_checkpoint(path, c);
      EXPECT_THAT(message<checkpoint_error>([&] { load_trained(path); }),
                  AllOf(HasSubstr(name), HasSubstr("accepted: a whole number, 1 to")))
          << wrong;
    }
  }
  for (const double wrong : {0.0, -1.0, nan, infinity}) {
    auto c = sound_checkpoint();
    c.scalars["dt"] = wrong;
    write_checkpoint(path, c);
    EXPECT_THAT(message<checkpoint_error>([&] { load_trained(path); }), AllOf(HasSubstr("'dt'"), HasSubstr("above 0")))
        << wrong;
  }
}

TEST_F(HostileFiles, ProgressBeyondAnyTrainingIsDamage) {
  const auto path = at("c.h5");
  for (const bool epoch : {true, false}) {
    auto c = sound_checkpoint();
    (epoch ? c.epoch : c.step) = std::numeric_limits<std::uint64_t>::max();
    write_checkpoint(path, c);
    EXPECT_THAT(message<format_error>([&] { read_checkpoint(path); }),
                HasSubstr(epoch ? "attribute epoch" : "attribute step"));
  }
}

TEST_F(HostileFiles, ANetworkLargerThanItsTensorsTakesNoMemory) {
  const auto path = at("c.h5");
  auto c = sound_checkpoint();
  c.scalars["inputs"] = 4e9;  // 48 GB of weights
  write_checkpoint(path, c);
  EXPECT_THAT(message<checkpoint_error>([&] { load_trained(path); }), HasSubstr("has shape"));
  c = sound_checkpoint();
  c.parameters.clear();
  write_checkpoint(path, c);
  EXPECT_THAT(message<checkpoint_error>([&] { load_trained(path); }), HasSubstr("holds no"));
}

TEST(HostileJson, DepthAndNumbers) {
  EXPECT_EQ(depth_of_json(R"({"a": [1, [2]], "b": "[[[[\"[[["})"), 3U);
  EXPECT_NO_THROW(parse_json(repeated("[", 32) + repeated("]", 32)));
  EXPECT_THROW(parse_json(repeated("[", 1000000)), nlohmann::json::exception);
  EXPECT_THROW(parse_json(repeated("{\"a\":", 1000000)), nlohmann::json::exception);
  EXPECT_EQ(number_in<std::uint32_t>(parse_json("4294967295")), 4294967295U);
  EXPECT_TRUE(std::isnan(number_in<double>(parse_json("null"))));
  for (const char* wrong : {"4294967296", "-1", "1e300", "1.5", "null", "\"1\"", "[]", "18446744073709551615"}) {
    EXPECT_THROW(number_in<std::uint32_t>(parse_json(wrong)), nlohmann::json::exception) << wrong;
  }
  EXPECT_THROW(number_in<double>(parse_json("\"1\"")), nlohmann::json::exception);
  EXPECT_THROW(numbers_in<double>(parse_json("{}")), nlohmann::json::exception);
  EXPECT_EQ(json_ascii(nlohmann::json("caf\xe9\u202e")), R"("caf\ufffd\u202e")");
  EXPECT_NO_THROW(json_text(nlohmann::json("caf\xe9")));
}

TEST_F(HostileFiles, LinesOfRunsAreNotBelieved) {
  const auto metrics = at("metrics.jsonl"), rasters = at("rasters.jsonl");
  for (const std::string& line :
       {repeated("[", 100000), repeated("{\"layers\":", 100000), std::string(R"({"epoch": 1e300})"),
        std::string(R"({"epoch": -1})"), std::string("null"), std::string("{\"epoch\": 1}")}) {
    write_text_file(metrics, line + "\n");
    EXPECT_THAT(message<format_error>([&] { read_metrics(metrics, 1); }), HasSubstr("line 1")) << line.substr(0, 40);
  }
  for (const std::string& line :
       {repeated("[", 100000), std::string(R"({"epoch": 1e300, "layer": "a", "steps": [], "neurons": []})"),
        std::string(R"({"epoch": 1, "layer": "a", "steps": [-1], "neurons": [0]})"),
        std::string(R"({"epoch": 1, "layer": "a", "steps": [0.5], "neurons": [0]})"),
        std::string(R"({"epoch": 1, "layer": "a", "steps": {"0": 1}, "neurons": [0]})")}) {
    write_text_file(rasters, line + "\n");
    EXPECT_THAT(message<format_error>([&] { read_snapshots(rasters, 1, 3, 3); }), HasSubstr("line 1"))
        << line.substr(0, 40);
  }
  write_text_file(at("summary.json"), repeated("[", 100000));
  EXPECT_THAT(message<format_error>([&] { read_outcome(at("")); }), HasSubstr("summary.json"));
}

}  // namespace
}  // namespace backspike
