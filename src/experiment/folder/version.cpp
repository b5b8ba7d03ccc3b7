// The only file that is compiled with the version number, so that a new version compiles nothing else anew.

#include <backspike/experiment/version.hpp>

namespace backspike {

std::string_view version() { return BACKSPIKE_VERSION; }  // defined for this file alone, from the project's version

}  // namespace backspike
