// Computes the places of boxes and arrows: columns, rows, the ends of arrows at the boxes, lanes, labels.

#include "report/graph_layout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backspike::report {
namespace {

constexpr double margin = 10.0, row_space = 34.0, loop_height = 34.0, lane_height = 24.0, track_width = 12.0,
                 arrow_room = 18.0;  // [px]

enum class course { loop, next, skip, back };

/// Bytes that begin a character of UTF-8.
std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

double name_width(const std::string& text) { return 7.8 * static_cast<double>(characters(text)); }

struct rectangle {
  double x, y, width, height;
  bool meets(const rectangle& o) const {
    return x < o.x + o.width && o.x < x + width && y < o.y + o.height && o.y < y + height;
  }
};

struct span {
  double from, to;
  bool meets(const span& o) const { return from < o.to && o.from < to; }
};

/// Where an arrow turns off to its lane, and in to its box.
struct detour {
  double off = 0.0, in = 0.0;
  std::size_t lane = 0;
};

/// The arrows that end at one side of one box.
using ends = std::vector<std::vector<std::size_t>>;

class planner {
 public:
  explicit planner(const graph_picture& p) : picture_(p), rows_(columns()) {
    layout_.boxes.resize(p.populations.size());
    layout_.arrows.resize(p.connections.size());
  }

  graph_layout plan() {
    place_columns();
    choose_lanes();
    place_rows();
    place_ends();
    for (std::size_t k = 0; k < layout_.arrows.size(); ++k) {
      draw(k);
    }
    return std::move(layout_);
  }

 private:
  std::size_t column(std::size_t box) const { return picture_.populations[box].column; }
  double middle(std::size_t box) const { return layout_.boxes[box].y + box_height / 2; }

  course course_of(const pictured_connection& c) const {
    if (c.from == c.to) {
      return course::loop;
    }
    return column(c.to) <= column(c.from)       ? course::back
           : column(c.to) == column(c.from) + 1 ? course::next
                                                : course::skip;
  }
  course course_of(std::size_t k) const { return course_of(picture_.connections[k]); }
  bool is_routed(std::size_t k) const { return course_of(k) == course::skip || course_of(k) == course::back; }

  /// Boxes by column.
  std::vector<std::vector<std::size_t>> columns() const {
    std::vector<std::vector<std::size_t>> all;
    for (std::size_t b = 0; b < picture_.populations.size(); ++b) {
      all.resize(std::max(all.size(), column(b) + 1));
      all[column(b)].push_back(b);
    }
    return all;
  }

  double width_of(std::size_t box) const {
    const pictured_population& p = picture_.populations[box];
    double widest = std::max({name_width(shortened(p.name, longest_drawn_name)), label_width(p.note), 60.0}) + 24;
    for (const pictured_connection& c : picture_.connections) {
      if (c.from == box && c.to == box) {
        widest = std::max(widest, label_width(c.text) - arrow_room);
      }
    }
    return widest;
  }

  /// Room between columns: arrows that turn off here, labels, arrows that turn in.
  void place_columns() {
    const std::size_t count = rows_.size();
    std::vector<double> label(count + 1, 0.0), room(count + 1, 0.0);  // before each column, and behind the last
    for (std::size_t k = 0; k < picture_.connections.size(); ++k) {
      const pictured_connection& c = picture_.connections[k];
      if (course_of(c) == course::next) {
        label[column(c.to)] = std::max(label[column(c.to)], label_width(c.text) + 44);
      } else if (is_routed(k)) {
        room[column(c.from) + 1] += track_width;
        room[column(c.to)] += track_width;
      }
    }
    double x = margin;
    for (std::size_t i = 0; i < count; ++i) {
      gap_begin_.push_back(x);
      x += (i == 0 && room[0] == 0.0 ? 0.0 : arrow_room) + room[i] + label[i];
      gap_end_.push_back(x);
      double widest = 0.0;
      for (const std::size_t b : rows_[i]) {
        layout_.boxes[b] = {x, 0.0, width_of(b)};
        widest = std::max(widest, width_of(b));
      }
      for (const std::size_t b : rows_[i]) {
        layout_.boxes[b].width = widest;
      }
      x += widest;
    }
    gap_begin_.push_back(x);
    layout_.width = x + room[count] + margin;
  }

  /// Short ways first, each in the lane next to the boxes that is free along it.
  void choose_lanes() {
    std::vector<std::size_t> routed;
    for (std::size_t k = 0; k < picture_.connections.size(); ++k) {
      if (is_routed(k)) {
        routed.push_back(k);
      }
    }
    std::ranges::stable_sort(routed, {}, [&](std::size_t k) {
      const std::size_t a = column(picture_.connections[k].from), b = column(picture_.connections[k].to);
      return std::max(a, b) - std::min(a, b);
    });
    detours_.resize(picture_.connections.size());
    std::vector<std::size_t> leaving(rows_.size() + 1), arriving(rows_.size() + 1);
    for (const std::size_t k : routed) {
      const pictured_connection& c = picture_.connections[k];
      const auto off = static_cast<double>(++leaving[column(c.from) + 1]),
                 in = static_cast<double>(arriving[column(c.to)]++);
      detours_[k].off = gap_begin_[column(c.from) + 1] + track_width * off;
      detours_[k].in = gap_end_[column(c.to)] - arrow_room - track_width * in;
      choose_lane(k, course_of(k) == course::skip ? above_ : below_);
    }
  }

