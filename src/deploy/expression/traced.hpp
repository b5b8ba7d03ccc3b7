#pragma once
// A scalar that computes nothing and writes down what is done with it. Cells are templates over their scalar and choose
// by `select`, never by branches on values, so that one step of a cell on this scalar records all that it ever does.

#include "deploy/expression/expression.hpp"

#include <backspike/scalar/scalar.hpp>

namespace backspike::deploy {

/// Where the scalars of this thread write.
inline thread_local cell_step* recording = nullptr;

inline node_index record(const node& n) {
  recording->nodes.push_back(n);
  return static_cast<node_index>(recording->nodes.size() - 1);
}

struct traced {
  node_index at;
};
struct traced_mask {
  node_index at;
};

inline traced made(operation what, node_index a, node_index b = 0, node_index c = 0) {
  return {record({what, 0, 0.0, {a, b, c}})};
}
inline traced_mask decided(operation what, node_index a, node_index b = 0) {
  return {record({what, 0, 0.0, {a, b, 0}})};
}

inline traced operator+(traced a, traced b) { return made(operation::add, a.at, b.at); }
inline traced operator-(traced a, traced b) { return made(operation::subtract, a.at, b.at); }
inline traced operator*(traced a, traced b) { return made(operation::multiply, a.at, b.at); }
inline traced operator/(traced a, traced b) { return made(operation::divide, a.at, b.at); }
inline traced operator-(traced a) { return made(operation::negate, a.at); }
inline traced_mask operator>(traced a, traced b) { return decided(operation::greater, a.at, b.at); }
inline traced_mask operator>=(traced a, traced b) { return decided(operation::at_least, a.at, b.at); }
inline traced_mask operator<(traced a, traced b) { return decided(operation::less, a.at, b.at); }
inline traced_mask operator!(traced_mask a) { return decided(operation::negation, a.at); }
inline traced select(traced_mask mask, traced a, traced b) { return made(operation::choose, mask.at, a.at, b.at); }

}  // namespace backspike::deploy

namespace backspike {

template <>
struct scalar_traits<deploy::traced> {
  static deploy::traced constant(double x) { return {deploy::record({deploy::operation::literal, 0, x, {}})}; }
  static deploy::traced times_power_of_two(deploy::traced x, deploy::traced n) {
    return deploy::made(deploy::operation::power, x.at, n.at);
  }
};

}  // namespace backspike
