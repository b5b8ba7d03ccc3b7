// What the monitor says of records written by hand: each kind once, in words that say what to try, and only where it
// applies. tests/experiment/run/test_health_runs.cpp provokes the same by training.

#include <backspike/report/health_monitor.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// An epoch of a run that is well: the loss falls, the layer fires, errors come back.
epoch_record well(std::uint32_t epoch) {
  epoch_record r;
  r.epoch = epoch;
  r.start_loss = 2.3;
  r.train_loss = 2.0 / epoch;
  r.train_accuracy = 0.8;
  r.gradient_norm = 0.5;
  r.parameter_norm = 10.0;
  layer_health hidden{"hidden1", true, 0.05, 0.1, 0.0, 0.2, {1.0, 0.9, 0.8, 0.7}, 10.0, {}};
  layer_health readout{"readout", false, 0, 0, 0, 0, {1.0, 0.9, 0.8, 0.7}, 10.0, {}};
  r.layers = {hidden, readout};
  r.updates = {{"hidden1.weight", 0.01}};
  return r;
}

/// The same without progress.
epoch_record stuck(std::uint32_t epoch) {
  epoch_record r = well(epoch);
  r.train_loss = 2.3;
  return r;
}

std::vector<std::string> kinds_of(const std::vector<health_warning>& warnings) {
  std::vector<std::string> kinds;
  for (const health_warning& w : warnings) {
    kinds.push_back(w.kind);
    EXPECT_NE(std::ranges::find(health_kinds, w.kind), health_kinds.end()) << w.kind;
    EXPECT_THAT(w.text, HasSubstr("try ")) << w.text;
  }
  return kinds;
}

/// All that is said over some epochs.
template <class Record>
std::vector<health_warning> said(std::uint32_t epochs, const Record& record,
                                 health_monitor monitor = health_monitor()) {
  std::vector<health_warning> all;
  for (std::uint32_t e = 1; e <= epochs; ++e) {
    for (const health_warning& w : monitor.look(record(e))) {
      EXPECT_EQ(w.epoch, e);
      all.push_back(w);
    }
  }
  return all;
}

TEST(HealthMonitor, HasNothingToSayOfARunThatIsWell) {
  EXPECT_THAT(said(20, well, health_monitor({"a", "b"}, 20)), IsEmpty());
  EXPECT_THAT(said(20, well), IsEmpty());
}

TEST(HealthMonitor, SaysEachThingOnceWithTheEpoch) {
  const auto found = said(5, [](std::uint32_t e) {
    epoch_record r = well(e);
    r.layers[0].dead = e < 3 ? 0.8 : 0.97;
    r.layers[0].saturated = e < 4 ? 0.0 : 0.2;
    return r;
  });
  ASSERT_THAT(kinds_of(found), ElementsAre("dead_neurons", "saturated_neurons"));
  EXPECT_EQ(found[0].epoch, 3u);
  EXPECT_EQ(found[0].subject, "hidden1");
  EXPECT_THAT(found[0].text, HasSubstr("hidden1: 97 % of the neurons never fire; try a larger init_sigma"));
  EXPECT_EQ(found[1].epoch, 4u);
  EXPECT_THAT(found[1].text, HasSubstr("fire in nearly every step"));
}

TEST(HealthMonitor, TellsADeadLayerFromDeadNeurons) {
  const auto found = said(1, [](std::uint32_t e) {
    epoch_record r = well(e);
    r.layers[0].dead = 1.0 - 1e-15;  // a sum of shares
    r.layers[1].stuck = {0, 1, 2};   // follows from it
    return r;
  });
  ASSERT_THAT(kinds_of(found), ElementsAre("dead_neurons"));
  EXPECT_THAT(found[0].text, HasSubstr("no neuron ever fires"));
}

TEST(HealthMonitor, SeesMembranesFarFromTheThreshold) {
  const auto far = [](epoch_record r) {
    r.layers[0].in_support = 0.001;
    r.layers[0].dead = 0.4;
    return r;
  };
  EXPECT_THAT(said(9, [&](std::uint32_t e) { return far(well(e)); }), IsEmpty()) << "a sparse code that learns";
  auto found = said(9, [&](std::uint32_t e) { return far(stuck(e)); });
  ASSERT_THAT(kinds_of(found), ElementsAre("dead_neurons", "far_from_threshold"));
  found.erase(found.begin());
  EXPECT_THAT(found[0].text, HasSubstr("surrogate.width"));
}

