#pragma once
// All that the library writes passes here: files appear whole or not at all. And what it asks of the file system, so
// that a refusal is a file_error that names the path.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

using put_bytes = std::function<void(std::string_view)>;

/// Calls `write` with a function that adds bytes to a temporary file beside `path`, flushes that to the disk and
/// renames it to `path`. A symbolic link at `path` is replaced, not followed. On any failure the temporary file is
/// removed, `path` is untouched, and the error (file_error for ours) is thrown; only where the new name itself could
/// not be flushed to the disk is the new file there, too. What cannot be replaced (a pipe, a device, /dev/stdout) is
/// written to as it is. The mode is that of new files, by the umask.
void replace_file(const std::string& path, const std::function<void(const put_bytes& put)>& write);

/// replace_file with the given content.
void write_text_file(const std::string& path, const std::string& content);

/// Adds `text` behind the `size` bytes that the file holds, flushed to the disk; after a failure (file_error) it holds
/// `size` bytes again. False, and nothing is done, where no file of so many bytes is there, or it has other names too
/// (links): then the caller writes it whole.
bool append_to_file(const std::string& path, std::uint64_t size, std::string_view text);

/// The whole file. Throws file_error naming the path: not there, not a regular file (core/input_file.hpp), unreadable;
/// resource_error: larger than the memory.
std::string read_text_file(const std::string& path);

enum class path_kind { nothing, file, folder, other };

/// What is at `path`, symbolic links followed. Throws file_error where the system does not say: no permission, a loop
/// of links, a name that is too long.
path_kind kind_of(const std::string& path);
inline bool is_folder(const std::string& path) { return kind_of(path) == path_kind::folder; }
inline bool is_there(const std::string& path) { return kind_of(path) != path_kind::nothing; }
/// Whether `path` itself is a symbolic link.
bool is_link(const std::string& path);

/// The names in a folder, sorted. Throws file_error.
std::vector<std::string> names_in(const std::string& folder);

/// The folder and those above it. Throws file_error.
void make_folders(const std::string& path);
/// One file or link, which need not be there; never a folder.
void remove_file(const std::string& path);

/// Removes the temporary files of writers that were killed: those of the names that replace_file gives whose writer
/// lives no more. Says nothing about a file that it could not remove. Throws file_error (the folder cannot be listed).
void remove_leftovers(const std::string& folder);

}  // namespace backspike
