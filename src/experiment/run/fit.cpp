// Trains in memory with the trainer of a run, but without files; Python's Network.fit comes here.

#include <backspike/experiment/fit.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/rule_text.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/network/delays.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "experiment/run/trainer.hpp"

#include <algorithm>
#include <optional>

namespace backspike {
namespace {

rule_spec settled(const experiment& e, const dataset& train, const network& net, std::size_t threads,
                  std::uint64_t limit) {
  const std::uint64_t memory = limit > 0 ? limit : available_memory();
  check_rule(e.rule, net, threads, memory);
  return settle_rule(e.rule, net, train, e.train.batch, threads, resident_memory(), memory);
}

/// The classes of the data's own labels, from which the first output may make others.
std::size_t named_classes(const network& net) {
  const auto& outputs = net.spec().outputs;
  return outputs.empty() || outputs.front().classes_from.empty() ? net.output(0).units
                                                                 : outputs.front().classes_from.size();
}

void copy(const arena<float>& from, arena<float>& to) { std::ranges::copy(from.values(), to.values().begin()); }

}  // namespace

fit_result fit(const experiment& given, const dataset& train, const dataset& validation, const network& net,
               arena<float>& parameters, thread_pool& pool, run_observer& observer, const fit_options& options) {
  const experiment e = settle_class_weights(given, train);
  require_in_range(parameters);
  check_input("fit", net, train, {});
  if (validation.size() > 0) {  // now, not after the first epoch
    check_input("fit", net, validation, {});
  }
  check_delays_fit(net, train.longest());
  if (e.adversarial.kind != defence_kind::none) {
    throw value_error("fit", "objective.adversarial.kind", std::string(name_of(e.adversarial.kind)),
                      "none: the values before the encoder are known to `backspike train` only");
  }
  const rule_spec rule = settled(e, train, net, pool.threads(), options.memory_limit);
  trainer t(e, rule, train, validation, net, pool, observer);
  const bool chooses = options.keep_best && validation.size() > 0;
  std::optional<arena<float>> best;  // only where it is asked for: it is as large as the network
  if (chooses) {
    best.emplace(net.parameters());
  }
  fit_result result;
  result.rule_in_words = rule_text(rule, train.longest());
  t.begin(parameters);
  try {
    while (t.epochs().size() < e.train.epochs) {
      if (t.next_epoch() && chooses) {
        copy(t.parameters(), *best);
      }
      copy(t.parameters(), parameters);
      observer.on_epoch(t.epochs().back(), e.train.epochs);
      stop_if_requested(observer);
    }
  } catch (const stop_signal&) {
    result.finished = t.epochs().size() == e.train.epochs;
  }
  if (chooses && result.finished) {
    copy(*best, parameters);
  }
  result.epochs = t.epochs();
  result.best_epoch = t.best().epoch;
  return result;
}

void save_network(const std::string& path, const experiment& e, const network& net, const arena<float>& parameters,
                  const std::vector<std::string>& class_names) {
  require_in_range(parameters);
  if (!class_names.empty() && class_names.size() != named_classes(net)) {
    throw value_error("save", "class_names", std::to_string(class_names.size()) + " names",
                      std::to_string(named_classes(net)) + ", one for each output, or none");
  }
  experiment whole = e;
  whole.network = net.spec();
  auto c = blank_checkpoint(whole, net, {class_names, {}});
  c.parameters = tensors_of(parameters);
  write_checkpoint(path, c);
}

}  // namespace backspike
