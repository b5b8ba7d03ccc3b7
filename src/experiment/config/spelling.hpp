#pragma once
// What a mistyped word was probably meant to be.

#include <string>
#include <string_view>
#include <vector>

namespace backspike::config {

/// Letters inserted, dropped, replaced or swapped with their neighbour (optimal string alignment) between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word closest to `word`, the first of equals; empty if none is close enough to be a misspelling.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean WORD?" for a word that is close, else "".
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

/// "a, b, c".
std::string joined(const std::vector<std::string>& words);

}  // namespace backspike::config
