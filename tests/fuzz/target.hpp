#pragma once
// A reader that is fed with arbitrary bytes. Each tests/fuzz/target_NAME.cpp registers one; fuzz_main.cpp hands them to
// libFuzzer (./dev fuzz), replay_main.cpp runs them over their seeds and known findings as an ordinary test.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace backspike::fuzz {

struct target {
  std::string name;
  /// A user_error is what a reader may answer with. Anything else that comes out of it is a finding: another exception,
  /// a fault that a sanitizer sees, more memory or time than the limits of ./dev fuzz.
  std::function<void(std::string_view input)> run;
  /// Small inputs that are right, or nearly so, from which libFuzzer makes others.
  std::function<std::vector<std::string>()> seeds;
};

/// Every registered target.
std::vector<target>& targets();

/// Throws std::invalid_argument that lists the names.
const target& find_target(const std::string& name);

/// Registers a target when the program starts.
struct registration {
  explicit registration(target t) { targets().push_back(std::move(t)); }
};

/// For what must hold of whatever was read.
void require(bool holds, const std::string& what);

/// run(), where a user_error is an answer.
void feed(const target& t, std::string_view input);

/// Writes the seeds of a target into a folder, one file each.
void write_seeds(const target& t, const std::string& folder);

/// The path of a file with these bytes, in memory where the system has a place for that; the next call replaces it.
std::string file_with(std::string_view bytes, const std::string& name = "input");

/// The folder of these files, for readers of a folder.
std::string folder_of_files();

}  // namespace backspike::fuzz
