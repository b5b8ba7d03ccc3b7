// What a folder of recordings may look like, and what is refused.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_folder.hpp>

#include "events/event_bytes.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

using testing::HasSubstr;

class EventLayout : public testing::Test {
 protected:
  void write(const std::string& path) {
    const auto whole = folder_.at(path);
    make_folders(whole.substr(0, whole.rfind('/')));
    write_text_file(whole, bin_event(1, 2, 1, 1500));
  }
  std::string at(const std::string& path) const { return folder_.at(path); }
  std::string path() const { return folder_.path().string(); }

  std::string refusal(const std::string& train_list = "", const std::string& test_list = "") const {
    try {
      list_event_sets(path(), train_list, test_list);
    } catch (const format_error& e) {
      return e.what();
    }
    return "nothing was thrown";
  }

 private:
  temporary_folder folder_;
};

TEST_F(EventLayout, ClassFoldersHaveNoTestSet) {
  write("cat/a.bin");
  write("dog/b.bin");
  const auto sets = list_event_sets(path());
  EXPECT_EQ(sets.train.files.size(), 2U);
  EXPECT_EQ(sets.train.class_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_TRUE(sets.test.files.empty());
}

TEST_F(EventLayout, HalvesShareTheClassesOfTheTrainingSet) {
  write("n-cars_Train/background/a.bin");
  write("n-cars_Train/cars/b.bin");
  write("n-cars_Test/cars/c.bin");
  const auto sets = list_event_sets(path());
  ASSERT_EQ(sets.test.files.size(), 1U);
  EXPECT_EQ(sets.test.files[0].label, 1);
  EXPECT_EQ(sets.test.class_names, sets.train.class_names);
  write("n-cars_Test/lorries/d.bin");
  EXPECT_THAT(refusal(), HasSubstr("n-cars_Test (lorries): no class of the training set, which has background, cars"));
}

TEST_F(EventLayout, AHalfWithoutItsCounterpart) {
  write("Train/0/a.bin");
  EXPECT_THAT(refusal(), HasSubstr("holds a folder Train without its counterpart"));
  EXPECT_THAT(refusal(), HasSubstr("accepted: class folders with recordings"));
}

TEST_F(EventLayout, Lists) {
  write("1.bs2");
  write("2.bs2");
  write_text_file(at("train1K.txt"), "#sample #class\n1\t2\n");
  EXPECT_THAT(refusal(), HasSubstr("holds 1.bs2, 2.bs2, train1K.txt"));  // one list alone is not looked for
  write_text_file(at("test100.txt"), "#sample #class\n2\t4\n");
  const auto sets = list_event_sets(path());
  ASSERT_EQ(sets.train.files.size(), 1U);
  EXPECT_EQ(sets.train.files[0].path, at("1.bs2"));
  EXPECT_EQ(sets.test.files[0].label, 4);
  EXPECT_EQ(sets.train.class_names.size(), 5U);
  EXPECT_EQ(sets.test.class_names.size(), 5U);
  write_text_file(at("train_more.txt"), "1 2\n2 3\n");
  EXPECT_EQ(list_event_sets(path(), "train_more.txt").train.files.size(), 2U);
}

TEST_F(EventLayout, ListsOfRecordingsThatAreNotThere) {
  write_text_file(at("train.txt"), "1 2\n");
  write_text_file(at("test.txt"), "2 3\n");
  EXPECT_THAT(refusal(), HasSubstr("no recording that is called by its number"));
}

TEST_F(EventLayout, NothingToUse) {
  EXPECT_THAT(refusal(), HasSubstr("holds nothing (accepted: class folders"));
  write("a.bin");
  EXPECT_THAT(refusal(), HasSubstr("holds a.bin (accepted: class folders"));
  EXPECT_THAT(refusal("", "test.txt"), HasSubstr("a list of the test set, test.txt, and none of the training set"));
}

}  // namespace
}  // namespace backspike
