// The directory of a sweep: what may be there before it starts, the members' folders, and the tables of results.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/text.hpp>
#include <backspike/experiment/sweep.hpp>
#include <backspike/experiment/version.hpp>

#include "experiment/agent/agent_files.hpp"
#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"
#include "experiment/folder/json_text.hpp"
#include "experiment/sweep/quantities.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace backspike {
namespace {

constexpr std::array tables{"sweep.csv", "members.csv", report_file};

nlohmann::json json_in(const std::string& path, const char* what) {
  try {
    return parse_json(read_text_file(path));
  } catch (const nlohmann::json::exception& e) {
    throw format_error(path, "", std::string("not ") + what + ": " + e.what());
  }
}

/// What `look` finds in a file of JSON. Throws format_error where it is not of that form.
template <class Look>
auto look_into(const std::string& path, const char* what, Look look) {
  const auto content = json_in(path, what);
  try {
    return look(content);
  } catch (const nlohmann::json::exception& e) {
    throw format_error(path, "", std::string("not ") + what + ": " + e.what());
  }
}

constexpr const char* a_summary = "the summary of a run";

/// A member that was begun must be the one that is planned now: its results would stand under a wrong heading.
void require_same(const std::string& directory, const sweep_member& member) {
  const auto path = directory + "/" + experiment_file;
  if (is_there(path)) {
    const auto difference = first_difference(read_text_file(path), to_toml(member.settings), path);
    if (!difference.empty()) {
      throw checkpoint_error(directory, "was begun with another experiment, which differs in " + difference +
                                            "; --overwrite starts the sweep again");
    }
  }
  const auto summary = directory + "/" + summary_file;
  if (is_there(summary)) {
    const auto by =
        look_into(summary, a_summary, [](const auto& json) { return json.at("version").template get<std::string>(); });
    if (by != version()) {
      throw checkpoint_error(directory, "was finished by version " + by + ", this is " + std::string(version()) +
                                            "; --overwrite starts the sweep again");
    }
  }
}

/// A sweep writes, and removes, below its own directory only.
void require_no_link(const std::string& path, const std::string& member) {
  for (std::size_t slash = 0; slash != std::string::npos;) {
    slash = member.find('/', slash + 1);
    const auto part = path + "/" + member.substr(0, slash);
    if (is_link(part)) {
      throw value_error("sweep", "directory of a run", part, "a directory, not a symbolic link to one");
    }
  }
}

bool is_below(const std::string& member) {
  const auto padded = "/" + member + "/";
  return !member.empty() && padded.find("//") == std::string::npos && padded.find("/./") == std::string::npos &&
         padded.find("/../") == std::string::npos && padded.find('\0') == std::string::npos;
}

/// The directories of the runs that the sweep in `path` has made, which its sweep.json lists.
std::vector<std::string> members_listed_in(const std::string& path) {
  const auto file = path + "/" + sweep_file;
  auto members = look_into(file, "the file of a sweep", [](const auto& json) {
    std::vector<std::string> found;
    for (const auto& member : json.at("members")) {
      found.push_back(member.at("directory").template get<std::string>());
    }
    return found;
  });
  for (const auto& member : members) {
    if (!is_below(member)) {
      throw format_error(file, "", "lists a run outside of the sweep's directory: " + member);
    }
  }
  return members;
}

/// Before anything is removed: does everything that would be removed belong to the sweep, and is it at rest?
void require_own(const std::string& path, const std::vector<std::string>& listed, const sweep_plan& plan) {
  const std::set<std::string> own(listed.begin(), listed.end());
  for (const auto& member : plan.members) {
    require_no_link(path, member.directory);
    if (!own.contains(member.directory) && holds_run(path + "/" + member.directory)) {
      throw value_error("sweep", "--overwrite", path + "/" + member.directory,
                        "runs of the sweep that is there; this one is not in its sweep.json");
    }
  }
  for (const auto& member : own) {
    require_no_link(path, member);
    if (is_folder(path + "/" + member)) {
      const run_directory at_rest(path + "/" + member);
    }
  }
}

void remove_if_empty(const std::string& folder) { static_cast<void>(::rmdir(folder.c_str())); }

/// The files of the runs that sweep.json lists, the folders that are empty then, and the tables; sweep.json is the last
/// to go, so that a removal that is cut short can be done again.
void clear(const std::string& path, const sweep_plan& plan) {
  if (!is_there(path + "/" + sweep_file)) {
    if (holds_run(path)) {
      throw value_error("sweep", "--overwrite", path,
                        "a directory of a sweep: this one holds files of a run, and no sweep.json");
    }
    return require_own(path, {}, plan);
  }
  const auto listed = members_listed_in(path);
  require_own(path, listed, plan);
  for (const auto& member : listed) {
    const auto directory = path + "/" + member;
    if (is_folder(directory)) {
      run_directory(directory).clear();
      remove_if_empty(directory);
    }
    const auto slash = member.rfind('/');
    if (slash != std::string::npos) {
      remove_if_empty(path + "/" + member.substr(0, slash));
    }
  }
  for (const auto* name : tables) {
    remove_file(path + "/" + name);
  }
  remove_file(path + "/" + sweep_file);
}

void require_writable(const std::string& path, const sweep_plan& plan, bool may_be_there) {
  if (!may_be_there && (is_there(path + "/" + sweep_file) || holds_run(path))) {
    throw value_error(
        "sweep", "directory", path,
        "a directory without a sweep or a run; or --resume to go on with it, or --overwrite to replace it");
  }
  for (const auto& member : plan.members) {
    require_no_link(path, member.directory);
    require_same(path + "/" + member.directory, member);
  }
}

double number_at(const nlohmann::json& summary, const std::string& pointer) {
  return number_in<double>(summary.at(nlohmann::json::json_pointer(pointer)));
}

/// Operations of two kinds are one figure.
double figure_in(const nlohmann::json& summary, const std::string& pointer) {
  return summary.at(nlohmann::json::json_pointer(pointer)).is_object()
             ? number_at(summary, pointer + "/effective_acs") + number_at(summary, pointer + "/effective_macs")
             : number_at(summary, pointer);
}

/// Of an agent.
std::vector<std::array<double, 2>> curve_in(const std::string& directory) {
  std::vector<std::array<double, 2>> curve;
  for (const agent_record& r : read_agent_records(directory + "/" + metrics_file)) {
    curve.push_back({static_cast<double>(r.decisions), r.mean_return});
  }
  return curve;
}

}  // namespace

