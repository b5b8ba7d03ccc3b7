#pragma once
// Where the boxes and arrows of a graph stand. Arrows to the next column go straight there; those that skip columns run
// above all boxes, those that lead back below them, each in a lane that it shares with none it would meet.

#include <backspike/report/graph_picture.hpp>

#include <string>
#include <vector>

namespace backspike::report {

struct point {
  double x = 0.0, y = 0.0;
};

struct placed_box {
  double x = 0.0, y = 0.0, width = 0.0;  // [px] of its upper left corner; all are box_height high
};

enum class arrow_shape {
  curve,  // a cubic curve of four points
  way     // straight parts with round corners
};

struct placed_arrow {
  arrow_shape shape = arrow_shape::curve;
  std::vector<point> points;
  point label;  // centre
};

struct graph_layout {
  double width = 0.0, height = 0.0;  // [px]
  std::vector<placed_box> boxes;     // of the picture's populations
  std::vector<placed_arrow> arrows;  // of its connections
};

inline constexpr double box_height = 46.0, label_height = 15.0;  // [px]

/// Names longer than this are cut where they are drawn; the whole name is in the box's title.
inline constexpr std::size_t longest_drawn_name = 24;

/// At most `most` characters, the last one an ellipsis if there are more.
std::string shortened(const std::string& text, std::size_t most);

/// What a text needs at 11.5 px, about: fonts differ [px].
double label_width(const std::string& text);

/// A point of a cubic curve, t from 0 to 1.
point on_curve(const std::vector<point>& curve, double t);

graph_layout layout_of(const graph_picture& picture);

}  // namespace backspike::report
