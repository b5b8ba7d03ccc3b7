// Folders of recordings as samples.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_folder.hpp>

#include "events/event_bytes.hpp"
#include "paths.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace backspike {
namespace {

event_step_options by_ms(std::uint64_t steps) {
  event_step_options o;
  o.sensor = {34, 34};
  o.bin_us = 1000;
  o.steps = steps;
  return o;
}

TEST(EventFolder, ClassesAreSubFoldersInTheOrderOfNumbers) {
  const temporary_folder folder;
  for (const std::string name : {"10", "2"}) {
    make_folders(folder.at(name));
    write_text_file(folder.at(name) + "/b.bin", bin_event(1, 2, 1, 1500));
    write_text_file(folder.at(name) + "/a.bin", bin_event(3, 4, 0, 0) + bin_event(3, 4, 0, 10));
  }
  const auto listing = list_class_folders(folder.path().string());
  EXPECT_EQ(listing.class_names, (std::vector<std::string>{"2", "10"}));
  const auto data = read_event_files(listing, {}, by_ms(0));
  data.validate();
  EXPECT_EQ(data.labels, (std::vector<std::int32_t>{0, 0, 1, 1}));
  EXPECT_EQ(data.channels, 34U * 34U * 2U);
  EXPECT_EQ(data.dt, 1.0);
  EXPECT_EQ(data.inputs.length(0), 1U);
  EXPECT_EQ(data.inputs.length(1), 2U);
  EXPECT_EQ(data.merged_events, 2U);
  EXPECT_EQ(data.inputs.spikes.channels, (std::vector<std::uint32_t>{(4 * 34 + 3) * 2, (2 * 34 + 1) * 2 + 1,
                                                                     (4 * 34 + 3) * 2, (2 * 34 + 1) * 2 + 1}));
  write_text_file(folder.at("readme.txt"), "x");
  EXPECT_THROW(list_class_folders(folder.path().string()), format_error);
}

TEST(EventFolder, NumberedFiles) {
  const temporary_folder folder;
  write_text_file(folder.at("7.bs2"), bin_event(1, 2, 1, 1500));
  write_text_file(folder.at("list.txt"), "#sample #class\n7\t3\n");
  const auto listing = list_numbered_files(folder.at("list.txt"));
  ASSERT_EQ(listing.files.size(), 1U);
  EXPECT_EQ(listing.files[0].path, folder.at("7.bs2"));
  EXPECT_EQ(listing.files[0].label, 3);
  EXPECT_EQ(listing.class_names.size(), 4U);
  for (const std::string wrong : {"7\n", "7 3 1\n", "a 3\n", "7 -1\n", "7 3\n7 3\n"}) {
    write_text_file(folder.at("list.txt"), wrong);
    EXPECT_THROW(list_numbered_files(folder.at("list.txt")), format_error) << wrong;
  }
}

TEST(EventFolder, SmallNmnist) {
  const auto folder = shared_data() + "/nmnist_small";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no recordings at " << folder;
  }
  auto steps = by_ms(350);
  steps.duplicates = duplicate_events::count;
  const auto train = list_numbered_files(folder + "/train1K.txt"), test = list_numbered_files(folder + "/test100.txt");
  EXPECT_EQ(train.files.size(), 1000U);
  EXPECT_EQ(train.class_names.size(), 10U);
  const auto data = read_event_files(test, {}, steps);
  data.validate();
  EXPECT_EQ(data.size(), 100U);
  EXPECT_EQ(data.longest(), 350U);
  EXPECT_GT(data.inputs.spikes.size(), 300000U);
}

}  // namespace
}  // namespace backspike
