# Turns the house style's plain comments into documentation comments, line by line, so that line numbers stay.
# The block below `#pragma once` describes the file.
1 s|^#pragma once$|/// @file|
2,/^[^\/]\|^$/ s|^//\([^/]\)|///\1|
# A comment after a member of a struct or an enumerator (indented by two) describes it; statements are left alone.
/^  \(return\|if\|for\|while\|auto\|const auto\|static_assert\|using\)\b/! s|^\(  [^ /].*[;,}]\)  *// |\1  ///< |
