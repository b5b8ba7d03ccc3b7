// Whole runs in a directory: what the command line's `train` does.

#include "binding.hpp"

#include <backspike/experiment/runner.hpp>

#include "records.hpp"

namespace backspike::python {
namespace {

nb::dict to_dict(const run_result& r) {
  nb::dict d;
  d["finished"] = r.finished;
  d["directory"] = r.directory;
  d["report_path"] = r.report_path;
  d["epochs"] = r.epochs;
  d["best_epoch"] = r.best_epoch;
  d["test_accuracy"] = r.test_accuracy;
  d["test_loss"] = r.test_loss;
  d["test_samples"] = r.test_samples;
  d["spikes_per_sample"] = r.spikes_per_sample;
  d["train_seconds"] = r.train_seconds;
  if (r.rounded) {
    d["rounded_accuracy"] = r.rounded->accuracy;
    d["rounded_loss"] = r.rounded->loss;
  }
  return d;
}

run_options options_of(const std::string& out, std::size_t threads, bool resume, bool overwrite, bool other_epochs) {
  run_options options;
  options.directory = out;
  options.threads = threads;
  options.resume = resume;
  options.overwrite = overwrite;
  options.other_epochs = other_epochs;
  return options;
}

facts run(const experiment& e, const std::string& out, std::size_t threads, bool resume, bool overwrite,
          bool other_epochs, bool leave_one_speaker_out, const nb::object& on_batch, const nb::object& on_epoch,
          const nb::object& on_start, const nb::object& on_progress) {
  observer told(on_batch, on_epoch, on_start, on_progress);
  const auto options = options_of(out, threads, resume, overwrite, other_epochs);
  run_result result;
  std::vector<fold_result> folds;
  {
    const without_interpreter released;
    if (leave_one_speaker_out) {
      folds = train_leave_one_speaker_out(e, options, told);
    } else {
      result = train(e, options, told);
    }
  }
  told.rethrow();
  if (!leave_one_speaker_out) {
    return facts(to_dict(result));
  }
  facts by_speaker;
  for (const auto& f : folds) {
    by_speaker[f.speaker.c_str()] = to_dict(f.run);
  }
  return by_speaker;
}

}  // namespace

void bind_runs(nb::module_& m) {
  m.def("train", &run, nb::arg("experiment"), nb::arg("out"), nb::arg("threads"), nb::arg("resume"),
        nb::arg("overwrite"), nb::arg("other_epochs"), nb::arg("leave_one_speaker_out"), nb::arg("on_batch").none(),
        nb::arg("on_epoch").none(), nb::arg("on_start").none(), nb::arg("on_progress").none());
}

}  // namespace backspike::python