  void choose_lane(std::size_t k, std::vector<std::vector<span>>& lanes) {
    const detour& d = detours_[k];
    const double half = label_width(picture_.connections[k].text) / 2, centre = (d.off + d.in) / 2;
    const span taken{std::min({d.off, d.in, centre - half}) - 6, std::max({d.off, d.in, centre + half}) + 6};
    const auto is_free = [&](const std::vector<span>& lane) {
      return std::ranges::none_of(lane, [&](const span& s) { return s.meets(taken); });
    };
    const auto free = std::ranges::find_if(lanes, is_free);
    detours_[k].lane = static_cast<std::size_t>(free - lanes.begin());
    lanes.resize(std::max(lanes.size(), detours_[k].lane + 1));
    lanes[detours_[k].lane].push_back(taken);
  }

  double loops_above(std::size_t box) const {
    return loop_height * static_cast<double>(std::ranges::count_if(
                             picture_.connections, [&](const auto& c) { return c.from == box && c.to == box; }));
  }

  /// The mean height of those before it; boxes in this order have arrows that seldom cross.
  double pull(std::size_t box) const {
    double sum = 0.0, count = 0.0;
    for (const pictured_connection& c : picture_.connections) {
      if (c.to == box && column(c.from) < column(box)) {
        sum += middle(c.from);
        count += 1.0;
      }
    }
    return count > 0.0 ? sum / count : 0.0;
  }

  /// From the upper side of its first box to the lower side of its last one.
  double stack_height(const std::vector<std::size_t>& boxes) const {
    return std::accumulate(boxes.begin(), boxes.end(), -row_space - loops_above(boxes.front()),
                           [&](double h, std::size_t b) { return h + row_space + loops_above(b) + box_height; });
  }

  void place_rows() {
    double tallest = 0.0;
    for (const auto& boxes : rows_) {
      tallest = std::max(tallest, stack_height(boxes));
    }
    double loops = 0.0;  // how far those of first boxes reach above the tallest column
    for (auto& boxes : rows_) {
      std::ranges::stable_sort(boxes, {}, [&](std::size_t b) { return pull(b); });
      double y = (tallest - stack_height(boxes)) / 2 - loops_above(boxes.front());
      loops = std::max(loops, -y);
      for (const std::size_t b : boxes) {
        layout_.boxes[b].y = y + loops_above(b);
        y = layout_.boxes[b].y + box_height + row_space;
      }
    }
    top_ = margin + lane_height * static_cast<double>(above_.size());
    bottom_ = top_ + loops + tallest;
    layout_.height = bottom_ + lane_height * static_cast<double>(below_.size()) + margin;
    for (placed_box& box : layout_.boxes) {
      box.y += top_ + loops;
    }
  }

  /// Arrows to lanes above leave a box above the others, those to lanes below beneath them.
  double rank(std::size_t k, std::size_t other) const {
    const course c = course_of(k);
    return c == course::skip ? -1e9 : c == course::back ? 1e9 : middle(other);
  }

  void place_ends() {
    ends out(layout_.boxes.size()), in(layout_.boxes.size());
    for (std::size_t k = 0; k < picture_.connections.size(); ++k) {
      if (course_of(k) != course::loop) {
        out[picture_.connections[k].from].push_back(k);
        in[picture_.connections[k].to].push_back(k);
      }
    }
    start_.resize(picture_.connections.size());
    end_.resize(picture_.connections.size());
    for (std::size_t b = 0; b < layout_.boxes.size(); ++b) {
      std::ranges::stable_sort(out[b], {}, [&](std::size_t k) { return rank(k, picture_.connections[k].to); });
      std::ranges::stable_sort(in[b], {}, [&](std::size_t k) { return rank(k, picture_.connections[k].from); });
      spread(out[b], layout_.boxes[b].x + layout_.boxes[b].width, layout_.boxes[b].y, start_);
      spread(in[b], layout_.boxes[b].x, layout_.boxes[b].y, end_);
    }
  }

  static void spread(const std::vector<std::size_t>& arrows, double x, double y, std::vector<point>& to) {
    for (std::size_t i = 0; i < arrows.size(); ++i) {
      to[arrows[i]] = {x, y + box_height * static_cast<double>(i + 1) / static_cast<double>(arrows.size() + 1)};
    }
  }

  void draw(std::size_t k) {
    switch (course_of(k)) {
      case course::loop:
        draw_loop(k);
        break;
      case course::next:
        draw_curve(k);
        break;
      case course::skip:
      case course::back:
        draw_detour(k);
        break;
    }
  }

