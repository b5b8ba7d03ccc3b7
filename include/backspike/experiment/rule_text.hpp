#pragma once
// A learning rule in words, as runs say it at their start, in their report and to Python.

#include <backspike/gradient/rule_spec.hpp>

#include <cstddef>
#include <string>

namespace backspike {

/// "eprop, backward form, checkpoints every 50 steps" of a settled rule; `longest` in steps: of the longest sample, so
/// that checkpoints which it never reaches are not named.
std::string rule_text(const rule_spec& rule, std::size_t longest);

}  // namespace backspike
