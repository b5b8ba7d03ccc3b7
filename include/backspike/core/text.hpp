#pragma once
// Text that came from outside (names in files, paths, keys) on its way to a terminal, a report or a file of ours. A
// terminal obeys control characters and reorders what stands beside the marks of writing direction; JSON and HTML take
// UTF-8 only.

#include <string>
#include <string_view>

namespace backspike {

/// The text on one line: control characters (line ends, tabs, escape sequences, C1, the marks and overrides of writing
/// direction) and bytes that are not UTF-8 become escapes of C (a backslash and n, x1b, u202e, xe9). Everything else
/// stays, so that printing a printed text again changes nothing.
std::string printable(std::string_view text);

/// The same for a text of several lines: line ends and tabs stay.
std::string printable_lines(std::string_view text);

/// Whether the bytes are UTF-8 (no overlong forms, no surrogates).
bool is_valid_utf8(std::string_view text);

/// The text itself if it is UTF-8. Otherwise it is taken for Latin-1 where it is not: byte e9 becomes U+00E9, and a
/// byte that Latin-1 leaves to control characters becomes U+FFFD.
std::string to_valid_utf8(std::string_view text);

/// Whether the text holds a character that printable would replace: a NUL, a line end, an escape sequence, a mark of
/// writing direction, a stray byte.
bool has_control_characters(std::string_view text);

/// Whether the text can be the name of one folder or file: not empty, not "." or "..", no slash, no control character.
bool is_folder_name(std::string_view text);

/// Throws file_error for a path that the system would cut short: one that holds a NUL. Every path that is opened passes
/// here first.
void require_path(const std::string& operation, const std::string& path);

}  // namespace backspike