  void draw_detour(std::size_t k) {
    const detour& d = detours_[k];
    const double far = lane_height * (static_cast<double>(d.lane) + 0.5);
    const double y = course_of(k) == course::skip ? top_ - far : bottom_ + far;
    layout_.arrows[k] = {arrow_shape::way,
                         {start_[k], {d.off, start_[k].y}, {d.off, y}, {d.in, y}, {d.in, end_[k].y}, end_[k]},
                         {label_in_lane(k), y}};
  }

  /// A place in its lane where nothing crosses on the way to a lane further out; the middle, if there is no such place.
  double label_in_lane(std::size_t k) const {
    const detour& d = detours_[k];
    const double half = label_width(picture_.connections[k].text) / 2 + 6;
    const auto crosses = [&](double x) {
      for (std::size_t o = 0; o < detours_.size(); ++o) {
        if (is_routed(o) && course_of(o) == course_of(k) && detours_[o].lane > d.lane &&
            (std::abs(detours_[o].off - x) < half || std::abs(detours_[o].in - x) < half)) {
          return true;
        }
      }
      return false;
    };
    for (const double share : {0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8}) {
      const double x = d.off + (d.in - d.off) * share;
      if (!crosses(x) && std::min(std::abs(x - d.off), std::abs(x - d.in)) > half) {
        return x;
      }
    }
    return (d.off + d.in) / 2;
  }

  void draw_loop(std::size_t k) {
    const std::size_t b = picture_.connections[k].from;
    const placed_box& box = layout_.boxes[b];
    double number = 1.0;
    for (std::size_t other = 0; other < k; ++other) {
      number += picture_.connections[other].from == b && picture_.connections[other].to == b ? 1.0 : 0.0;
    }
    const double reach = std::min(16.0 + 24.0 * (number - 1.0), box.width / 2 - 6),
                 top = box.y - loop_height * (number - 0.5), centre = box.x + box.width / 2;
    layout_.arrows[k] = {arrow_shape::curve,
                         {{centre + reach, box.y},
                          {centre + 2 * reach, top - (box.y - top) / 3},
                          {centre - 2 * reach, top - (box.y - top) / 3},
                          {centre - reach, box.y}},
                         {centre, top - 9}};
  }

  void draw_curve(std::size_t k) {
    const point a = start_[k], b = end_[k];
    const double bend = (b.x - a.x) / 2;
    layout_.arrows[k] = {arrow_shape::curve, {a, {a.x + bend, a.y}, {b.x - bend, b.y}, b}, {}};
    place_label(k);
  }

  /// Somewhere on its curve, where no other label is; the middle, if there is no such place.
  void place_label(std::size_t k) {
    const double width = label_width(picture_.connections[k].text) + 4;
    const auto& curve = layout_.arrows[k].points;
    const double low = curve.front().x + width / 2 + 4, high = curve.back().x - width / 2 - 12;  // beside the boxes
    const auto at = [&](double t) {
      const point p = on_curve(curve, t);
      return rectangle{std::clamp(p.x, low, high) - width / 2, p.y - label_height / 2, width, label_height};
    };
    rectangle chosen = at(0.5);
    for (const double t : {0.5, 0.36, 0.64, 0.25, 0.75, 0.43, 0.57, 0.3, 0.7}) {
      if (std::ranges::none_of(labels_, [&](const rectangle& r) { return r.meets(at(t)); })) {
        chosen = at(t);
        break;
      }
    }
    labels_.push_back(chosen);
    layout_.arrows[k].label = {chosen.x + width / 2, chosen.y + label_height / 2};
  }

  const graph_picture& picture_;
  std::vector<std::vector<std::size_t>> rows_;    // boxes of each column, from the top
  std::vector<double> gap_begin_, gap_end_;       // of the room before each column
  std::vector<point> start_, end_;                // of each arrow, at its boxes
  std::vector<detour> detours_;                   // of each arrow that needs one
  std::vector<std::vector<span>> above_, below_;  // what is taken of each lane, from the boxes outwards
  std::vector<rectangle> labels_;
  double top_ = 0.0, bottom_ = 0.0;  // of the boxes and their loops
  graph_layout layout_;
};

}  // namespace

std::string shortened(const std::string& text, std::size_t most) {
  if (characters(text) <= most) {
    return text;
  }
  std::size_t end = 0;
  for (std::size_t kept = 0; kept < most; ++end) {
    kept += (text[end] & 0xC0) != 0x80 ? 1 : 0;
  }
  return text.substr(0, end - 1) + "\u2026";
}

double label_width(const std::string& text) { return 6.3 * static_cast<double>(characters(text)); }

point on_curve(const std::vector<point>& curve, double t) {
  const double s = 1.0 - t, a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;
  return {a * curve[0].x + b * curve[1].x + c * curve[2].x + d * curve[3].x,
          a * curve[0].y + b * curve[1].y + c * curve[2].y + d * curve[3].y};
}

graph_layout layout_of(const graph_picture& picture) { return planner(picture).plan(); }

}  // namespace backspike::report
