// The one call that prints.

#include "output.hpp"

namespace backspike::app {

void write(std::FILE* to, const std::string& text) { fmt::print(to, "{}", text); }

}  // namespace backspike::app
