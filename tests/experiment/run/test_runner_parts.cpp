// The parts of a run that have no data in them; whole runs are tested through the program, in tests/cli.

#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"
#include "temporary_folder.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/experiment/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

class RunnerParts : public testing::Test {
 protected:
  std::string file(const char* name) const { return folder_.at(name); }

 private:
  temporary_folder folder_;
};

network two_layers(std::uint32_t hidden) {
  network_spec spec;
  spec.inputs = 5;
  spec.layers.resize(2);
  spec.layers[0].size = hidden;
  spec.layers[1].cell = "leaky_integrator";
  spec.layers[1].size = 3;
  return network(spec);
}

TEST_F(RunnerParts, FirstDifferenceNamesTheKeyAndBothValues) {
  EXPECT_EQ(first_difference("a = 1\n[b]\nc = 2\n", "a = 1\n[b]\nc = 2\n"), "");
  EXPECT_EQ(first_difference("a = 1\n[b]\nc = 2\n", "a = 1\n[b]\nc = 3\n"), "b.c (2 before, 3 now)");
  EXPECT_THAT(first_difference("a = 1\n", "a = 1\nd = 4\n"), HasSubstr("d (absent before, 4 now)"));
  EXPECT_THAT(first_difference("[[l]]\nn = 1\n[[l]]\nn = 2\n", "[[l]]\nn = 1\n[[l]]\nn = 9\n"), HasSubstr("l[1].n"));
}

TEST_F(RunnerParts, LongListsOfValuesAreComparedInNoTime) {
  std::string list;
  for (int k = 0; k < 200000; ++k) {
    list += std::to_string(k) + ", ";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(first_difference("a = [" + list + "]\nb = 1\n", "a = [" + list + "]\nb = 2\n"), "b (1 before, 2 now)");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << "minutes, if each looks at all";
}

TEST_F(RunnerParts, MetricsComeBackWithTheirNaN) {
  epoch_record first{1, 0.5, 0.25, std::nan(""), std::nan(""), 12.5, 1e-3, 0.75, 2.0, {}, {}, std::nan(""), {}};
  epoch_record second{2, 0.4, 0.5, 0.3, 0.125, 11.5, 2e-3, 0.5, 2.5, {}, {}, std::nan(""), {}};
  second.layers = {{"hidden1", true, 0.05, 0.25, 0.0, 0.125, {0.5, 1e-3}, 2.0},
                   {"readout", false, 0, 0, 0, 0, {}, 2.0}};
  second.updates = {{"hidden1.weight", 1.0 / 3.0}};
  second.delay_widths = {{"hidden1.delay_width", 2.5}, {"readout.delay_width", 0.5}};
  write_metrics(file("metrics.jsonl"), {first, second});
  const auto back = read_metrics(file("metrics.jsonl"), 2);
  ASSERT_EQ(back.size(), 2u);
  EXPECT_TRUE(std::isnan(back[0].validation_loss));
  EXPECT_EQ(back[1].validation_accuracy, second.validation_accuracy);
  EXPECT_EQ(back[1].gradient_norm, second.gradient_norm);
  ASSERT_EQ(back[1].layers.size(), 2u);
  EXPECT_EQ(back[1].layers[0].name, "hidden1");
  EXPECT_EQ(back[1].layers[0].error, second.layers[0].error);
  EXPECT_EQ(back[1].layers[0].in_support, 0.125);
  EXPECT_FALSE(back[1].layers[1].spiking);
  ASSERT_EQ(back[1].updates.size(), 1u);
  EXPECT_EQ(back[1].updates[0].ratio, 1.0 / 3.0) << "every digit, so that a resumed run has the same metrics";
  EXPECT_TRUE(back[0].delay_widths.empty());
  ASSERT_EQ(back[1].delay_widths.size(), 2u);
  EXPECT_EQ(back[1].delay_widths[0].parameter, "hidden1.delay_width");
  EXPECT_EQ(back[1].delay_widths[0].width, 2.5);
  EXPECT_EQ(read_metrics(file("metrics.jsonl"), 1).size(), 1u);
}

TEST_F(RunnerParts, DamagedMetricsAreRefusedWithTheirLine) {
  write_text_file(file("metrics.jsonl"), "{\"epoch\":1,\n");
  try {
    read_metrics(file("metrics.jsonl"), 1);
    FAIL() << "accepted";
  } catch (const format_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("line 1"));
  }
}

