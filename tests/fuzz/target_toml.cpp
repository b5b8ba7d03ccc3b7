// Experiments as files: what is accepted must say the same when it is written and read again.

#include <backspike/experiment/experiment.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "paths.hpp"
#include "target.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  const std::string text(input);
  const auto e = parse_experiment(text, "fuzz.toml");
  const auto written = to_toml(e);
  require(to_toml(parse_experiment(written, "fuzz.toml")) == written, "an experiment reads back as it was written");
  first_difference(text, written);
}

std::vector<std::string> seeds() {
  std::vector<std::string> all{
      "[[network.layer]]\ncell = 'lif'\nsize = 3\nrecurrent = true\ndelay = {max = 5, width = {to = 0.5}}\n"
      "[[network.layer]]\ncell = \"leaky_integrator\"\n",
      "name = '''a'''\nseed = 0x10\n[data]\nsource = \"idx\"\npath = \"\"\"b\"\"\"\n[[network.layer]]\ncell = 'adex'\n"
      "tau_w = {init = 'normal', spread = 1.5, learn = true}\n",
      "[objective]\nclass_weights = \"balanced\"\n[[network.layer]]\ncell = \"leaky_integrator\"\n",
      "a.\"b\".'c' = [1, [2.5e3, {d = 1979-05-27T07:32:00Z}]]\n"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_folder() + "/experiments")) {
    if (entry.is_regular_file()) {
      std::ifstream in(entry.path());
      all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  const auto full = to_toml(parse_experiment(all.front(), "seed.toml"));
  all.push_back(full);
  return all;
}

const registration registered({"toml", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