TEST(HealthMonitor, SeesErrorsVanishOverTimeAndLayersWhereTheLossDoesNotFall) {
  const auto over_time = [](epoch_record r) {
    r.layers[0].error = {1.0, 0.1, 1e-3, 1e-6};
    return r;
  };
  EXPECT_THAT(said(20, [&](std::uint32_t e) { return over_time(well(e)); }), IsEmpty())
      << "where the task is learned nobody misses them";
  const auto found = said(20, [&](std::uint32_t e) { return over_time(stuck(e)); });
  ASSERT_THAT(kinds_of(found), ElementsAre("vanishing_gradient"));
  EXPECT_EQ(found[0].epoch, 3u);
  EXPECT_THAT(found[0].text, HasSubstr("40 steps back is 1.0e-06 of its largest"));
  const auto over_layers = [](epoch_record r) {
    r.layers[0].error.assign(4, 1e-6);
    return r;
  };
  EXPECT_THAT(said(20, [&](std::uint32_t e) { return over_layers(well(e)); }), IsEmpty());
  const auto deep = said(20, [&](std::uint32_t e) { return over_layers(stuck(e)); });
  ASSERT_THAT(kinds_of(deep), ElementsAre("vanishing_gradient"));
  EXPECT_THAT(deep[0].text, HasSubstr("of the readout's"));
}

TEST(HealthMonitor, TakesASmallGradientAtTheMinimumForWhatItIs) {
  const auto flat = [](epoch_record r) {
    r.gradient_norm = 1e-9;
    return r;
  };
  EXPECT_THAT(said(20, [&](std::uint32_t e) { return flat(well(e)); }), IsEmpty());
  const auto found = said(20, [&](std::uint32_t e) { return flat(stuck(e)); });
  ASSERT_THAT(kinds_of(found), ElementsAre("vanishing_gradient"));
  EXPECT_EQ(found[0].subject, "gradient");
}

TEST(HealthMonitor, SeesErrorsExplodeBackInTime) {
  const auto found = said(2, [](std::uint32_t e) {
    epoch_record r = well(e);
    r.layers[0].error = {1e-4, 1e-4, 1.0, 10.0};
    return r;
  });
  ASSERT_THAT(kinds_of(found), ElementsAre("exploding_gradient"));
  EXPECT_THAT(found[0].text, HasSubstr("optimiser.clip_norm"));
  EXPECT_THAT(said(2,
                   [](std::uint32_t e) {
                     epoch_record r = well(e);
                     r.layers[1].error = r.layers[0].error = {1e-6, 0.1, 1.0, 0.9};
                     return r;
                   }),
              IsEmpty())
      << "a loss on the largest value, which most samples reach long before the end";
}

TEST(HealthMonitor, MeasuresTheGradientInTheUnitsOfLossAndParameters) {
  const auto steep = [](double units) {
    return [units](std::uint32_t e) {
      epoch_record r = well(e);
      r.start_loss *= units;
      r.train_loss *= units;
      r.gradient_norm = 1e9 * units;
      return r;
    };
  };
  for (const double units : {1e-6, 1.0, 1e6}) {
    const auto found = said(3, steep(units));
    ASSERT_THAT(kinds_of(found), ElementsAre("exploding_gradient"));
    EXPECT_EQ(found[0].subject, "gradient");
  }
  EXPECT_THAT(said(3,
                   [](std::uint32_t e) {
                     epoch_record r = well(e);
                     r.start_loss = 1e10, r.train_loss = 1e10 / e, r.gradient_norm = 1e9;
                     return r;
                   }),
              IsEmpty())
      << "a regression whose targets are large";
}

TEST(HealthMonitor, SpeaksOfUpdatesOnlyWhereTheyDoNotHelp) {
  const auto fast = [](epoch_record r) {
    r.updates = {{"hidden1.weight", 0.5}};
    return r;
  };
  EXPECT_THAT(said(9, [&](std::uint32_t e) { return fast(well(e)); }), IsEmpty());
  const auto found = said(9, [&](std::uint32_t e) { return fast(stuck(e)); });
  ASSERT_THAT(kinds_of(found), ElementsAre("large_updates"));
  EXPECT_THAT(found[0].text, HasSubstr("hidden1.weight: a step changes it by 50 %"));
}

TEST(HealthMonitor, SeesACollapseInMidTraining) {
  const std::vector<double> losses{1.4, 0.6, 0.25, 0.3, 1.95, 1.9};
  const auto with = [](std::vector<double> all) {
    return [all](std::uint32_t e) {
      epoch_record r = well(e);
      r.train_loss = all[e - 1];
      return r;
    };
  };
  const auto found = said(6, with(losses));
  ASSERT_THAT(kinds_of(found), ElementsAre("collapse"));
  EXPECT_EQ(found[0].epoch, 6u);
  EXPECT_THAT(found[0].text, AllOf(HasSubstr("0.25 after epoch 3"), HasSubstr("is 1.9 now")));
  EXPECT_THAT(said(6, with({1.4, 0.6, 0.25, 0.3, 1.95, 0.2})), IsEmpty()) << "one epoch";
  const auto last = said(5, with(losses), health_monitor({}, 5));
  ASSERT_THAT(kinds_of(last), ElementsAre("collapse")) << "nothing comes after the last epoch";
  EXPECT_EQ(last[0].epoch, 5u);
  EXPECT_THAT(said(4, with({1.4, 0.01, 0.05, 0.01})), IsEmpty()) << "five times a loss that is almost nothing";
  EXPECT_THAT(said(4, with({2.2, 2.0, 2.4, 2.1})), IsEmpty()) << "noise around the start";
  EXPECT_THAT(kinds_of(said(3, with({2.3, 9.0, 80.0}))), ElementsAre("collapse")) << "it never fell";
}

