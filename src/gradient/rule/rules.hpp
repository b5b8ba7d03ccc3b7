#pragma once
// The entries of the list of learning rules, each from its own file. A new rule is one more line here and in rules.cpp.

#include <backspike/gradient/rules.hpp>

namespace backspike {

rule_entry bptt_entry();               // bptt.cpp
rule_entry checkpointed_bptt_entry();  // bptt.cpp
rule_entry truncated_bptt_entry();     // bptt.cpp
rule_entry rtrl_entry();               // rtrl_rule.cpp
rule_entry eprop_entry();              // in the folder eprop

}  // namespace backspike
