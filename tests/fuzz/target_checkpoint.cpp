// Checkpoints past every checksum: the input describes one, which is written with all seals right, as a stranger could.
// Lines NAME=VALUE until an empty one, then the experiment. NAME: epoch, step, seed, version, `scalar X`, `tensor X` or
// `moment X`; the value of these two is ROWSxCOLUMNS:NUMBER.

#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/trained.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "target.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>

namespace backspike::fuzz {
namespace {

constexpr std::size_t most_values = 4096;  // of a tensor, which must be written before it is read

named_tensor tensor_of(const std::string& name, const std::string& text) {
  named_tensor t{name, {}, {}};
  std::size_t count = 1;
  const char* at = text.c_str();
  while (*at != ':' && *at != '\0' && t.extents.size() < 4) {
    char* end = nullptr;
    t.extents.push_back(std::strtoull(at, &end, 10) % (most_values + 1));
    count *= t.extents.back();
    at = *end == '\0' || *end == ':' ? end : end + 1;
    if (count > most_values) {
      t.extents = {1};
      count = 1;
    }
  }
  t.values.assign(count, *at == ':' ? std::strtof(at + 1, nullptr) : 0.0F);
  return t;
}

/// Names that the writer refuses, because no network has such.
bool is_link(const std::string& name) {
  return !name.empty() && name != "." && name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
}

void set(checkpoint& c, const std::string& name, const std::string& value) {
  const auto part = name.substr(0, name.find(' ')), rest = name.substr(std::min(name.size(), part.size() + 1));
  const auto missing = [&](const std::vector<named_tensor>& all) {
    return is_link(rest) && std::none_of(all.begin(), all.end(), [&](const auto& t) { return t.name == rest; });
  };
  if (name == "epoch" || name == "step" || name == "seed") {
    (name == "epoch" ? c.epoch : name == "step" ? c.step : c.seed) = std::strtoull(value.c_str(), nullptr, 10);
  } else if (name == "version") {
    c.version = value;
  } else if (part == "scalar" && is_link(rest)) {
    c.scalars[rest] = std::strtod(value.c_str(), nullptr);
  } else if (part == "tensor" && missing(c.parameters)) {
    c.parameters.push_back(tensor_of(rest, value));
  } else if (part == "moment" && missing(c.optimiser)) {
    c.optimiser.push_back(tensor_of(rest, value));
  }
}

checkpoint described(std::string_view input) {
  checkpoint c;
  std::istringstream lines{std::string(input)};
  std::size_t count = 0;
  for (std::string line; count < 60 && std::getline(lines, line) && !line.empty(); ++count) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) {
      set(c, line.substr(0, equals), line.substr(equals + 1));
    }
  }
  c.experiment.assign(std::istreambuf_iterator<char>(lines), std::istreambuf_iterator<char>());
  return c;
}

void read(std::string_view input) {
  const auto path = folder_of_files() + "/input.h5";
  write_checkpoint(path, described(input));
  const auto trained = load_trained(path);
  require(trained.net->parameters().floats() < 1000000, "no network is larger than its tensors");
  const auto c = read_checkpoint(path);
  arena<float> moment(trained.net->parameters());
  restore_tensors(path, c.optimiser, first_moment_prefix, c.step, moment);
}

std::string text_of(const checkpoint& c) {
  std::ostringstream out;
  out << "epoch=3\nstep=12\nseed=1\nversion=" << c.version << "\n";
  for (const auto& [name, value] : c.scalars) {
    out << "scalar " << name << "=" << value << "\n";
  }
  for (const auto& t : c.parameters) {
    for (const std::string kind : {"tensor ", "moment first_moment."}) {
      out << kind << t.name << "=";
      for (std::size_t d = 0; d < t.extents.size(); ++d) {
        out << (d == 0 ? "" : "x") << t.extents[d];
      }
      out << ":" << (t.values.empty() ? 0.0F : t.values.front()) << "\n";
    }
  }
  out << "\n" << c.experiment;
  return out.str();
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const std::string hidden :
       {"cell = 'lif'\nrecurrent = true", "cell = 'adex'\ntau_w = {per = 'neuron', learn = true}",
        "cell = 'alif'\ndelay = {max = 3}"}) {
    const auto e = parse_experiment(
        "[[network.layer]]\nsize = 3\n" + hidden + "\n[[network.layer]]\ncell = 'leaky_integrator'\n", "seed.toml");
    const network net(network_for(e, 2, 1.0, 2));
    checkpoint c;
    c.version = "0.1.0";
    c.experiment = to_toml(e);
    c.scalars = {{"inputs", 2.0}, {"dt", 1.0}, {"classes", 2.0}};
    c.parameters = tensors_of(arena<float>(net.parameters()));
    for (std::size_t k = 0; k < c.parameters.size(); ++k) {  // within every parameter's range
      const auto& info = net.parameters()[k];
      std::ranges::fill(c.parameters[k].values, static_cast<float>(std::clamp(1.0, info.low, info.high)));
    }
    all.push_back(text_of(c));
  }
  return all;
}

const registration registered({"checkpoint", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
