// Generates the task "coincidence": every channel fires once a volley, and the order of the channels is the class.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/tasks/delay_tasks.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace backspike {
namespace {

constexpr auto operation = "coincidence";
constexpr std::uint64_t order_stream = std::numeric_limits<std::uint64_t>::max();  // and down; samples count up from 0

/// Steps that a volley can last.
std::uint64_t span_of(const coincidence_spec& spec) {
  return std::uint64_t{spec.gap} * (spec.channels - 1) + 2 * std::uint64_t{spec.jitter} + 1;
}

/// In how many orders the channels can fire; no more than a class number can be.
std::uint64_t orders_of(std::uint32_t channels) {
  std::uint64_t orders = 1;
  for (std::uint64_t c = 2; c <= channels && orders < std::numeric_limits<std::int32_t>::max(); ++c) {
    orders *= c;
  }
  return orders;
}

void require(const coincidence_spec& spec) {
  const auto refuse = [](const char* setting, std::uint32_t value, const std::string& accepted) {
    throw value_error(operation, setting, std::to_string(value), accepted);
  };
  if (spec.channels < 2) {
    refuse("data.coincidence.channels", spec.channels, "at least 2");
  }
  if (spec.classes < 2 || spec.classes > orders_of(spec.channels) / 2) {
    refuse("data.coincidence.classes", spec.classes,
           "2 to " + std::to_string(orders_of(spec.channels) / 2) + ", half of the orders of " +
               std::to_string(spec.channels) + " channels");
  }
  if (spec.gap <= 2 * std::uint64_t{spec.jitter}) {
    refuse("data.coincidence.gap", spec.gap,
           "more than twice the jitter, " + std::to_string(2 * std::uint64_t{spec.jitter}) + " steps");
  }
  if (spec.volleys == 0) {
    refuse("data.coincidence.volleys", 0, "at least 1");
  }
  if (span_of(spec) > spec.steps / spec.volleys) {
    refuse("data.coincidence.steps", spec.steps,
           "at least " + std::to_string(span_of(spec) * spec.volleys) + ", the length of the volleys");
  }
}

/// One sample: `turns` has the turn of each channel. Channels of a row come in ascending order.
void append_sample(const coincidence_spec& spec, const std::uint32_t* turns, random_stream& random, events& to) {
  std::vector<std::vector<std::uint32_t>> rows(spec.steps);
  const std::uint32_t part = spec.steps / spec.volleys;
  for (std::uint32_t v = 0; v < spec.volleys; ++v) {
    const std::uint32_t start = v * part + random.below(part - static_cast<std::uint32_t>(span_of(spec)) + 1);
    for (std::uint32_t c = 0; c < spec.channels; ++c) {
      rows[start + spec.gap * turns[c] + random.below(2 * spec.jitter + 1)].push_back(c);
    }
  }
  for (const auto& row : rows) {
    to.channels.insert(to.channels.end(), row.begin(), row.end());
    to.end_row();
  }
}

}  // namespace

std::vector<std::uint32_t> coincidence_orders(const coincidence_spec& spec, std::uint64_t seed) {
  require(spec);
  std::vector<std::vector<std::uint32_t>> orders;
  for (std::uint64_t stream = order_stream; orders.size() < spec.classes; --stream) {
    auto order = permutation(spec.channels, {seed, random_purpose::task, stream});
    if (std::ranges::find(orders, order) == orders.end()) {
      orders.push_back(std::move(order));
    }
  }
  std::vector<std::uint32_t> turns;
  for (const auto& order : orders) {
    turns.insert(turns.end(), order.begin(), order.end());
  }
  return turns;
}

dataset make_coincidence(const coincidence_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples) {
  const auto turns = coincidence_orders(spec, seed);
  dataset data;
  data.name = operation;
  data.channels = spec.channels;
  for (std::uint32_t k = 0; k < spec.classes; ++k) {
    data.class_names.push_back("order " + std::to_string(k));
  }
  for (std::uint32_t s = 0; s < samples; ++s) {
    const std::uint64_t number = first + s;
    const auto label = static_cast<std::uint32_t>(number % spec.classes);
    random_stream random(seed, random_purpose::task, number);
    append_sample(spec, turns.data() + std::size_t{label} * spec.channels, random, data.inputs.spikes);
    data.inputs.end_sample();
    data.labels.push_back(static_cast<std::int32_t>(label));
  }
  return data;
}

}  // namespace backspike
