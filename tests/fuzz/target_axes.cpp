// --over: the axes of a sweep, one on each line of the input, and the plan of a small grid.

#include <backspike/core/text.hpp>
#include <backspike/experiment/sweep.hpp>

#include "target.hpp"

#include <sstream>

namespace backspike::fuzz {
namespace {

constexpr std::size_t most_points = 8;  // of a grid that is planned: each point reads the whole experiment

void read(std::string_view input) {
  sweep_request request;
  request.path = file_with("[[network.layer]]\ncell = 'lif'\nsize = 4\n[[network.layer]]\ncell = 'leaky_integrator'\n",
                           "sweep.toml");
  std::size_t points = 1;
  std::istringstream lines{std::string(input)};
  for (std::string line; request.axes.size() < 3 && std::getline(lines, line);) {
    request.axes.push_back(parse_axis(line));
    require(!request.axes.back().values.empty(), "an axis has values");
    points *= request.axes.back().values.size();
  }
  if (points > most_points) {
    return;
  }
  for (const auto& member : plan_sweep(request).members) {
    require(!has_control_characters(member.directory) && member.directory.find("..") != 0, "a plain directory");
  }
}

std::vector<std::string> seeds() {
  return {"objective.rate_penalty=0,1e-6:1e-2:log4",
          "train.batch=32,64\noptimiser.kind=adam,sgd",
          "network.layer.0.tau_m={init='normal', spread=1}, 5.0",
          "optimiser.learning_rate=-1:1:lin3",
          "name=\"a,b\",'c:d'",
          "train.epochs=1:3:lin3\nseed=1"};
}

const registration registered({"axes", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
