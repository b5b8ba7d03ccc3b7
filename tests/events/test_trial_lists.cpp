// Recordings of several trials with tables of labels: DVS Gesture's layout, and its faults.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_samples.hpp>
#include <backspike/events/event_writer.hpp>

#include "temporary_folder.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TrialLists : public testing::Test {
 protected:
  TrialLists() {
    write_text_file(folder_.at("trials_to_train.txt"), "user01_led.aedat\r\nuser02_led.aedat\n");
    write_text_file(folder_.at("trials_to_test.txt"), "user03_led.aedat\n");
    std::vector<camera_event> all;
    for (std::int64_t t = 0; t < 100; ++t) {  // an event each 10 ms
      all.push_back({5000000 + t * 10000, static_cast<std::uint16_t>(t), 7, t % 2 == 1});
    }
    for (const std::string user : {"user01", "user02", "user03"}) {
      write_events(folder_.at(user + "_led.aedat"), event_format::aedat3, {128, 128}, all);
      labels(user, "2,5000000,5200000\n1,5300000,5600000\n");
    }
  }

  void labels(const std::string& user, const std::string& lines) {
    write_text_file(folder_.at(user + "_led_labels.csv"), "class,startTime_usec,endTime_usec\n" + lines);
  }

  event_sets list() const { return list_event_sets(folder_.path().string()); }

  std::string refusal() const {
    try {
      list();
    } catch (const format_error& e) {
      return e.what();
    }
    return "nothing was thrown";
  }

  temporary_folder folder_;
};

TEST_F(TrialLists, PartsOfFilesAreSamples) {
  const auto sets = list();
  ASSERT_EQ(sets.train.files.size(), 4U);
  ASSERT_EQ(sets.test.files.size(), 2U);
  EXPECT_EQ(sets.train.class_names, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(sets.train.files[0].label, 1);
  EXPECT_TRUE(sets.train.notes.empty());
  data_spec spec;
  spec.events.width = spec.events.height = 128;
  spec.bin_ms = 10.0;
  const auto data = read_event_samples(sets.train, preparation_of(spec, sets.train.files));
  EXPECT_THAT(data.labels, ElementsAre(1, 0, 1, 0));
  EXPECT_EQ(data.inputs.length(0), 20U);
  EXPECT_EQ(data.inputs.length(1), 30U);
  EXPECT_EQ(data.inputs.event_count(1), 30U);
  EXPECT_EQ(data.inputs.spikes.row(20).channels[0], (7U * 128 + 30) * 2);  // the second part counts from its begin
}

TEST_F(TrialLists, NamesOfClasses) {
  write_text_file(folder_.at("gesture_mapping.csv"), "action,label\nhand_clapping,1\n");
  EXPECT_EQ(list().train.class_names, (std::vector<std::string>{"hand_clapping", "2"}));
}

TEST_F(TrialLists, PartsThatOverlapOrRepeatAreMendedAndSaid) {
  labels("user02", "9,5000000,5250000\n10,5200000,5400000\n10,5200000,5400000\n");
  const auto train = list().train;
  ASSERT_EQ(train.files.size(), 4U);
  EXPECT_EQ(train.files[2].slice.end, 5200000);
  ASSERT_EQ(train.notes.size(), 2U);
  EXPECT_THAT(train.notes[0], HasSubstr("user02_led_labels.csv: 1 lines repeat another and are left out"));
  EXPECT_THAT(train.notes[1], HasSubstr("class 9 ends at 5250000 us, after class 10 begins; cut there"));
}

TEST_F(TrialLists, TablesThatAreNone) {
  labels("user01", "2,5000000\n");
  EXPECT_THAT(refusal(), HasSubstr("user01_led_labels.csv (line 2): \"2,5000000\" (accepted: class,begin,end"));
  labels("user01", "2,5000000,5000000\n");
  EXPECT_THAT(refusal(), HasSubstr("line 2"));
  labels("user01", "");
  EXPECT_THAT(refusal(), HasSubstr("has no trials"));
  write_text_file(folder_.at("trials_to_train.txt"), "user01_led.raw\n");
  EXPECT_THAT(refusal(), HasSubstr("accepted: a name that ends with .aedat"));
}

}  // namespace
}  // namespace backspike
