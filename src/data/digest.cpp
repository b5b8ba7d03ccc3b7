// Computes the fingerprint of a data set. It stands in checkpoints, so the algorithm must never change.

#include <backspike/data/digest.hpp>

#include <bit>
#include <string>
#include <vector>

namespace backspike {
namespace {

/// MurmurHash3's mixing (A. Appleby, in the public domain), a word of 64 bits at a time.
class word_hash {
 public:
  void add(std::uint64_t word) {
    word *= 0x87c37b91114253d5;
    state_ ^= std::rotl(word, 31) * 0x4cf5ad432745937f;
    state_ = std::rotl(state_, 27) * 5 + 0x52dce729;
  }

  std::uint64_t result() const {
    std::uint64_t x = state_;
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccd;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53;
    return x ^ (x >> 33);
  }

 private:
  std::uint64_t state_ = 0;
};

std::uint64_t bits_of(std::uint64_t x) { return x; }
std::uint64_t bits_of(std::uint32_t x) { return x; }
std::uint64_t bits_of(std::int32_t x) { return static_cast<std::uint32_t>(x); }
std::uint64_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
std::uint64_t bits_of(double x) { return std::bit_cast<std::uint64_t>(x); }
std::uint64_t bits_of(char x) { return static_cast<unsigned char>(x); }

/// Lengths come before contents, so that no two lists can be mistaken for two others.
template <class Numbers>
void add_list(word_hash& h, const Numbers& values) {
  h.add(values.size());
  for (const auto x : values) {
    h.add(bits_of(x));
  }
}

void add_names(word_hash& h, const std::vector<std::string>& names) {
  h.add(names.size());
  for (const std::string& name : names) {
    add_list(h, name);
  }
}

void add_targets(word_hash& h, const target_set& targets) {
  add_list(h, targets.labels);
  add_names(h, targets.class_names);
  add_list(h, targets.step_labels);
  h.add(targets.target_width);
  add_list(h, targets.step_targets);
}

void add_tasks(word_hash& h, const dataset& data) {
  h.add(data.planted.size());
  for (const planted_values& planted : data.planted) {
    add_list(h, planted.parameter);
    add_list(h, planted.values);
  }
  h.add(data.continuations.size());
  for (const series_continuation& series : data.continuations) {
    add_list(h, series.known);
    add_list(h, series.truth);
    add_list(h, series.linear);
    for (const double x : {static_cast<double>(series.steps), series.centre, series.scale, series.correction}) {
      h.add(bits_of(x));
    }
  }
}

}  // namespace

std::uint64_t digest_of(const dataset& data) {
  word_hash h;
  h.add(data.channels);
  h.add(bits_of(data.dt));
  add_list(h, data.inputs.sample_rows);
  add_list(h, data.inputs.spikes.row_offsets);
  add_list(h, data.inputs.spikes.channels);
  add_list(h, data.inputs.spikes.values);
  add_targets(h, data);
  add_list(h, data.step_weights);
  add_tasks(h, data);
  if (!data.sample_weights.empty()) {  // came later: data without them keep the digest that they had before
    add_list(h, data.sample_weights);
  }
  for (const named_targets& set : data.further) {  // came later, too
    add_list(h, set.name);
    add_targets(h, set);
  }
  return h.result();
}

}  // namespace backspike
