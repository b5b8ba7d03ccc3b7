#pragma once
// Text on its way into the page.

#include <map>
#include <string>
#include <string_view>

namespace backspike::report {

/// For element content and quoted attributes. The result is UTF-8 without control characters but line ends and tabs: a
/// name in Latin-1 or with an override of writing direction must not spoil the page.
std::string escape_html(std::string_view text);

/// JSON that may stand inside a <script> element: no "<" is left that could end the element or open a comment.
/// Expects ASCII, as nlohmann's dump(ensure_ascii) writes it.
std::string escape_script(std::string json);

/// Puts values in the place of {{name}}. One pass: what a value contains is never filled again. Throws internal_error
/// for a name without a value.
std::string fill(std::string_view page, const std::map<std::string, std::string_view, std::less<>>& values);

}  // namespace backspike::report
