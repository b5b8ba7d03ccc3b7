// The picture of a network: columns, words beside arrows, and a drawing whose parts do not lie on each other.

#include <backspike/report/graph_picture.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "report/graph_layout.hpp"

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

layer_spec layer(const std::string& name, std::uint32_t size, std::optional<std::vector<std::string>> from = {}) {
  layer_spec l;
  l.name = name;
  l.size = size;
  l.from = std::move(from);
  return l;
}

connection_spec joined(const std::string& from, const std::string& to) {
  connection_spec c;
  c.from = from;
  c.to = to;
  return c;
}

/// A skip from the input, a loop over two populations, a self-loop, and a population that receives from behind only.
network_spec graph() {
  network_spec spec;
  spec.inputs = 5;
  spec.layers = {layer("excitatory", 8), layer("inhibitory", 4), layer("clock", 2, {{}}),
                 layer("readout", 3, {{"inhibitory", "input", "clock"}})};
  spec.layers[0].recurrent = true;
  connection_spec back = joined("inhibitory", "excitatory");
  back.kind = "sparse";
  back.sources = {0, 1, 3};
  back.targets = {7, 7, 0};
  back.base_delay = 2;
  back.sign = weight_sign::inhibitory;
  back.learn = false;
  connection_spec late = joined("readout", "clock");
  late.base_delay = 1;
  late.delay.max = 9;
  spec.connections = {back, late};
  return spec;
}

TEST(GraphPicture, PutsBoxesByTheirDistanceFromTheInput) {
  std::vector<std::size_t> columns;
  const auto picture = picture_of(network(graph()));
  for (const auto& box : picture.populations) {
    columns.push_back(box.column);
  }
  EXPECT_EQ(picture.populations[0].name, "input");
  EXPECT_EQ(picture.populations[0].note, "5 channels");
  EXPECT_EQ(picture.populations[1].note, "8 \u00d7 lif");
  EXPECT_THAT(columns, ElementsAre(0, 1, 2, 0, 3));
}

TEST(GraphPicture, SaysWhatIsSpecialOfAConnection) {
  const network net(graph());
  std::vector<std::string> texts, details;
  for (const auto& c : picture_of(net).connections) {
    texts.push_back(c.text);
    details.push_back(c.details);
  }
  EXPECT_THAT(texts, ElementsAre("dense", "dense, 1 step", "dense", "dense", "dense", "dense",
                                 "sparse, inhibitory, 2 steps", "dense, 1 step, delays to 9"));
  EXPECT_EQ(details[0], "dense [5, 8]");
  EXPECT_EQ(details[6], "sparse [4, 8], 3 synapses (0.375 a neuron), inhibitory, after 2 steps, not learned");
  EXPECT_EQ(details[7], "dense [3, 2], after 1 step, delays to 9 steps");
}

TEST(GraphPicture, CountsSharedWeights) {
  network_spec spec;
  spec.inputs = 20;
  spec.layers = {layer("grid", 12, {{}})};
  connection_spec c = joined("input", "grid");
  c.kind = "conv2d";
  c.settings = {{"height", 4}, {"width", 5}, {"kernel", 2}};
  spec.connections = {c};
  EXPECT_EQ(picture_of(network(spec)).connections[0].details, "conv2d [20, 12], 48 synapses (4 a neuron) of 4 weights");
}

/// Two populations on either side, every one joined to every other of the next column, and back.
network_spec crossed() {
  network_spec spec;
  spec.inputs = 5;
  spec.layers = {layer("a", 8, {{"input"}}),  layer("b", 8, {{"input"}}),       layer("c", 8, {{"a", "b"}}),
                 layer("d", 8, {{"a", "b"}}), layer("e", 3, {{"c", "d", "a"}}), layer("f", 3, {{"e", "input", "b"}})};
  for (const auto& [from, to] : {std::pair("e", "a"), std::pair("f", "b"), std::pair("f", "f"), std::pair("d", "c")}) {
    spec.connections.push_back(joined(from, to));
    spec.connections.back().base_delay = 1;
  }
  return spec;
}

struct rectangle {
  double left, top, right, bottom;
  bool meets(const rectangle& o) const { return left < o.right && o.left < right && top < o.bottom && o.top < bottom; }
};

std::vector<rectangle> boxes_of(const report::graph_layout& layout) {
  std::vector<rectangle> all;
  for (const auto& box : layout.boxes) {
    all.push_back({box.x, box.y, box.x + box.width, box.y + report::box_height});
  }
  return all;
}

