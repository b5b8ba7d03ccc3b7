// --set: one override on each line of the input, over a small experiment.

#include <backspike/experiment/experiment.hpp>

#include "target.hpp"

#include <sstream>

namespace backspike::fuzz {
namespace {

const std::string base =
    "[[network.layer]]\ncell = 'cuba_lif'\nsize = 4\n[[network.layer]]\ncell = 'leaky_integrator'\n"
    "[[optimiser.group]]\nmatch = '*.weight'\n";

void read(std::string_view input) {
  std::vector<std::string> overrides;
  std::istringstream lines{std::string(input)};
  for (std::string line; overrides.size() < 20 && std::getline(lines, line);) {
    overrides.push_back(line);
  }
  const auto e = parse_experiment(base, "base.toml", overrides);
  const auto written = to_toml(e);
  require(to_toml(parse_experiment(written, "again.toml")) == written, "an experiment reads back as it was written");
}

std::vector<std::string> seeds() {
  return {"seed=3\ntrain.epochs=4\noptimiser.kind=adamw",
          "network.layer.hidden1.size=7\nnetwork.layer.0.tau_m={init = 'normal', spread = 2}\nname=\"a b\"",
          "network.layer.readout.tau_m.learn=true\ndata.path=/a/b\noptimiser.group.0.learning_rate=1e-3",
          "network.layer=[{cell='lif', size=2}, {cell='leaky_integrator'}]",
          "objective.term=[{}]\nrule.kind=eprop\nrule.window=5",
          "network.layer.0.delay={max = 5, init = 'constant', value = 3, width={from = 1}}"};
}

const registration registered({"overrides", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
