// Writes metrics.jsonl, one line for each epoch, and reads it back when a run is resumed.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "experiment/folder/directory.hpp"
#include "experiment/folder/json_text.hpp"

#include <sstream>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

/// Each field of a record with its name in the file; read and written by the same list.
template <class Record, class Visit>
void visit_fields(Record& r, Visit visit) {
  visit("train_loss", r.train_loss);
  visit("train_accuracy", r.train_accuracy);
  visit("validation_loss", r.validation_loss);
  visit("validation_accuracy", r.validation_accuracy);
  visit("spikes_per_sample", r.spikes_per_sample);
  visit("learning_rate", r.learning_rate);
  visit("gradient_norm", r.gradient_norm);
  visit("seconds", r.seconds);
  visit("synaptic_operations", r.synaptic_operations);
}

/// The same for what runs of earlier versions do not have: NaN there.
template <class Record, class Visit>
void visit_later_fields(Record& r, Visit visit) {
  visit("start_loss", r.start_loss);
  visit("parameter_norm", r.parameter_norm);
}

json warnings_of(const epoch_record& record) {
  auto list = json::array();
  for (const auto& w : record.warnings) {
    list.push_back({{"kind", w.kind}, {"subject", w.subject}, {"text", w.text}});
  }
  return list;
}

template <class Layer, class Visit>
void visit_layer(Layer& layer, Visit visit) {
  visit("name", layer.name);
  visit("spiking", layer.spiking);
  visit("rate", layer.rate);
  visit("dead", layer.dead);
  visit("saturated", layer.saturated);
  visit("in_support", layer.in_support);
  visit("error", layer.error);
  visit("steps_per_bin", layer.steps_per_bin);
}

json layers_of(const epoch_record& record) {
  auto list = json::array();
  for (const auto& layer : record.layers) {
    json entry;
    visit_layer(layer, [&](const char* name, const auto& value) { entry[name] = value; });
    if (!layer.stuck.empty()) {
      entry["stuck"] = layer.stuck;
    }
    list.push_back(std::move(entry));
  }
  return list;
}

/// By the name of the output.
json outputs_of(const std::vector<output_measure>& outputs) {
  json named = json::object();
  for (const output_measure& o : outputs) {
    named[o.name] = {{"loss", o.loss}, {"accuracy", o.accuracy}};
  }
  return named;
}

std::vector<output_measure> outputs_in(const json& line, const char* name) {
  std::vector<output_measure> outputs;
  if (line.contains(name)) {  // only networks with several outputs have them
    for (const auto& [output, entry] : line[name].items()) {
      outputs.push_back({output, number_in<double>(entry.at("loss")), number_in<double>(entry.at("accuracy"))});
    }
  }
  return outputs;
}

std::string line_of(const epoch_record& record) {
  json line{{"epoch", record.epoch}};
  visit_fields(record, [&](const char* name, double value) { line[name] = value; });  // JSON has no NaN: null
  visit_later_fields(record, [&](const char* name, double value) { line[name] = value; });
  if (!record.train_outputs.empty()) {
    line["train_outputs"] = outputs_of(record.train_outputs);
  }
  if (!record.validation_outputs.empty()) {
    line["validation_outputs"] = outputs_of(record.validation_outputs);
  }
  if (!record.unpredicted.empty()) {
    line["unpredicted"] = record.unpredicted;
  }
  if (!record.warnings.empty()) {
    line["warnings"] = warnings_of(record);
  }
  line["layers"] = layers_of(record);
  line["updates"] = json::object();
  for (const auto& update : record.updates) {
    line["updates"][update.parameter] = update.ratio;
  }
  for (const auto& width : record.delay_widths) {
    line["delay_widths"][width.parameter] = width.width;
  }
  return json_text(line) + "\n";
}

template <class Value>
void get(const json& from, Value& value) {
  from.get_to(value);
}
void get(const json& from, double& value) { value = number_in<double>(from); }
void get(const json& from, std::vector<double>& values) { values = numbers_in<double>(from); }

epoch_record record_of(const std::string& text) {
  const auto line = parse_json<json>(text);
  epoch_record record;
  record.epoch = number_in<std::uint32_t>(line.at("epoch"));
  visit_fields(record, [&](const char* name, double& value) { value = number_in<double>(line.at(name)); });
  visit_later_fields(record, [&](const char* name, double& value) {
    value = number_in<double>(line.contains(name) ? line[name] : json());
  });
  record.train_outputs = outputs_in(line, "train_outputs");
  record.validation_outputs = outputs_in(line, "validation_outputs");
  if (line.contains("unpredicted")) {
    record.unpredicted = numbers_in<std::uint32_t>(line["unpredicted"]);
  }
  if (line.contains("warnings")) {
    for (const auto& w : line["warnings"]) {
      record.warnings.push_back({record.epoch, w.at("kind"), w.at("subject"), w.at("text")});
    }
  }
  for (const auto& entry : line.at("layers")) {
    visit_layer(record.layers.emplace_back(), [&](const char* name, auto& value) { get(entry.at(name), value); });
    if (entry.contains("stuck")) {
      record.layers.back().stuck = numbers_in<std::uint32_t>(entry["stuck"]);
    }
  }
  for (const auto& [parameter, ratio] : line.at("updates").items()) {
    record.updates.push_back({parameter, number_in<double>(ratio)});
  }
  if (line.contains("delay_widths")) {  // only networks with delays have some
    for (const auto& [parameter, width] : line["delay_widths"].items()) {
      record.delay_widths.push_back({parameter, number_in<double>(width)});
    }
  }
  return record;
}

}  // namespace

std::uint64_t write_metrics(const std::string& path, const std::vector<epoch_record>& epochs) {
  std::string text;
  for (const auto& record : epochs) {
    text += line_of(record);
  }
  write_text_file(path, text);
  return text.size();
}

std::uint64_t add_metrics(const std::string& path, std::uint64_t bytes, const std::vector<epoch_record>& epochs) {
  const auto line = line_of(epochs.back());
  return append_to_file(path, bytes, line) ? bytes + line.size() : write_metrics(path, epochs);
}

std::vector<epoch_record> read_metrics(const std::string& path, std::size_t count) {
  std::vector<epoch_record> epochs;
  std::istringstream text(read_text_file(path));
  for (std::string line; epochs.size() < count && std::getline(text, line);) {
    const auto place = "line " + std::to_string(epochs.size() + 1);
    try {
      epochs.push_back(record_of(line));
    } catch (const json::exception& e) {
      throw format_error(path, place, std::string("not the record of an epoch: ") + e.what());
    }
    if (epochs.back().epoch != epochs.size()) {
      throw format_error(path, place, "holds epoch " + std::to_string(epochs.back().epoch));
    }
  }
  if (epochs.size() < count) {
    throw format_error(path, "end of file",
                       "has " + std::to_string(epochs.size()) + " epochs, the checkpoint has " + std::to_string(count));
  }
  return epochs;
}

}  // namespace backspike
