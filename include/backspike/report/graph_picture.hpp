#pragma once
// The graph of a network as a picture: what of a network is drawn, in words, and the drawing as SVG for a page.

#include <backspike/network/network.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace backspike {

/// A box: the network's input, or one of its populations.
struct pictured_population {
  std::string name, note;  // note: "30 x lif", "700 channels"
  std::size_t column = 0;  // its distance from the input: connections that do not close a loop lead to higher columns
};

/// An arrow between two boxes.
struct pictured_connection {
  std::size_t from = 0, to = 0;  // boxes
  std::string kind, text;        // text: kind, sign and delay, as far as they are not the usual ones
  std::string details;           // all there is to say, as connection_text has it
  weight_sign sign = weight_sign::any;
};

struct graph_picture {
  std::vector<pictured_population> populations;  // the input first
  std::vector<pictured_connection> connections;
};

graph_picture picture_of(const network& net);

/// "sparse [100, 20], 212 synapses (10.6 a neuron), inhibitory, after 2 steps, delays to 25 steps, not learned".
std::string connection_text(const network& net, const connection& c);

/// One svg element for the body of an HTML page, in the page's own text colour, so that it can be read on light and
/// on dark ground; it loads nothing. A graph of more boxes or arrows than anybody could follow is a paragraph that says
/// so; of no boxes, nothing.
std::string svg_of(const graph_picture& picture);

}  // namespace backspike
