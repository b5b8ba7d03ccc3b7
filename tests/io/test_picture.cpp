// Pictures of every kind of netpbm, and what is wrong with damaged ones.

#include <backspike/core/error.hpp>
#include <backspike/data/picture.hpp>

#include "io/scratch.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;

class Picture : public scratch {
 protected:
  std::string file() const { return at("drawn.pnm"); }
  picture read(const std::string& content) const {
    put(file(), content);
    return read_picture(file());
  }
  std::string refused(const std::string& content) const {
    put(file(), content);
    return message_of<format_error>([&] { read_picture(file()); });
  }
};

/// Three dots in two rows: black, white, grey; white, black, black. Bitmaps have no grey: white.
void expect_dots(const picture& drawn, float grey) {
  EXPECT_EQ(drawn.width, 3u);
  EXPECT_EQ(drawn.height, 2u);
  ASSERT_EQ(drawn.darkness.size(), 6u);
  const float wanted[] = {1.0F, 0.0F, grey, 0.0F, 1.0F, 1.0F};
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(drawn.darkness[k], wanted[k], 1e-6F) << k;
  }
}

TEST_F(Picture, OfEveryKindIsRead) {
  expect_dots(read("P1\n3 2\n1 0 0\n0 1 1\n"), 0.0F);
  expect_dots(read("P1 3 2 100011"), 0.0F);
  expect_dots(read("P2\n# drawn by hand\n3 2\n4\n0 4 1\n4 0 0\n"), 0.75F);
  expect_dots(read("P3 3 2 10 0 0 0 10 10 10 5 5 5  10 10 10 0 0 0 0 0 0\n"), 0.5F);
  expect_dots(read(std::string("P4\n3 2\n") + "\x80" + "\x60"), 0.0F);
  expect_dots(read(std::string("P5 3 2 255\n") + std::string("\0\xff\x33\xff\0\0", 6)), 0.8F);
  expect_dots(read(std::string("P5 3 2 1000\n") + std::string("\0\0\3\xe8\0\xfa\3\xe8\0\0\0\0", 12)), 0.75F);
  expect_dots(read(std::string("P6 3 2 5\n") + std::string("\0\0\0\5\5\5\1\1\1\5\5\5\0\0\0\0\0\0", 18)), 0.8F);
}

TEST_F(Picture, ColoursBecomeTheirLuma) {
  const auto drawn = read("P3 3 1 1  1 0 0  0 1 0  0 0 1\n");
  EXPECT_THAT(drawn.darkness, ElementsAre(FloatEq(1.0F - 0.299F), FloatEq(1.0F - 0.587F), FloatEq(1.0F - 0.114F)));
}

TEST_F(Picture, PackedRowsBeginWithAByteOfTheirOwn) {
  const auto drawn = read(std::string("P4 9 2 ") + std::string("\xff\x80\0\0", 4));
  EXPECT_EQ(drawn.at(0, 8), 1.0F);
  EXPECT_EQ(drawn.at(1, 0), 0.0F);
}

TEST_F(Picture, TruncatedAtEveryLengthIsRefused) {
  const std::vector<std::string> whole{"P1 3 2 100011", "P2 3 2 4 0 4 1 4 0 0",
                                       std::string("P5 3 2 255\n") + std::string("\0\xff\x33\xff\0\0", 6),
                                       std::string("P4 9 2 ") + std::string("\xff\x80\0\0", 4)};
  for (const auto& content : whole) {
    read(content);
    for (std::size_t length = 0; length < content.size(); ++length) {
      EXPECT_THAT(refused(content.substr(0, length)), HasSubstr(length < 2 ? "P1 to P6" : "byte"))
          << content.substr(0, 2) << " " << length;
    }
  }
}

TEST_F(Picture, WrongContentIsRefusedWithTheByte) {
  EXPECT_THAT(refused("\x89PNG\r\n"), HasSubstr("(byte 0): does not start with P1 to P6"));
  EXPECT_THAT(refused("P7 3 2 255\n"), HasSubstr("does not start"));
  EXPECT_THAT(refused("P2 0 2 255\n"), HasSubstr("a width of 0"));
  EXPECT_THAT(refused("P2 3 0 255\n"), HasSubstr("a height of 0"));
  EXPECT_THAT(refused("P2 3 -2 255\n"), HasSubstr("(byte 5): a number is expected here"));
  EXPECT_THAT(refused("P2 1 1 0\n0"), HasSubstr("the largest value is 0; accepted: 1 to 65535"));
  EXPECT_THAT(refused("P2 1 1 65536\n0"), HasSubstr("the largest value is 65536"));
  EXPECT_THAT(refused("P2 1 1 4\n5"), HasSubstr("a value above the largest, 4"));
  EXPECT_THAT(refused("P1 2 1 12"), HasSubstr("a value above the largest, 1"));
  EXPECT_THAT(refused("P1 2 1 1x"), HasSubstr("a value above the largest, 1"));
  EXPECT_THAT(refused("P2 1 1 4 1 2"), HasSubstr("something follows the picture"));
  EXPECT_THAT(refused("P5 1 1 255"), HasSubstr("no space between the header and the picture"));
  EXPECT_THAT(refused("P5 999999999 999999999 255\nx"), HasSubstr("announces 999999999 x 999999999 dots"));
  EXPECT_THAT(refused("P4 99999999999999999999 1 x"), HasSubstr("announces 1000000000 x 1 dots"));
}

TEST_F(Picture, MissingFileIsNamed) {
  EXPECT_THAT(message_of<file_error>([&] { read_picture(at("none.pgm")); }), HasSubstr("none.pgm"));
}

}  // namespace
}  // namespace backspike
