// `backspike predict`: the class of every sample, as CSV or JSON.

#include <backspike/core/file.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/experiment/output_targets.hpp>

#include "commands/command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace backspike::app {
namespace {

struct predict_options : checkpoint_options {
  std::string format = "csv";
  std::string out;
};

/// Whether the classes have names, which a number does not tell.
bool are_named(const target_set& data) { return data.class_names != numbered_classes(data.classes()); }

/// -1: the sample has no label, or labels for its steps only.
std::int32_t label_of(const target_set& data, std::size_t s) { return data.labels.empty() ? -1 : data.labels[s]; }

std::string name_of(const target_set& data, std::int32_t label) {
  return label < 0 ? "" : data.class_names[static_cast<std::size_t>(label)];
}

/// Outputs beside the first that tell classes.
struct further_output {
  std::string name;
  const target_set& targets;
  const output_predictions& kept;

  std::span<const float> scores(std::size_t s) const {
    return std::span(kept.scores).subspan(s * targets.classes(), targets.classes());
  }
};

std::vector<further_output> further_outputs(const said& answer) {
  std::vector<further_output> outputs;
  for (std::size_t k = 1; k < answer.network.outputs.size(); ++k) {
    const target_set& targets = targets_of_output(answer.network, k, answer.data);
    if (targets.classes() > 0) {
      outputs.push_back({answer.network.outputs[k].name, targets, answer.kept.of(k)});
    }
  }
  return outputs;
}

/// In quotes where a comma, a quote or a line end would be mistaken for the end of the field.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

std::string csv_header(const target_set& data, const std::vector<further_output>& further) {
  std::string text = are_named(data) ? "sample,label,predicted,label_name,predicted_name" : "sample,label,predicted";
  for (std::size_t c = 0; c < data.classes(); ++c) {
    text += fmt::format(",score_{}", c);
  }
  for (const further_output& o : further) {
    text += fmt::format(",{0}_label,{0}_predicted", o.name);
    for (std::size_t c = 0; c < o.targets.classes(); ++c) {
      text += fmt::format(",{}_score_{}", o.name, c);
    }
  }
  return text + "\n";
}

std::string csv_lines(const said& answer) {
  const target_set& data = targets_of_output(answer.network, 0, answer.data);
  const predictions& kept = answer.kept;
  const auto classes = data.classes();
  const bool named = are_named(data);
  const auto further = further_outputs(answer);
  auto text = csv_header(data, further);
  for (std::size_t s = 0; s < answer.data.size(); ++s) {
    const auto scores = std::span(kept.scores).subspan(s * classes, classes);
    const auto label = label_of(data, s), predicted = kept.labels[s];
    text += fmt::format("{},{},{}", s, label, predicted);
    if (named) {
      text += fmt::format(",{},{}", csv_field(name_of(data, label)), csv_field(name_of(data, predicted)));
    }
    text += fmt::format(",{}", fmt::join(scores, ","));
    for (const further_output& o : further) {
      text += fmt::format(",{},{},{}", label_of(o.targets, s), o.kept.labels[s], fmt::join(o.scores(s), ","));
    }
    text += "\n";
  }
  return text;
}

/// The others of a sample, by their names.
std::string json_further(const std::vector<further_output>& further, std::size_t s) {
  std::string text;
  for (const further_output& o : further) {
    text += fmt::format(R"({}"{}":{{"label":{},"predicted":{},"scores":[{}]}})", text.empty() ? "" : ",", o.name,
                        label_of(o.targets, s), o.kept.labels[s], fmt::join(o.scores(s), ","));
  }
  return text.empty() ? "" : ",\"outputs\":{" + text + "}";
}

std::string json_lines(const said& answer) {
  const target_set& data = targets_of_output(answer.network, 0, answer.data);
  const predictions& kept = answer.kept;
  const auto further = further_outputs(answer);
  const auto classes = data.classes();
  const bool named = are_named(data);
  const auto quoted = [](const std::string& name) { return json_line(nlohmann::json(name)); };
  std::string text;
  for (std::size_t s = 0; s < answer.data.size(); ++s) {
    const auto scores = std::span(kept.scores).subspan(s * classes, classes);
    const auto label = label_of(data, s), predicted = kept.labels[s];
    text += fmt::format(R"({{"sample":{},"label":{},"predicted":{},)", s, label, predicted);
    if (named) {
      text += fmt::format(R"("label_name":{},"predicted_name":{},)", quoted(name_of(data, label)),
                          quoted(name_of(data, predicted)));
    }
    text += fmt::format("\"scores\":[{}]{}}}\n", fmt::join(scores, ","), json_further(further, s));
  }
  return text;
}

int predict(const predict_options& o) {
  const said answer = ask_checkpoint(o);
  const auto text = o.format == "csv" ? csv_lines(answer) : json_lines(answer);
  if (o.out.empty()) {
    print("{}", lines{text});
  } else {
    write_text_file(o.out, text);
  }
  return 0;
}

}  // namespace

void add_predict(CLI::App& program, action& chosen) {
  auto o = std::make_shared<predict_options>();
  auto* command = program.add_subcommand("predict", "Print label, predicted class and scores of every sample");
  o->add_to(*command);
  command->add_option("--format", o->format, "csv, or json: one object a line")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
  command->add_flag_callback(
      "--csv", [o] { o->format = "csv"; }, "Short for --format csv");
  command->add_flag_callback(
      "--json", [o] { o->format = "json"; }, "Short for --format json");
  command->add_option("-o,--out", o->out, "File to write; otherwise standard output")->type_name("FILE");
  command->footer(
      "The scores are the softmax of the readout, one for each class. label and predicted count classes from 0; a "
      "label\n"
      "of -1: the sample has none. Where classes have names other than these numbers, label_name and predicted_name\n"
      "tell them. With --data: all samples of that file or folder, with labels or without.\n"
      "Examples:\n"
      "  backspike predict runs/fashion_mnist > predictions.csv\n"
      "  backspike predict runs/fashion_mnist --split validation --json | head -3\n"
      "  backspike predict runs/fashion_mnist --data my_images-idx3-ubyte.gz");
  command->callback([&chosen, o] { chosen = [o] { return predict(*o); }; });
}

}  // namespace backspike::app
