// Writes and reads the lines of an agent's metrics, and writes those of monitor.csv.

#include "experiment/agent/agent_files.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "experiment/folder/json_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

/// Each number of a record with its name in the file; read and written by the same list.
template <class Record, class Visit>
void visit_numbers(Record& r, Visit visit) {
  visit("return_100", r.mean_return);
  visit("length_100", r.mean_length);
  visit("td_error", r.td_error);
  visit("entropy", r.entropy);
  visit("value", r.value);
  visit("learning_rate", r.learning_rate);
  visit("seconds", r.seconds);
}

agent_record record_of(const std::string& text) {
  const auto line = parse_json<json>(text);
  agent_record r;
  r.decisions = number_in<std::uint64_t>(line.at("decisions"));
  r.episodes = number_in<std::uint64_t>(line.at("episodes"));
  visit_numbers(r, [&](const char* name, double& value) { value = number_in<double>(line.at(name)); });
  if (line.contains("gradient_cosine")) {
    r.gradient_cosine = number_in<double>(line.at("gradient_cosine"));
  }
  for (const auto& [layer, rate] : line.at("rates").items()) {
    r.rates.push_back({layer, number_in<double>(rate)});
  }
  return r;
}

}  // namespace

void line_file::begin(const std::string& first_lines) {
  write_text_file(path_, first_lines);
  bytes_ = first_lines.size();
}

void line_file::cut(std::uint64_t lines) {
  const std::string text = read_text_file(path_);
  std::size_t end = 0;
  for (std::uint64_t k = 0; k < lines; ++k) {
    const auto next = text.find('\n', end);
    if (next == std::string::npos) {
      throw format_error(path_, "end of file", fmt::format("has {} lines, the checkpoint knows of {}", k, lines));
    }
    end = next + 1;
  }
  begin(text.substr(0, end));
}

void line_file::add(const std::string& lines) {
  if (lines.empty()) {
    return;
  }
  if (!append_to_file(path_, bytes_, lines)) {
    throw file_error("append to", path_, "it is not the file that the run has written so far");
  }
  bytes_ += lines.size();
}

std::string line_of(const agent_record& record) {
  json line{{"decisions", record.decisions}, {"episodes", record.episodes}};
  visit_numbers(record, [&](const char* name, double value) { line[name] = value; });  // JSON has no NaN: null
  if (!std::isnan(record.gradient_cosine)) {
    line["gradient_cosine"] = record.gradient_cosine;
  }
  line["rates"] = json::object();
  for (const layer_rate_hz& r : record.rates) {
    line["rates"][r.layer] = r.rate;
  }
  return json_text(line) + "\n";
}

std::vector<agent_record> read_agent_records(const std::string& path) {
  std::vector<agent_record> records;
  std::istringstream text(read_text_file(path));
  for (std::string line; std::getline(text, line);) {
    try {
      records.push_back(record_of(line));
    } catch (const json::exception& e) {
      throw format_error(path, fmt::format("line {}", records.size() + 1),
                         std::string("not a record of an agent: ") + e.what());
    }
  }
  return records;
}

std::string monitor_head(const std::string& environment) {
  return "#" + json_text(json{{"t_start", 0.0}, {"env_id", environment}}) + "\nr,l,t\n";
}

std::string monitor_line(double reward, std::uint32_t length, double seconds) {
  return fmt::format("{},{},{:.6f}\n", reward, length, seconds);
}

}  // namespace backspike
