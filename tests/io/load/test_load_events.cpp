// Recordings of event cameras as training, validation and test set, in folds, and whole for a trained network.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/load.hpp>

#include "events/event_bytes.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>

#include <set>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Recording k has one event, whose pixel and time are functions of k: samples can be told apart.
std::string recording(unsigned k) { return bin_event(k % 34, k / 34, 1, 1000 * (k % 7)); }

std::uint32_t first_channel(const dataset& d, std::size_t s) {
  return d.inputs.spikes.row(d.inputs.sample_rows[s + 1] - 1).channels[0];
}

std::multiset<std::uint32_t> samples_of(const dataset& d) {
  std::multiset<std::uint32_t> all;
  for (std::size_t s = 0; s < d.size(); ++s) {
    all.insert(first_channel(d, s));
  }
  return all;
}

class LoadEvents : public testing::Test {
 protected:
  LoadEvents() {
    spec_.source = data_source::nmnist;
    spec_.path = folder_.path().string();
    spec_.bin_ms = 1.0;
    spec_.validation = 0.25;
  }

  void write(const std::string& half, unsigned digits, unsigned each) {
    for (unsigned d = 0; d < digits; ++d) {
      const auto path = folder_.at(half + "/" + std::to_string(d));
      make_folders(path);
      for (unsigned k = 0; k < each; ++k) {
        write_text_file(path + "/" + std::to_string(k) + ".bin", recording(written_++));
      }
    }
  }

  template <class Error>
  std::string refusal() {
    try {
      load_data(spec_, 1);
    } catch (const Error& e) {
      return e.what();
    }
    return "nothing was thrown";
  }

  temporary_folder folder_;
  data_spec spec_;
  unsigned written_ = 0;
};

TEST_F(LoadEvents, NmnistHasItsFoldersAndSensor) {
  write("Train", 10, 4);
  write("Test", 10, 2);
  const auto split = load_data(spec_, 1);
  EXPECT_EQ(split.train.size(), 30U);
  EXPECT_EQ(split.validation.size(), 10U);
  EXPECT_EQ(split.test.size(), 20U);
  EXPECT_THAT(split.train.shape, ElementsAre(2, 34, 34));
  EXPECT_EQ(split.train.classes(), 10U);
  EXPECT_EQ(first_channel(split.test, 3), (43 / 34 * 34 + 43 % 34) * 2 + 1);
  spec_.limit = 10;
  EXPECT_EQ(load_data(spec_, 1).test.size(), 10U);
}

TEST_F(LoadEvents, ClassesWithoutATestSetGiveAFifth) {
  write(".", 3, 10);
  spec_.source = data_source::events;
  EXPECT_THAT(refusal<value_error>(), HasSubstr("data.events.width"));
  spec_.events.width = spec_.events.height = 34;
  const auto split = load_data(spec_, 1), again = load_data(spec_, 2);
  EXPECT_EQ(split.test.size(), 6U);
  EXPECT_EQ(samples_of(split.test), samples_of(again.test));
  EXPECT_NE(samples_of(split.validation), samples_of(again.validation));
}

TEST_F(LoadEvents, EveryRecordingIsTheTestOfOneFold) {
  write("Train", 10, 4);
  write("Test", 10, 1);
  spec_.folds = 5;
  std::multiset<std::uint32_t> tested;
  for (spec_.fold = 1; spec_.fold <= 5; ++spec_.fold) {
    const auto split = load_data(spec_, spec_.fold);
    EXPECT_EQ(split.train.size() + split.validation.size(), 40U);
    auto all = samples_of(split.test);
    EXPECT_EQ(all.size(), 10U);
    EXPECT_EQ(std::set<std::int32_t>(split.test.labels.begin(), split.test.labels.end()).size(), 10U);
    tested.merge(all);
  }
  EXPECT_EQ(tested.size(), 50U);
  EXPECT_EQ(std::set<std::uint32_t>(tested.begin(), tested.end()).size(), 50U);
  spec_.folds = 51;
  spec_.fold = 1;
  EXPECT_THAT(refusal<value_error>(), HasSubstr("folds = 51 (accepted: 2 to 50, the samples"));
}

TEST_F(LoadEvents, FoldsNeedClasses) {
  spec_ = {};
  spec_.source = data_source::mackey_glass;
  spec_.folds = 2;
  EXPECT_THAT(refusal<value_error>(),
              HasSubstr("data.folds = 2 (accepted: 0: samples of mackey_glass have no classes"));
}

TEST_F(LoadEvents, WholeFoldersListsAndFilesAreReadForANetwork) {
  write("Train", 10, 2);
  write("Test", 10, 1);
  const expected_data network{34 * 34 * 2, 1.0, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}};
  EXPECT_EQ(load_whole(spec_, network, 1).size(), 30U);
  spec_.path = folder_.at("Test/3/0.bin");
  const auto one = load_whole(spec_, network, 1);
  EXPECT_EQ(one.size(), 1U);
  EXPECT_TRUE(one.labels.empty());
  write_text_file(folder_.at("Test/3/7.bs2"), recording(1));
  write_text_file(folder_.at("Test/3/list.txt"), "7 3\n");
  spec_.path = folder_.at("Test/3/list.txt");
  EXPECT_THAT(load_whole(spec_, network, 1).labels, ElementsAre(3));
  EXPECT_THROW(load_whole(spec_, {7, 1.0, {}}, 1), shape_error);
}

TEST_F(LoadEvents, SaysWhatIsMissing) {
  spec_.path = folder_.at("nowhere");
  EXPECT_THAT(refusal<missing_data_error>(), HasSubstr("Train and Test of N-MNIST"));
  spec_.path = "";
  EXPECT_THAT(refusal<value_error>(), HasSubstr("data.path"));
  spec_.path = folder_.path().string();
  write("Train", 11, 1);
  write("Test", 1, 1);
  EXPECT_THAT(refusal<format_error>(), HasSubstr("has the class 10 (accepted for nmnist: 0 to 9;"));
}

}  // namespace
}  // namespace backspike