/// Going on with more epochs than were planned at first: what is said late now was said early then.
TEST(HealthMonitor, DoesNotRepeatWhatARecordHolds) {
  const auto ignoring = [](std::uint32_t e) {
    epoch_record r = well(e);
    r.unpredicted = {1};
    r.train_loss = e < 8 ? 2.0 / e : 2.2;
    return r;
  };
  health_monitor before({"a", "b"}, 8), after({"a", "b"}, 40);
  std::vector<std::string> told;
  for (std::uint32_t e = 1; e <= 8; ++e) {
    epoch_record r = ignoring(e);
    r.warnings = before.look(r);
    std::ranges::copy(kinds_of(r.warnings), std::back_inserter(told));
    after.recall(r);
  }
  EXPECT_THAT(told, ElementsAre("dead_outputs", "collapse"));
  for (std::uint32_t e = 9; e <= 40; ++e) {
    EXPECT_THAT(after.look(ignoring(e)), IsEmpty()) << e;
  }
}

TEST(HealthMonitor, NamesOutputsWithoutAGradient) {
  const auto dead = [](std::uint32_t e) {
    epoch_record r = well(e);
    r.layers[1].stuck = {1};
    return r;
  };
  const auto classes = said(5, dead, health_monitor({"alpha", "beta"}, 5));
  ASSERT_THAT(kinds_of(classes), ElementsAre("dead_outputs"));
  EXPECT_THAT(classes[0].text, AllOf(HasSubstr("class beta: "), HasSubstr("readout mean")));
  const auto values = said(5, dead);
  ASSERT_THAT(kinds_of(values), ElementsAre("dead_outputs"));
  EXPECT_THAT(values[0].text, AllOf(HasSubstr("output 1: "), Not(HasSubstr("class"))));
}

TEST(HealthMonitor, NamesClassesThatAreNeverPredictedOnceThereWasTime) {
  const auto ignores = [](std::vector<std::uint32_t> classes, std::uint32_t from) {
    return [classes, from](std::uint32_t e) {
      epoch_record r = well(e);
      r.unpredicted = e >= from ? classes : std::vector<std::uint32_t>{};
      return r;
    };
  };
  const health_monitor monitor({"alpha", "beta", "gamma"}, 8);
  EXPECT_THAT(said(2, ignores({0, 2}, 1), monitor), IsEmpty());
  const auto found = said(8, ignores({0, 2}, 2), monitor);
  ASSERT_THAT(kinds_of(found), ElementsAre("dead_outputs"));
  EXPECT_EQ(found[0].epoch, 4u);
  EXPECT_THAT(found[0].text, HasSubstr("classes alpha, gamma: "));
  EXPECT_THAT(said(100, ignores({0}, 90), health_monitor({"alpha", "beta"}, 100)), IsEmpty())
      << "a quarter of the run is the time that a class has";
}

TEST(HealthMonitor, ListsNoMoreNamesThanOneReads) {
  const auto found = said(1, [](std::uint32_t e) {
    epoch_record r = well(e);
    for (std::uint32_t k = 0; k < 20; ++k) {
      r.layers[1].stuck.push_back(k);
    }
    return r;
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].text, HasSubstr("outputs 0, 1, 2, 3, 4, 5, 6, 7 and 12 more: "));
}

TEST(HealthMonitor, KnowsAfterAResumeWhatItHasSaid) {
  const auto dead = [](std::uint32_t e) {
    epoch_record r = well(e);
    r.layers[0].dead = 0.97;
    return r;
  };
  health_monitor resumed;
  resumed.look(dead(1));
  EXPECT_THAT(resumed.look(dead(2)), IsEmpty());
}

TEST(HealthMonitor, TakesRecordsOfEarlierVersions) {
  EXPECT_THAT(said(5,
                   [](std::uint32_t e) {
                     epoch_record r = well(e);
                     r.start_loss = r.parameter_norm = std::nan("");
                     return r;
                   }),
              IsEmpty());
}

}  // namespace
}  // namespace backspike
