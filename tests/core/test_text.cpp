// What a terminal would obey, and what is not UTF-8.

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>

#include <gtest/gtest.h>

#include <string>

namespace backspike {
namespace {

using namespace std::string_literals;

TEST(Text, PrintableKeepsWhatPeopleWrite) {
  for (const char* text :
       {"", "hidden1.weight", "a b/c\\d \"e\"", "caf\u00e9 \u00fcber \u6f22\u5b57 \U0001F600", "\\x1b"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(printable_lines(text), text);
  }
}

TEST(Text, PrintableReplacesWhatATerminalObeys) {
  EXPECT_EQ(printable("\x1b[31mred\x1b[0m"), "\\x1b[31mred\\x1b[0m");
  EXPECT_EQ(printable("\a\b\r\n\t\x7f"), "\\x07\\x08\\r\\n\\t\\x7f");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\u009b2J");  // C1, the one-character form of ESC [
  EXPECT_EQ(printable("\x9b"
                      "2J"),
            "\\x9b2J");  // the same as a stray byte
  EXPECT_EQ(printable("\u202Egnp.exe"), "\\u202egnp.exe");
  EXPECT_EQ(printable("\u2066\u2069\u200f\u061c\u2028"), "\\u2066\\u2069\\u200f\\u061c\\u2028");
  EXPECT_EQ(printable("\U000E0041"), "\\U000e0041");
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
}

TEST(Text, PrintableIsTheSameASecondTime) {
  const std::string wild = "\x1b]0;title\a\xff\xfe\0\u202e\\n\n"s;
  EXPECT_EQ(printable(printable(wild)), printable(wild));
  EXPECT_FALSE(has_control_characters(printable(wild)));
}

TEST(Text, LinesKeepTheirEndsAndTabs) { EXPECT_EQ(printable_lines("a\tb\nc\x1b[1A\r"), "a\tb\nc\\x1b[1A\\r"); }

TEST(Text, FindsControlCharacters) {
  EXPECT_FALSE(has_control_characters("a b \u00e9"));
  for (const std::string& text :
       {std::string("a\0", 2), std::string("a\n"), std::string("\x1b"), std::string("\u202e"), std::string("\xe9")}) {
    EXPECT_TRUE(has_control_characters(text)) << printable(text);
  }
}

TEST(Text, KnowsNamesOfFolders) {
  for (const char* name : {"a", "a b", ".hidden", "...", "jos\u00e9"}) {
    EXPECT_TRUE(is_folder_name(name)) << name;
  }
  for (const std::string name : {"", ".", "..", "a/b", "/", "a\nb", "caf\xe9"}) {
    EXPECT_FALSE(is_folder_name(name)) << printable(name);
  }
  EXPECT_FALSE(is_folder_name(std::string("passwd\0.h5", 10)));
}

TEST(Text, KnowsUtf8) {
  for (const char* text : {"", "plain", "\u00e9\u6f22\U0001F600", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << printable(text);
  }
  for (const char* text :
       {"caf\xe9", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8", "\x80"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << printable(text);
  }
}

TEST(Text, Latin1BecomesUtf8) {
  EXPECT_EQ(to_valid_utf8("caf\xe9"), "caf\u00e9");
  EXPECT_EQ(to_valid_utf8("\u00e9 and \xfc"), "\u00e9 and \u00fc");
  EXPECT_EQ(to_valid_utf8("\x85"), "\uFFFD");
  EXPECT_EQ(to_valid_utf8("\xe6\xbc"), "\u00e6\u00bc");  // cut within a character
  std::string every;
  for (int byte = 0; byte < 256; ++byte) {
    every += static_cast<char>(byte);
  }
  EXPECT_TRUE(is_valid_utf8(to_valid_utf8(every)));
  EXPECT_EQ(to_valid_utf8(to_valid_utf8(every)), to_valid_utf8(every));
}

TEST(Text, ErrorsAreOnOneLineAndPrintable) {
  const std::string name = "a\x1b[2J\nbackspike: done";
  EXPECT_STREQ(file_error("read", name, "why\xe9").what(), "cannot read a\\x1b[2J\\nbackspike: done: why\\xe9");
  EXPECT_EQ(file_error("read", name, "why").path, name);  // the cause itself stays as it is
  EXPECT_STREQ(config_error("--set", 0, "k\u202e", "m").what(), "--set: k\\u202e: m");
}

}  // namespace
}  // namespace backspike
