// The folders that CMake tells the tests.

#include "paths.hpp"

namespace backspike {

std::string source_folder() { return BACKSPIKE_SOURCE_DIR; }
std::string shared_data() { return BACKSPIKE_SHARED_DATA; }

}  // namespace backspike
