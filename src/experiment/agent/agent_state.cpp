// The part of an agent's run that deals with files: begin, save, resume. A round counts once checkpoint_last.h5 is on
// the disk; lines that were written after it are cut off.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "experiment/agent/agent_trainer.hpp"
#include "experiment/folder/checkpoint.hpp"
#include "online/online_state.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace backspike {
namespace {

constexpr const char *worlds_tensor = "run.worlds", *tally_tensor = "run.tally";
const std::string parameters_prefix = "parameters.";  // of the agent's own state: a checkpoint has them already

named_tensor packed(const std::string& name, const std::vector<double>& numbers) {
  std::vector<std::uint64_t> bits(numbers.size());
  std::ranges::transform(numbers, bits.begin(), [](double x) { return std::bit_cast<std::uint64_t>(x); });
  auto pieces = pack(bits);
  return {name, {pieces.size()}, std::move(pieces)};
}

const named_tensor* find(const std::vector<named_tensor>& tensors, const std::string& name) {
  const auto found = std::ranges::find(tensors, name, &named_tensor::name);
  return found == tensors.end() ? nullptr : &*found;
}

std::vector<double> unpacked(const std::string& path, const checkpoint& c, const char* name) {
  const named_tensor* t = find(c.optimiser, name);
  if (t == nullptr) {
    throw checkpoint_error(path, std::string("holds no '") + name + "': a run cannot go on from it");
  }
  const auto bits = unpack(t->values);
  std::vector<double> numbers(bits.size());
  std::ranges::transform(bits, numbers.begin(), [](std::uint64_t x) { return std::bit_cast<double>(x); });
  return numbers;
}

/// The agent's state in its own order. Empty arrays are not in the file.
std::vector<named_tensor> state_in(const checkpoint& c, std::vector<named_tensor> like) {
  for (named_tensor& t : like) {
    const bool parameter = t.name.starts_with(parameters_prefix);
    const auto& from = parameter ? c.parameters : c.optimiser;
    const named_tensor* found = find(from, parameter ? t.name.substr(parameters_prefix.size()) : t.name);
    t.values = found == nullptr ? std::vector<float>{} : found->values;
  }
  return like;
}

/// In as many lists as `like` has, each of its length.
std::vector<std::vector<double>> split(const std::string& path, const std::vector<double>& numbers,
                                       std::vector<std::vector<double>> like) {
  std::size_t next = 0;
  for (auto& each : like) {
    if (next + each.size() > numbers.size()) {
      throw checkpoint_error(path, "its environments are others than those of the experiment");
    }
    std::copy_n(numbers.begin() + static_cast<std::ptrdiff_t>(next), each.size(), each.begin());
    next += each.size();
  }
  return like;
}

}  // namespace

std::vector<double> agent_tally::numbers() const {
  std::vector<double> all{static_cast<double>(episodes),
                          static_cast<double>(records),
                          rounds,
                          td_error,
                          entropy,
                          value,
                          best,
                          static_cast<double>(best_at),
                          static_cast<double>(solved_at),
                          static_cast<double>(returns.size())};
  all.insert(all.end(), rates.begin(), rates.end());
  all.insert(all.end(), returns.begin(), returns.end());
  all.insert(all.end(), lengths.begin(), lengths.end());
  if (compared > 0.0) {
    all.insert(all.end(), {cosine, compared});
  }
  return all;
}

void agent_tally::restore(const std::string& path, std::span<const double> numbers) {
  constexpr std::size_t head = 10;
  const auto count = numbers.size() < head ? 0 : static_cast<std::size_t>(numbers[head - 1]);
  const std::size_t least = head + rates.size() + 2 * count;
  if (numbers.size() < head || count > counted_episodes || (numbers.size() != least && numbers.size() != least + 2)) {
    throw checkpoint_error(path, "what it says of the run is damaged");
  }
  episodes = static_cast<std::uint64_t>(numbers[0]);
  records = static_cast<std::uint64_t>(numbers[1]);
  rounds = numbers[2];
  td_error = numbers[3];
  entropy = numbers[4];
  value = numbers[5];
  best = numbers[6];
  best_at = static_cast<std::uint64_t>(numbers[7]);
  solved_at = static_cast<std::uint64_t>(numbers[8]);
  const auto lists = numbers.subspan(head);
  std::ranges::copy(lists.first(rates.size()), rates.begin());
  const auto last = lists.subspan(rates.size());
  returns.assign(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(count));
  lengths.assign(last.begin() + static_cast<std::ptrdiff_t>(count),
                 last.begin() + static_cast<std::ptrdiff_t>(2 * count));
  if (numbers.size() > least) {
    cosine = numbers[least];
    compared = numbers[least + 1];
  }
}

checkpoint agent_trainer::plain_checkpoint() const {
  checkpoint c = blank_checkpoint(settings_, net_, {});
  c.epoch = tally_.records;
  c.step = agent_.updates();
  c.scalars["decisions"] = static_cast<double>(agent_.decisions());
  c.parameters = tensors_of(agent_.parameters());
  return c;
}

void agent_trainer::begin() {
  const auto text = to_toml(settings_);  // before anything goes: it may be refused
  directory_.clear();
  write_text_file(directory_.file(experiment_file), text);
  write_checkpoint(directory_.file(initial_checkpoint_file), plain_checkpoint());
  metrics_.begin("");
  if (settings_.agent.monitor) {
    monitor_.begin(monitor_head(settings_.environment.name));
  }
}

void agent_trainer::keep_best() {
  tally_.best = progress().mean_return;
  tally_.best_at = agent_.decisions();
  write_checkpoint(directory_.file(best_checkpoint_file), plain_checkpoint());
}

void agent_trainer::save() {
  if (settings_.agent.monitor) {
    monitor_.add(episodes_to_write_);
    episodes_to_write_.clear();
  }
  checkpoint c = plain_checkpoint();
  for (named_tensor& t : agent_.save()) {
    if (!t.values.empty() && !t.name.starts_with(parameters_prefix)) {
      c.optimiser.push_back(std::move(t));
    }
  }
  std::vector<double> worlds;
  for (const auto& each : loop_.save()) {
    worlds.insert(worlds.end(), each.begin(), each.end());
  }
  c.optimiser.push_back(packed(worlds_tensor, worlds));
  c.optimiser.push_back(packed(tally_tensor, tally_.numbers()));
  write_checkpoint(directory_.file(last_checkpoint_file), c);
}

void agent_trainer::resume() {
  const auto path = directory_.file(last_checkpoint_file);
  const checkpoint c = read_checkpoint(path);
  try {
    agent_.restore(state_in(c, agent_.save()));
  } catch (const value_error& e) {
    throw checkpoint_error(path, e.what());
  } catch (const shape_error& e) {
    throw checkpoint_error(path, e.what());
  }
  loop_.restore(split(path, unpacked(path, c, worlds_tensor), loop_.save()));
  tally_.restore(path, unpacked(path, c, tally_tensor));
  metrics_.cut(tally_.records);
  for (const agent_record& r : read_agent_records(directory_.file(metrics_file))) {
    seconds_before_ += r.seconds;
  }
  if (settings_.agent.monitor) {
    monitor_.cut(monitor_head_lines + tally_.episodes);
  }
}

}  // namespace backspike
