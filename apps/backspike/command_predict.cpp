#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace backspike::app {
namespace {

struct predict_options : checkpoint_options {
  std::string format = "csv";
  std::string out;
};

std::string csv_header(std::size_t classes) {
  std::string text = "sample,label,predicted";
  for (std::size_t c = 0; c < classes; ++c) {
    text += fmt::format(",score_{}", c);
  }
  return text + "\n";
}

/// -1: the sample has labels for its steps only.
std::int32_t label_of(const dataset& data, std::size_t s) { return data.labels.empty() ? -1 : data.labels[s]; }

void require_classes(const dataset& data) {
  if (data.classes() == 0) {
    throw value_error("predict", "data set " + data.name, "target values instead of classes",
                      "data with classes; evaluate gives the error of a regression, report.html shows its traces");
  }
}

std::string csv_lines(const dataset& data, const predictions& kept) {
  const auto classes = data.classes();
  auto text = csv_header(classes);
  for (std::size_t s = 0; s < data.size(); ++s) {
    const auto scores = std::span(kept.scores).subspan(s * classes, classes);
    text += fmt::format("{},{},{},{}\n", s, label_of(data, s), kept.labels[s], fmt::join(scores, ","));
  }
  return text;
}

std::string json_lines(const dataset& data, const predictions& kept) {
  const auto classes = data.classes();
  std::string text;
  for (std::size_t s = 0; s < data.size(); ++s) {
    const auto scores = std::span(kept.scores).subspan(s * classes, classes);
    text += fmt::format(R"({{"sample":{},"label":{},"predicted":{},"scores":[{}]}})"
                        "\n",
                        s, label_of(data, s), kept.labels[s], fmt::join(scores, ","));
  }
  return text;
}

int predict(const predict_options& o) {
  const auto [data, result, energy, figures, rounded] = run_on_split(o, "predicting");
  require_classes(data);
  const auto text = o.format == "csv" ? csv_lines(data, result.kept) : json_lines(data, result.kept);
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
      "The scores are the softmax of the readout, one for each class.\n"
      "Examples:\n"
      "  backspike predict runs/fashion_mnist > predictions.csv\n"
      "  backspike predict runs/fashion_mnist --split validation --json | head -3");
  command->callback([&chosen, o] { chosen = [o] { return predict(*o); }; });
}

}  // namespace backspike::app
