// What report and inspect say of delays.

#include <backspike/experiment/delay_changes.hpp>

#include <gmock/gmock.h>

#include <numeric>

namespace backspike {
namespace {

using testing::ElementsAre;

network delayed(std::uint32_t max, bool learned_widths = false) {
  network_spec spec;
  spec.inputs = 2;
  spec.layers.resize(2);
  spec.layers[0].size = 2;
  spec.layers[0].delay.max = max;
  spec.layers[0].delay.width.learn = learned_widths;
  spec.layers[1].cell = "leaky_integrator";
  spec.layers[1].size = 3;
  return network(spec);
}

void fill(const network& net, arena<float>& values, std::vector<float> delays) {
  const auto view = values.view("hidden1.delay");
  for (std::size_t k = 0; k < delays.size(); ++k) {
    view(k / view.cols, k % view.cols) = delays[k];
  }
  ASSERT_EQ(net.connections().front().delay_parameter, net.parameters().find("hidden1.delay"));
}

TEST(DelayChanges, CountsEveryWholeDelayAndHowFarItMoved) {
  const auto net = delayed(4);
  arena<float> before(net.parameters()), after(net.parameters());
  fill(net, before, {0.0f, 1.4f, 2.6f, 4.0f});
  fill(net, after, {0.4f, 3.4f, 2.6f, 2.75f});
  const auto changes = delay_changes(net, before, after);
  ASSERT_EQ(changes.size(), 1u) << "the readout has none";
  const auto& c = changes.front();
  EXPECT_EQ(c.delays.name, "hidden1.delay");
  EXPECT_THAT(c.delays.edges, ElementsAre(-0.5, 0.5, 1.5, 2.5, 3.5, 4.5));
  EXPECT_THAT(c.delays.before, ElementsAre(1, 1, 0, 1, 1));
  EXPECT_THAT(c.delays.after, ElementsAre(1, 0, 0, 3, 0));
  EXPECT_THAT(c.moved_edges, ElementsAre(-1.5, -0.5, 0.5, 1.5, 2.5));
  EXPECT_THAT(c.moved, ElementsAre(1, 2, 0, 1));
  EXPECT_NEAR(c.mean_distance, (0.4 + 2.0 + 0.0 + 1.25) / 4.0, 1e-6);
  EXPECT_NEAR(c.largest_distance, 2.0, 1e-6);
  EXPECT_DOUBLE_EQ(c.share_moved, 0.5);
}

TEST(DelayChanges, ThatAreNoneFillTheMiddle) {
  const auto net = delayed(4);
  arena<float> same(net.parameters());
  fill(net, same, {0.0f, 1.0f, 2.0f, 4.0f});
  const auto c = delay_changes(net, same, same).front();
  EXPECT_THAT(c.moved_edges, ElementsAre(-0.5, 0.5));
  EXPECT_THAT(c.moved, ElementsAre(4));
  EXPECT_EQ(c.largest_distance, 0.0);
}

TEST(DelayChanges, OfALongRangeShareBins) {
  const auto net = delayed(250);
  arena<float> before(net.parameters()), after(net.parameters());
  fill(net, before, {0.0f, 250.0f, 3.0f, 4.0f});
  fill(net, after, {250.0f, 0.0f, 3.0f, 4.0f});
  const auto c = delay_changes(net, before, after).front();
  EXPECT_EQ(c.delays.before.size(), 63u) << "4 delays in each";
  EXPECT_EQ(c.delays.before.front(), 2u) << "0 and 3";
  EXPECT_EQ(c.delays.before.back(), 1u);
  EXPECT_EQ(std::accumulate(c.delays.after.begin(), c.delays.after.end(), std::uint64_t{0}), 4u);
  EXPECT_EQ(c.moved.front(), 1u);
  EXPECT_EQ(c.moved.back(), 1u);
  EXPECT_EQ(c.moved[c.moved.size() / 2], 2u);
  EXPECT_LE(c.moved_edges.front(), -250.0);
  EXPECT_GE(c.moved_edges.back(), 250.0);
}

TEST(DelayWidths, AreOneForAConnectionAndTheMeanOfLearnedOnes) {
  const auto scheduled = delayed(4), learned = delayed(4, true);
  arena<float> values(scheduled.parameters());
  values.view("hidden1.delay_width")(0, 0) = 2.5f;
  const auto one = delay_widths(scheduled, values);
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].parameter, "hidden1.delay_width");
  EXPECT_EQ(one[0].width, 2.5);
  arena<float> own(learned.parameters());
  const auto view = own.view("hidden1.delay_width");
  view(0, 0) = 1.0f, view(0, 1) = 2.0f, view(1, 0) = 3.0f, view(1, 1) = 6.0f;
  EXPECT_EQ(delay_widths(learned, own).at(0).width, 3.0);
}

}  // namespace
}  // namespace backspike
