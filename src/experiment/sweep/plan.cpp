// Plans a sweep: every point of the grid with every seed becomes a member with settings and a directory.

#include <backspike/core/error.hpp>
#include <backspike/experiment/sweep.hpp>

#include "experiment/config/keys/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace backspike {
namespace {

constexpr std::size_t longest_name = 180;  // of a directory; most file systems take 255 bytes

std::string key_of(const std::string& override_text) {
  auto key = override_text.substr(0, override_text.find('='));
  key.erase(std::remove_if(key.begin(), key.end(), [](unsigned char c) { return std::isspace(c) != 0; }), key.end());
  return key;
}

void check_axis(const sweep_request& request, std::size_t index) {
  const auto& key = request.axes[index].key;
  if (key == "seed") {
    throw value_error("sweep", "--over", key, "any key but the seed, which --seeds and --seed choose");
  }
  const auto same = [&](const sweep_axis& axis) { return axis.key == key; };
  if (std::count_if(request.axes.begin(), request.axes.end(), same) > 1) {
    throw value_error("sweep", "--over", key + " twice", "each key once");
  }
  for (const auto& text : request.overrides) {
    if (key_of(text) == key) {
      throw value_error("sweep", "--set", text, "keys that are not swept; --over gives " + key + " its values");
    }
  }
}

void check_request(const sweep_request& request) {
  if (request.seeds == 0) {
    throw value_error("sweep", "--seeds", "0", "at least 1");
  }
  if (request.axes.empty() && request.seeds == 1) {
    throw value_error("sweep", "--over", "nothing", "at least one KEY=VALUES, or several --seeds");
  }
  std::uint64_t members = std::min(request.seeds, most_sweep_members + 1);
  for (std::size_t i = 0; i < request.axes.size(); ++i) {
    check_axis(request, i);
    members = std::min(members * request.axes[i].values.size(), most_sweep_members + 1);
  }
  if (members > most_sweep_members) {
    throw value_error("sweep", "members", "more than " + std::to_string(most_sweep_members),
                      "a grid of at most " + std::to_string(most_sweep_members) + " runs, its seeds included");
  }
}

std::vector<std::vector<std::string>> grid_of(const std::vector<sweep_axis>& axes) {
  std::vector<std::vector<std::string>> points{{}};
  for (const auto& axis : axes) {
    std::vector<std::vector<std::string>> longer;
    for (const auto& point : points) {
      for (const auto& value : axis.values) {
        longer.push_back(point);
        longer.back().push_back(value);
      }
    }
    points = std::move(longer);
  }
  return points;
}

/// Errors of values that came from an axis name --over, not the override that carries them.
experiment settings_at(const sweep_request& request, const std::vector<std::string>& point, std::uint64_t seed) {
  auto overrides = request.overrides;
  for (std::size_t a = 0; a < point.size(); ++a) {
    overrides.push_back(request.axes[a].key + "=" + point[a]);
  }
  overrides.push_back("seed=" + std::to_string(seed));
  try {
    return load_experiment(request.path, overrides);
  } catch (const config_error& e) {
    const std::string place = "--set: ", text = e.what();
    if (e.file != "--set" || !text.starts_with(place)) {
      throw;
    }
    throw config_error("--over", 0, "", text.substr(place.size()));
  }
}

/// "objective.rate_penalty=0.001,train.batch=64": letters, digits and a few signs, other ones as "_".
std::string directory_of(const std::vector<sweep_axis>& axes, const std::vector<std::string>& point) {
  std::string name;
  for (std::size_t a = 0; a < point.size(); ++a) {
    name += fmt::format("{}{}={}", a == 0 ? "" : ",", axes[a].key, point[a]);
  }
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '=' || c == ',' || c == '-' || c == '+' || c == '_';
  };
  std::replace_if(
      name.begin(), name.end(), [&](unsigned char c) { return !plain(c); }, '_');
  return name.substr(0, longest_name);
}

/// One directory a point: where two would share a name, the later one gets a number.
std::vector<std::string> directories_of(const sweep_plan& plan) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const auto& point : plan.points) {
    const auto name = directory_of(plan.axes, point);
    auto unique = name;
    for (int k = 2; !taken.insert(unique).second; ++k) {
      unique = fmt::format("{}-{}", name, k);
    }
    names.push_back(unique.append(unique.empty() ? "" : "/"));
  }
  return names;
}

}  // namespace

sweep_plan plan_sweep(const sweep_request& request) {
  check_request(request);
  const auto base = load_experiment(request.path, request.overrides);
  if (request.seeds > config::largest_seed - base.seed) {
    throw value_error("sweep", "seed", std::to_string(base.seed),
                      "a seed that leaves room for " + std::to_string(request.seeds));
  }
  sweep_plan plan{base.name, request.axes, grid_of(request.axes), {}, {}};
  const auto directories = directories_of(plan);
  for (std::uint64_t s = 0; s < request.seeds; ++s) {
    plan.seeds.push_back(base.seed + s);
    for (std::size_t p = 0; p < plan.points.size(); ++p) {
      plan.members.push_back({p, plan.seeds.back(), directories[p] + "seed" + std::to_string(plan.seeds.back()),
                              settings_at(request, plan.points[p], plan.seeds.back())});
    }
  }
  return plan;
}

std::string point_text(const sweep_plan& plan, std::size_t point) {
  std::string text;
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    text += fmt::format("{}{} = {}", a == 0 ? "" : ", ", plan.axes[a].key, plan.points[point][a]);
  }
  return text.empty() ? "as it is" : text;
}

}  // namespace backspike