std::vector<rectangle> labels_of(const report::graph_layout& layout, const graph_picture& picture) {
  std::vector<rectangle> all;
  for (std::size_t k = 0; k < layout.arrows.size(); ++k) {
    const double half = report::label_width(picture.connections[k].text) / 2;
    const auto& at = layout.arrows[k].label;
    all.push_back({at.x - half, at.y - 6, at.x + half, at.y + 6});
  }
  return all;
}

class GraphLayout : public testing::TestWithParam<network_spec (*)()> {
 protected:
  const graph_picture picture = picture_of(network(GetParam()()));
  const report::graph_layout layout = report::layout_of(picture);
};

TEST_P(GraphLayout, NothingLiesOnAnythingElse) {
  auto all = boxes_of(layout);
  const auto labels = labels_of(layout, picture);
  all.insert(all.end(), labels.begin(), labels.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(all[i].left >= 0 && all[i].top >= 0 && all[i].right <= layout.width && all[i].bottom <= layout.height)
        << i << " leaves the picture";
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_FALSE(all[i].meets(all[j])) << j << " and " << i;
    }
  }
}

TEST_P(GraphLayout, ArrowsLeadFromBoxToBox) {
  const auto boxes = boxes_of(layout);
  const auto touches = [](const rectangle& b, const report::point& p) {
    return p.x >= b.left - 1 && p.x <= b.right + 1 && p.y >= b.top - 1 && p.y <= b.bottom + 1;
  };
  for (std::size_t k = 0; k < layout.arrows.size(); ++k) {
    const auto& c = picture.connections[k];
    EXPECT_TRUE(touches(boxes[c.from], layout.arrows[k].points.front())) << c.details;
    EXPECT_TRUE(touches(boxes[c.to], layout.arrows[k].points.back())) << c.details;
  }
}

TEST_P(GraphLayout, DetoursLeaveAllBoxesAside) {
  std::size_t detours = 0;
  for (const auto& arrow : layout.arrows) {
    if (arrow.shape == report::arrow_shape::curve) {
      continue;
    }
    ++detours;
    for (std::size_t i = 0; i + 1 < arrow.points.size(); ++i) {
      const auto &a = arrow.points[i], &b = arrow.points[i + 1];
      const rectangle part{std::min(a.x, b.x) + 0.1, std::min(a.y, b.y) - 0.1, std::max(a.x, b.x) - 0.1 + (a.x == b.x),
                           std::max(a.y, b.y) + 0.1};
      for (const auto& box : boxes_of(layout)) {
        EXPECT_FALSE(part.meets(box)) << "part " << i;
      }
    }
  }
  EXPECT_GE(detours, 2U);
}

INSTANTIATE_TEST_SUITE_P(Networks, GraphLayout, testing::Values(&graph, &crossed));

TEST(GraphSvg, DrawsEveryBoxAndArrow) {
  const auto picture = picture_of(network(graph()));
  const auto svg = svg_of(picture);
  const auto count = [&](const std::string& wanted) {
    std::size_t found = 0;
    for (auto at = svg.find(wanted); at != std::string::npos; at = svg.find(wanted, at + 1)) {
      ++found;
    }
    return found;
  };
  EXPECT_EQ(count("<rect"), 5U);
  EXPECT_EQ(count("<title>"), 5U + 8U);
  EXPECT_EQ(count("<g"), count("</g>"));
  EXPECT_THAT(svg, HasSubstr(">sparse, inhibitory, 2 steps</text>"));
  EXPECT_THAT(svg, HasSubstr("<title>inhibitory to excitatory: sparse [4, 8], 3 synapses"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("http")));
}

TEST(GraphSvg, EscapesAndShortensNames) {
  graph_picture picture{{{"<b>\u00fc & a very long name of a population", "1 x lif", 0}}, {}};
  const auto svg = svg_of(picture);
  EXPECT_THAT(svg, HasSubstr("<title>&lt;b&gt;\u00fc &amp; a very long name of a population: 1 x lif</title>"));
  EXPECT_THAT(svg, HasSubstr(">&lt;b&gt;\u00fc &amp; a very long name\u2026</text>"));
  EXPECT_EQ(report::shortened("\u00fc\u00fc\u00fc", 2), "\u00fc\u2026");
  EXPECT_EQ(report::shortened("\u00fc\u00fc", 2), "\u00fc\u00fc");
}

TEST(GraphSvg, OfTooMuchOrNothingIsNoPicture) {
  network_spec spec;
  spec.inputs = 1;
  spec.layers.assign(200, layer("", 1));
  EXPECT_EQ(svg_of(picture_of(network(spec))), "<p>200 populations and 200 connections: too many to draw.</p>");
  EXPECT_EQ(svg_of({}), "");
}

}  // namespace
}  // namespace backspike
