#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/experiment/sweep.hpp>
#include <backspike/experiment/version.hpp>

#include "experiment/runner_checkpoint.hpp"
#include "experiment/runner_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace backspike {
namespace {

namespace fs = std::filesystem;

constexpr const char* sweep_file = "sweep.json";
constexpr std::array written_files{sweep_file, "sweep.csv", "members.csv", report_file};

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

nlohmann::json summary_in(const std::string& directory) {
  const auto path = directory + "/" + summary_file;
  try {
    return nlohmann::json::parse(read_text_file(path));
  } catch (const nlohmann::json::exception& e) {
    throw format_error(path, "", std::string("not the summary of a run: ") + e.what());
  }
}

/// A member that was begun must be the one that is planned now: its results would stand under a wrong heading.
void require_same(const std::string& directory, const sweep_member& member) {
  const auto path = directory + "/" + experiment_file;
  if (exists(path)) {
    const auto difference = first_difference(read_text_file(path), to_toml(member.settings));
    if (!difference.empty()) {
      throw checkpoint_error(directory, "was begun with another experiment, which differs in " + difference +
                                            "; --overwrite starts the sweep again");
    }
  }
  if (exists(directory + "/" + summary_file)) {
    const auto by = summary_in(directory).value("version", "");
    if (by != version()) {
      throw checkpoint_error(directory, "was finished by version " + by + ", this is " + std::string(version()) +
                                            "; --overwrite starts the sweep again");
    }
  }
}

void require_welcome(const std::string& path, const sweep_plan& plan, bool resume, bool overwrite) {
  if (overwrite) {
    return;
  }
  if (!resume && (exists(path + "/" + sweep_file) || holds_run(path))) {
    throw value_error(
        "sweep", "directory", path,
        "a directory without a sweep or a run; or --resume to go on with it, or --overwrite to replace it");
  }
  for (const auto& member : plan.members) {
    require_same(path + "/" + member.directory, member);
  }
}

int lock(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    throw file_error("create the directory of the sweep", path, error.message());
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    throw file_error("open the directory of the sweep", path, std::strerror(errno));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor);
    throw file_error("lock the directory of the sweep", path, "another process is running it");
  }
  return descriptor;
}

void remove_file(const std::string& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) {
    throw file_error("remove", path, error.message());
  }
}

/// The runs of a sweep, at most two folders deep, and its tables; nothing else.
void clear(const std::string& path) {
  for (const auto* name : written_files) {
    remove_file(path + "/" + name);
  }
  std::vector<std::string> runs;
  for (auto entry = fs::recursive_directory_iterator(path); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory() && holds_run(entry->path().string())) {
      runs.push_back(entry->path().string());
    }
    if (entry.depth() > 0) {
      entry.disable_recursion_pending();
    }
  }
  for (const auto& run : runs) {
    run_directory(run).clear();
    std::error_code ignored;
    fs::remove(run, ignored);  // only if nothing else is in it
    const auto point = fs::path(run).parent_path();
    if (!fs::equivalent(point, path, ignored)) {
      fs::remove(point, ignored);
    }
  }
}

double number_at(const nlohmann::json& summary, const char* pointer) {
  const auto& value = summary.at(nlohmann::json::json_pointer(pointer));
  return value.is_null() ? std::nan("") : value.get<double>();
}

}  // namespace

sweep_directory::sweep_directory(std::string path, const sweep_plan& plan, bool resume, bool overwrite)
    : path_(std::move(path)) {
  require_welcome(path_, plan, resume, overwrite);
  lock_ = lock(path_);
  try {
    if (overwrite) {
      clear(path_);
    }
    write(tabulate(plan, outcomes(plan)));
    for (const auto& m : plan.members) {
      fs::create_directories(member(m));
      const auto file = member(m) + "/" + experiment_file;
      if (!exists(file)) {
        write_text_file(file, to_toml(m.settings));
      }
    }
  } catch (const fs::filesystem_error& e) {
    ::close(lock_);
    throw file_error("prepare the directory of the sweep", path_, e.code().message());
  } catch (...) {
    ::close(lock_);
    throw;
  }
}

sweep_directory::~sweep_directory() { ::close(lock_); }

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
  if (!exists(directory + "/" + summary_file)) {
    return outcome;
  }
  const auto summary = summary_in(directory);
  try {
    const auto operations = number_at(summary, "/energy/synaptic_operations/effective_acs") +
                            number_at(summary, "/energy/synaptic_operations/effective_macs");
    outcome.figures = {number_at(summary, "/test/accuracy"),
                       number_at(summary, "/test/loss"),
                       number_at(summary, "/spikes_per_sample"),
                       operations,
                       number_at(summary, "/energy/activation_sparsity"),
                       number_at(summary, "/train/seconds")};
  } catch (const nlohmann::json::exception& e) {
    throw format_error(directory + "/" + summary_file, "", std::string("not the summary of a run: ") + e.what());
  }
  outcome.ended = sweep_outcome::state::finished;
  return outcome;
}

}  // namespace backspike
