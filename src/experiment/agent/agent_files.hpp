#pragma once
// The files of an agent's run that grow line by line: metrics.jsonl and monitor.csv.

#include <backspike/report/agent_page.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// A file to which whole lines are added. It is written whole at the start, and cut back to what a checkpoint knows of.
class line_file {
 public:
  line_file() = default;
  explicit line_file(std::string path) : path_(std::move(path)) {}

  void begin(const std::string& first_lines);
  /// Keeps so many lines. Throws format_error if there are fewer.
  void cut(std::uint64_t lines);
  /// Throws file_error, also if the file is not the one that was written.
  void add(const std::string& lines);

 private:
  std::string path_;
  std::uint64_t bytes_ = 0;
};

std::string line_of(const agent_record& record);
/// All lines. Throws format_error naming the line that is no record.
std::vector<agent_record> read_agent_records(const std::string& path);

/// The head of monitor.csv, one line of JSON and the names of its columns, and the line of an episode.
inline constexpr std::uint64_t monitor_head_lines = 2;
std::string monitor_head(const std::string& environment);
std::string monitor_line(double reward, std::uint32_t length, double seconds);

}  // namespace backspike
