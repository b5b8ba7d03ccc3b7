#pragma once
// Where this checkout and the recordings beside it are. Only paths.cpp is compiled with these names, so that a compiler
// cache finds every other test again from another folder.

#include <string>

namespace backspike {

/// The root of the checkout.
std::string source_folder();

/// Real recordings for tests, which skip where there are none.
std::string shared_data();

}  // namespace backspike
