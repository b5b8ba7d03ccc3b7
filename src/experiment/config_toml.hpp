#pragma once
// toml++ without its assertions: some of version 3.3's fail on malformed files ("[=") that its parser then refuses
// properly, and a library must not abort. They are off in release builds anyway. Every include goes through this
// header.

#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>
