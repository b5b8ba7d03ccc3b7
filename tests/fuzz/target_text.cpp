// What stands between names and a terminal or a page.

#include <backspike/core/text.hpp>

#include "experiment/config/toml.hpp"
#include "experiment/folder/json_text.hpp"
#include "report/text.hpp"
#include "target.hpp"

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  const auto shown = printable(input), valid = to_valid_utf8(input);
  require(!has_control_characters(shown) && printable(shown) == shown, "printable text is printable");
  require(is_valid_utf8(valid) && to_valid_utf8(valid) == valid, "valid text is valid");
  require(!is_valid_utf8(input) || valid == input, "valid text stays as it is");
  require(is_valid_utf8(report::escape_html(input)), "pages are UTF-8");
  require(is_valid_utf8(json_text(nlohmann::json(std::string(input)))), "JSON is UTF-8");
  config::find_toml_problem(input);
  depth_of_json(input);
}

std::vector<std::string> seeds() {
  return {"plain", "caf\xe9 \u00e9", "\x1b[31m\u202e\u009b", "\xf0\x9f\x98\x80\xed\xa0\x80\xc0\xaf",
          "a = [[1], {b.c = '''d'''}] # e"};
}

const registration registered({"text", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
