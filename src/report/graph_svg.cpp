// Writes the graph of a network as SVG. Where a label stands on an arrow, the arrow has a gap: no ground of its own is
// needed, whatever colour the page has.

#include <backspike/report/graph_picture.hpp>

#include <fmt/format.h>

#include "report/graph_layout.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace report {
namespace {

constexpr std::size_t most_boxes = 120, most_arrows = 400;

/// Of the Okabe-Ito palette, a little lighter than on white ground alone.
std::string colour_of(weight_sign sign) {
  return sign == weight_sign::any ? "currentColor" : sign == weight_sign::excitatory ? "#2b8ccb" : "#e06c1f";
}

std::string at(const point& p) { return fmt::format("{:.1f} {:.1f}", p.x, p.y); }

point towards(const point& a, const point& b, double distance) {
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  const double share = length > 0.0 ? distance / length : 0.0;
  return {a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
}

/// Straight parts from the first point to the last, with round corners.
std::string rounded(const std::vector<point>& points) {
  std::string path = fmt::format("M{}", at(points.front()));
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    const double before = std::hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
    const double after = std::hypot(points[i + 1].x - points[i].x, points[i + 1].y - points[i].y);
    const double radius = std::min({10.0, before / 2, after / 2});
    path += fmt::format("L{}Q{} {}", at(towards(points[i], points[i - 1], radius)), at(points[i]),
                        at(towards(points[i], points[i + 1], radius)));
  }
  return path + fmt::format("L{}", at(points.back()));
}

/// The part of a curve from a to b, by de Casteljau's construction (blossoms).
std::string part_of(const std::vector<point>& c, double a, double b) {
  const auto blossom = [&](double u, double v, double w) {
    const auto mix = [](const point& p, const point& q, double t) {
      return point{p.x + (q.x - p.x) * t, p.y + (q.y - p.y) * t};
    };
    const point p = mix(c[0], c[1], u), q = mix(c[1], c[2], u), r = mix(c[2], c[3], u);
    return mix(mix(p, q, v), mix(q, r, v), w);
  };
  return fmt::format("M{}C{} {} {}", at(blossom(a, a, a)), at(blossom(a, a, b)), at(blossom(a, b, b)),
                     at(blossom(b, b, b)));
}

/// A curve without the part that runs through its label.
std::string with_gap(const placed_arrow& arrow, double label) {
  constexpr int parts = 100;
  int first = -1, last = -1;
  for (int i = 0; i <= parts; ++i) {
    const point p = on_curve(arrow.points, static_cast<double>(i) / parts);
    if (std::abs(p.x - arrow.label.x) < label / 2 + 4 && std::abs(p.y - arrow.label.y) < label_height / 2 + 1) {
      first = first < 0 ? i : first;
      last = i;
    }
  }
  if (first < 0) {
    return part_of(arrow.points, 0.0, 1.0);
  }
  return part_of(arrow.points, 0.0, static_cast<double>(first) / parts) +
         part_of(arrow.points, static_cast<double>(last) / parts, 1.0);
}

/// The lane, which is the third part of its way, has a gap.
std::string way_with_gap(const placed_arrow& arrow, double label) {
  const auto& p = arrow.points;
  const double half = std::min({label / 2 + 4, std::abs(p[3].x - arrow.label.x), std::abs(p[2].x - arrow.label.x)});
  const double side = p[3].x < p[2].x ? half : -half;
  return rounded({p[0], p[1], p[2], {arrow.label.x + side, p[2].y}}) +
         rounded({{arrow.label.x - side, p[2].y}, p[3], p[4], p[5]});
}

/// An arrow head for connections of any sign and excitatory ones, a bar for inhibitory ones, as is usual.
std::string head_of(const placed_arrow& arrow, weight_sign sign) {
  const point tip = arrow.points.back();
  const point behind = arrow.shape == arrow_shape::curve ? on_curve(arrow.points, 0.92) : arrow.points[4];
  const point back = towards(tip, behind, sign == weight_sign::inhibitory ? 2.0 : 8.0);
  const point side{-(back.y - tip.y), back.x - tip.x};  // as long as the head
  const double half = sign == weight_sign::inhibitory ? 3.0 : 0.5;
  const point left{back.x + side.x * half, back.y + side.y * half},
      right{back.x - side.x * half, back.y - side.y * half};
  if (sign == weight_sign::inhibitory) {
    return fmt::format("<path d=\"M{}L{}\" stroke-width=\"3\"/>", at(left), at(right));
  }
  return fmt::format("<path d=\"M{}L{}L{}Z\" fill=\"{}\" stroke=\"none\"/>", at(tip), at(left), at(right),
                     colour_of(sign));
}

std::string arrow_svg(const pictured_connection& c, const graph_picture& picture, const placed_arrow& arrow) {
  const double label = label_width(c.text);
  const std::string path = arrow.shape == arrow_shape::way ? way_with_gap(arrow, label) : with_gap(arrow, label);
  const auto title =
      escape_html(picture.populations[c.from].name + " to " + picture.populations[c.to].name + ": " + c.details);
  return fmt::format(
      "<g fill=\"none\" stroke=\"{0}\" stroke-width=\"1.4\"><title>{1}</title>\n<path d=\"{2}\" opacity=\"0.75\"/>{3}\n"
      "<text x=\"{4:.1f}\" y=\"{5:.1f}\" text-anchor=\"middle\" font-size=\"11.5\" fill=\"{0}\" "
      "stroke=\"none\">{6}</text></g>\n",
      colour_of(c.sign), title, path, head_of(arrow, c.sign), arrow.label.x, arrow.label.y + 4, escape_html(c.text));
}

std::string box_svg(const pictured_population& p, const placed_box& box) {
  const double centre = box.x + box.width / 2;
  return fmt::format(
      "<g><title>{0}: {1}</title><rect x=\"{2:.1f}\" y=\"{3:.1f}\" width=\"{4:.1f}\" height=\"{5:.1f}\" rx=\"7\" "
      "fill=\"currentColor\" fill-opacity=\"0.06\" stroke=\"currentColor\" stroke-opacity=\"0.45\"/>\n"
      "<text x=\"{6:.1f}\" y=\"{7:.1f}\" font-weight=\"600\">{8}</text>\n"
      "<text x=\"{6:.1f}\" y=\"{9:.1f}\" font-size=\"11.5\" opacity=\"0.8\">{1}</text></g>\n",
      escape_html(p.name), escape_html(p.note), box.x, box.y, box.width, box_height, centre, box.y + 20,
      escape_html(shortened(p.name, longest_drawn_name)), box.y + 36);
}

}  // namespace
}  // namespace report

std::string svg_of(const graph_picture& picture) {
  const std::size_t boxes = picture.populations.size(), arrows = picture.connections.size();
  if (boxes == 0) {
    return "";
  }
  if (boxes > report::most_boxes || arrows > report::most_arrows) {
    return fmt::format("<p>{} populations and {} connections: too many to draw.</p>", boxes - 1, arrows);
  }
  const report::graph_layout layout = report::layout_of(picture);
  std::string svg = fmt::format(
      "<svg class=\"graph\" role=\"img\" aria-label=\"The network: {2} populations, {3} connections\" "
      "width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" "
      "font-size=\"13\">\n<g text-anchor=\"middle\" fill=\"currentColor\">\n",
      layout.width, layout.height, boxes - 1, arrows);
  for (std::size_t b = 0; b < boxes; ++b) {
    svg += report::box_svg(picture.populations[b], layout.boxes[b]);
  }
  svg += "</g>\n";
  for (std::size_t k = 0; k < arrows; ++k) {
    svg += report::arrow_svg(picture.connections[k], picture, layout.arrows[k]);
  }
  return svg + "</svg>";
}

}  // namespace backspike
