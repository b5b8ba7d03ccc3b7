// The fingerprint of data sees every part, and never changes from version to version.

#include <backspike/data/digest.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace backspike {
namespace {

dataset example() {
  dataset d;
  d.name = "example";
  d.channels = 3;
  d.dt = 2.0;
  for (const std::uint32_t channel : {0u, 2u, 1u}) {
    d.inputs.spikes.channels.push_back(channel);
    d.inputs.spikes.values.push_back(0.5f);
    d.inputs.spikes.end_row();
    d.inputs.end_sample();
  }
  d.labels = {0, 1, 0};
  d.class_names = {"no", "yes"};
  d.step_labels = {-1, 0, 1};
  d.step_targets = {1.0f, 0.0f, 2.0f};
  d.target_width = 1;
  d.step_weights = {1.0f, 1.0f, 0.0f};
  return d;
}

TEST(Digest, EveryPartOfTheDataCounts) {
  const std::vector<std::function<void(dataset&)>> changes{
      [](dataset& d) { d.channels = 4; },
      [](dataset& d) { d.dt = 1.0; },
      [](dataset& d) { d.inputs.spikes.channels[1] = 1; },
      [](dataset& d) { d.inputs.spikes.values[2] = -0.5f; },
      [](dataset& d) { d.inputs.spikes.values.clear(); },
      [](dataset& d) { d.inputs.spikes.row_offsets[1] = 2; },
      [](dataset& d) { d.inputs.sample_rows[1] = 2; },
      [](dataset& d) { std::swap(d.labels[0], d.labels[1]); },
      [](dataset& d) { d.labels.clear(); },
      [](dataset& d) { d.class_names[1] = "yet"; },
      [](dataset& d) {
        d.class_names = {"noyes", ""};
      },
      [](dataset& d) { d.step_labels[0] = 0; },
      [](dataset& d) { d.step_targets[2] = 3.0f; },
      [](dataset& d) { d.step_weights[2] = 1.0f; },
      [](dataset& d) {
        d.sample_weights = {1.0f, 1.0f, 1.0f};
      },
      [](dataset& d) {
        d.sample_weights = {1.0f, 1.0f, 2.0f};
      },
      [](dataset& d) {
        d.planted.push_back({"tau_rise", {1.0f}});
      },
      [](dataset& d) {
        d.continuations.push_back({{1.0}, {2.0}, 1, 0.0, 1.0, {}, 1.0});
      },
  };
  std::set<std::uint64_t> seen{digest_of(example())};
  for (const auto& change : changes) {
    auto d = example();
    change(d);
    EXPECT_TRUE(seen.insert(digest_of(d)).second) << seen.size();
  }
}

TEST(Digest, StandsInFilesAndSoNeverChanges) {
  auto d = example();
  d.name = "of another name";
  EXPECT_EQ(digest_of(d), digest_of(example()));
  EXPECT_EQ(digest_of(example()), 5033369473295471u) << "the figure of the first version";
}

TEST(Digest, OneFlippedBitIsSeen) {
  dataset d;
  d.channels = 1u << 20;
  for (std::uint32_t c = 0; c < 1000; ++c) {
    d.inputs.spikes.channels.push_back(c * 7);
  }
  d.inputs.spikes.end_row();
  d.inputs.end_sample();
  std::set<std::uint64_t> seen{digest_of(d)};
  for (std::size_t k = 0; k < 1000; k += 37) {
    for (int bit = 0; bit < 20; ++bit) {
      d.inputs.spikes.channels[k] ^= 1u << bit;
      EXPECT_TRUE(seen.insert(digest_of(d)).second);
      d.inputs.spikes.channels[k] ^= 1u << bit;
    }
  }
}

}  // namespace
}  // namespace backspike