sweep_directory::sweep_directory(std::string path, const sweep_plan& plan, bool resume, bool overwrite)
    : path_(std::move(path)),
      lock_(std::make_unique<directory_lock>(path_, "the directory of the sweep", "another process is running it")) {
  if (overwrite) {
    clear(path_, plan);
  }
  require_writable(path_, plan, resume || overwrite);
  write(tabulate(plan, outcomes(plan)));
}

sweep_directory::~sweep_directory() = default;

void sweep_directory::prepare(const sweep_member& m) const {
  const auto directory = member(m);
  require_no_link(path_, m.directory);
  make_folders(directory);
  const auto file = directory + "/" + experiment_file;
  if (!is_there(file)) {
    write_text_file(file, to_toml(m.settings));
  }
}

std::vector<sweep_outcome> sweep_directory::outcomes(const sweep_plan& plan) const {
  std::vector<sweep_outcome> found;
  for (const auto& m : plan.members) {
    found.push_back(read_outcome(member(m)));
  }
  return found;
}

void sweep_directory::write(const sweep_table& t) const {
  write_text_file(path_ + "/" + sweep_file, to_json(t));
  write_text_file(path_ + "/sweep.csv", points_csv(t));
  write_text_file(path_ + "/members.csv", members_csv(t));
  write_text_file(path_ + "/" + report_file, to_html(t));
}

sweep_outcome read_outcome(const std::string& directory) {
  sweep_outcome outcome;
  const auto path = directory + "/" + summary_file;
  if (!is_there(path)) {
    return outcome;
  }
  outcome.figures = look_into(path, a_summary, [](const auto& summary) {
    const auto& list = summary.contains("return") ? agent_quantities : data_quantities;
    decltype(outcome.figures) figures{};
    std::ranges::transform(list, figures.begin(),
                           [&](const sweep_quantity_info& of) { return figure_in(summary, of.in_summary); });
    return figures;
  });
  if (look_into(path, a_summary, [](const auto& summary) { return summary.contains("return"); })) {
    outcome.curve = curve_in(directory);
  }
  outcome.warnings = look_into(path, a_summary, [](const auto& summary) {
    std::vector<std::string> texts;
    for (const auto& warning : summary.value("warnings", nlohmann::json::array())) {
      texts.push_back(warning.at("text").template get<std::string>());
    }
    return texts;
  });
  outcome.ended = sweep_outcome::state::finished;
  return outcome;
}

}  // namespace backspike
