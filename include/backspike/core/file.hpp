#pragma once
// Files appear whole or not at all.

#include <functional>
#include <string>

namespace backspike {

/// Calls `write` with a temporary path beside `path`, flushes it to the disk and renames it to `path`. On any failure
/// the temporary file is removed, `path` is untouched, and the error (file_error for ours) is thrown.
void replace_file(const std::string& path, const std::function<void(const std::string& temporary)>& write);

/// replace_file with the given content.
void write_text_file(const std::string& path, const std::string& content);

/// The whole file. Throws file_error naming the path: not there, not a regular file (core/input_file.hpp), unreadable;
/// resource_error: larger than the memory.
std::string read_text_file(const std::string& path);

}  // namespace backspike
