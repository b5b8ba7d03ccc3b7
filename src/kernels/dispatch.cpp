// Picks the kernels once: the best instruction set that this processor has, or the one that BACKSPIKE_ISA names.

#include "kernels/isa_list.hpp"

#include <backspike/core/error.hpp>

#include <cstdlib>
#include <string>

namespace backspike::kernels {
namespace {

std::string runnable_names() {
  std::string names;
  for (const table* t : built_tables) {
    if (t->supported()) {
      names += (names.empty() ? "" : ", ") + std::string(t->name);
    }
  }
  return names;
}

const table& pick() {
  const char* wanted = std::getenv("BACKSPIKE_ISA");
  for (const table* t : built_tables) {
    if (t->supported() && (wanted == nullptr || *wanted == '\0' || t->name == wanted)) {
      return *t;
    }
  }
  throw value_error("kernels", "BACKSPIKE_ISA", wanted == nullptr ? "" : wanted, "one of " + runnable_names());
}

}  // namespace

std::span<const table* const> all_tables() { return built_tables; }

const patch_functions& patch_functions_of(std::string_view table) {
  for (const patch_functions* p : built_patches) {
    if (p->name == table) {
      return *p;
    }
  }
  throw internal_error("no patch kernels for " + std::string(table));
}

const table& active_table() {
  static const table& chosen = pick();
  return chosen;
}

}  // namespace backspike::kernels
