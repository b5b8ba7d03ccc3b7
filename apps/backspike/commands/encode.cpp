// `backspike encode`: writes the spikes that an experiment would train on, as HDF5 files in the layout of SHD.

#include <backspike/data/spike_hdf5.hpp>

#include "commands/agent/agent_commands.hpp"
#include "commands/command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

namespace backspike::app {
namespace {

struct encode_options : experiment_options {
  std::string out;
  std::string split = "both";
  bool quiet = false;
};

void write(const std::string& path, const dataset& data) {
  write_spike_hdf5(path, data);
  print("{}: {} samples, {} channels, {} spikes\n", path, data.size(), data.channels, data.inputs.spikes.size());
}

/// "digits.h5" and "train" give "digits_train.h5".
std::string named(const std::string& path, const std::string& part) {
  const std::filesystem::path p(path);
  return (p.parent_path() / (p.stem().string() + "_" + part + p.extension().string())).string();
}

int encode(const encode_options& o) {
  work_display display(o.quiet);
  auto e = o.load();
  refuse_agent("encode", e, "an agent has no samples to encode");
  e.data.validation = 0.0;  // whoever trains on the file carves their own validation set from it
  const auto data = load_with_progress(e.data, e.seed, display);
  display.line().clear();
  if (o.split == "both") {
    write(named(o.out, "train"), data.train);
    write(named(o.out, "test"), data.test);
  } else {
    write(o.out, o.split == "train" ? data.train : data.test);
  }
  return 0;
}

}  // namespace

void add_encode(CLI::App& program, action& chosen) {
  auto o = std::make_shared<encode_options>();
  auto* command = program.add_subcommand("encode", "Write the spikes of an experiment's data as HDF5");
  o->add_to(*command);
  command->add_option("-o,--out", o->out, "File to write; two files get _train and _test before the extension")
      ->type_name("FILE.h5")
      ->required();
  command->add_option("--split", o->split, "Which part")
      ->check(CLI::IsMember({"both", "train", "test"}))
      ->capture_default_str();
  command->add_flag("--quiet", o->quiet, "No progress");
  command->footer(
      "The layout is that of the Spiking Heidelberg Digits (spikes/times [s], spikes/units, labels, extra/speaker), "
      "so\n"
      "that the files can be trained on with data.source = \"spike_hdf5\". The training file holds the validation\n"
      "samples, too.\n"
      "Examples:\n"
      "  backspike encode experiments/spoken_digits.toml --out digits.h5      digits_train.h5 and digits_test.h5\n"
      "  backspike encode experiments/spoken_digits.toml --out test.h5 --split test");
  command->callback([&chosen, o] { chosen = [o] { return encode(*o); }; });
}

}  // namespace backspike::app