TEST_F(RunnerParts, ARunKnowsItsData) {
  dataset_split data;
  data.train.class_names = {"no", "yes"};
  data.train.channels = 3;
  data.test.channels = 3;
  const auto before = identity_of(data);
  EXPECT_EQ(before.class_names, data.train.class_names);
  checkpoint c;
  c.data_digests = before.digests;
  require_same_data("last.h5", c, before);
  data.test.channels = 4;
  try {
    require_same_data("last.h5", c, identity_of(data));
    FAIL() << "other data";
  } catch (const checkpoint_error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("last.h5: the data have changed since the run began (test)"), std::string::npos) << text;
    EXPECT_NE(text.find("--overwrite"), std::string::npos) << text;
  }
  c.data_digests.clear();
  require_same_data("last.h5", c, identity_of(data));  // of a version that kept none
}

TEST_F(RunnerParts, TensorsRoundTripWithoutPadding) {
  const auto net = two_layers(7);
  arena<float> values(net.parameters());
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    const auto view = values.view(i);
    for (std::size_t r = 0; r < view.rows; ++r) {
      for (std::size_t c = 0; c < view.cols; ++c) {
        view(r, c) = static_cast<float>(100 * i + 10 * r + c);
      }
    }
  }
  const auto tensors = tensors_of(values);
  EXPECT_EQ(tensors.front().values.size(), 5u * 7u);
  arena<float> back(net.parameters());
  restore_tensors("x.h5", tensors, "", 0, back);
  EXPECT_TRUE(std::equal(values.values().begin(), values.values().end(), back.values().begin()));
}

TEST_F(RunnerParts, TensorsOfAnotherNetworkAreRefused) {
  const auto net = two_layers(7), other = two_layers(8);
  auto tensors = tensors_of(arena<float>(net.parameters()));
  arena<float> back(other.parameters());
  EXPECT_THROW(restore_tensors("x.h5", tensors, "", 0, back), checkpoint_error);
  tensors.front().values.front() = std::numeric_limits<float>::quiet_NaN();
  arena<float> same(net.parameters());
  EXPECT_THROW(restore_tensors("x.h5", tensors, "", 0, same), numeric_error);
}

TEST_F(RunnerParts, TheReadoutTakesTheNumberOfClasses) {
  experiment e;
  e.network.layers.resize(2);
  e.network.layers[0].size = 4;
  EXPECT_EQ(network_for(e, 9, 2.0, 6).layers.back().size, 6u);
  EXPECT_EQ(network_for(e, 9, 2.0, 6).inputs, 9u);
  e.network.layers[1].size = 5;
  EXPECT_THROW(network_for(e, 9, 2.0, 6), shape_error);
}

TEST_F(RunnerParts, MemoryThatIsUsedIsSeen) {
  constexpr std::uint64_t counted_late = std::uint64_t{1} << 20;  // the kernel counts pages in batches
  const std::uint64_t peak = peak_memory();
  EXPECT_GE(peak + counted_late, resident_memory());
  EXPECT_GT(available_memory(), std::uint64_t{1} << 20);
  constexpr std::size_t more = std::size_t{64} << 20;
  std::vector<char> held(peak + more, '\1');  // more than ever before, every page of it written
  EXPECT_GE(resident_memory(), held.size());
  EXPECT_GE(peak_memory(), peak + more);
}

}  // namespace
}  // namespace backspike
