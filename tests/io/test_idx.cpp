// IDX files, plain and compressed, whole, truncated and damaged.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/idx.hpp>

#include "io/idx_files.hpp"
#include "io/scratch.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Idx : public scratch {
 protected:
  std::string file() const { return at("train-images-idx3-ubyte"); }
  std::string refused_images(const std::string& content) const {
    put(file(), content);
    return message_of<format_error>([&] { read_idx_images(file()); });
  }
  std::string refused_labels(const std::string& content) const {
    put(file(), content);
    return message_of<format_error>([&] { read_idx_labels(file()); });
  }
};

TEST_F(Idx, ImagesComeBackPlainAndCompressed) {
  const auto pixels = random_pixels(3 * 4 * 5, 1);
  const auto plain = idx_file({3, 4, 5}, pixels);
  for (const auto& content : {plain, gzip(plain)}) {
    put(file(), content);
    const auto images = read_idx_images(file());
    EXPECT_EQ(images.count, 3u);
    EXPECT_EQ(images.rows, 4u);
    EXPECT_EQ(images.columns, 5u);
    EXPECT_EQ(std::string(images.pixels.begin(), images.pixels.end()), pixels);
    EXPECT_EQ(images.image(2)[19], static_cast<std::uint8_t>(pixels.back()));
  }
}

TEST_F(Idx, LabelsComeBackPlainAndCompressed) {
  const auto plain = idx_file({4}, std::string("\0\3\1\377", 4));
  for (const auto& content : {plain, gzip(plain)}) {
    put(file(), content);
    EXPECT_THAT(read_idx_labels(file()), ElementsAre(0, 3, 1, 255));
    EXPECT_THAT(read_idx_labels(file(), 256), ElementsAre(0, 3, 1, 255));
  }
}

TEST_F(Idx, LargeImagesComeBack) {
  const auto pixels = random_pixels(500 * 40 * 40, 2);
  put(file(), gzip(idx_file({500, 40, 40}, pixels)));
  const auto images = read_idx_images(file());
  EXPECT_EQ(std::string(images.pixels.begin(), images.pixels.end()), pixels);
}

TEST_F(Idx, LabelOutOfRangeNamesSampleAndByte) {
  put(file(), idx_file({4}, std::string("\0\3\1\2", 4)));
  const auto text = message_of<value_error>([&] { read_idx_labels(file(), 3); });
  EXPECT_THAT(text, HasSubstr("label of sample 1 (byte 9) = 3"));
  EXPECT_THAT(text, HasSubstr("0 to 2"));
}

TEST_F(Idx, TruncatedAtEveryLength) {
  const auto whole = idx_file({2, 3, 4}, random_pixels(24, 3));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(refused_images(whole.substr(0, length)), HasSubstr(length < 16 ? "truncated" : "announce")) << length;
  }
  EXPECT_THAT(refused_images(""), HasSubstr("byte 0"));
  const auto labels = idx_file({3}, "abc");
  for (std::size_t length = 0; length < labels.size(); ++length) {
    refused_labels(labels.substr(0, length));
  }
}

TEST_F(Idx, CompressedTruncatedAtEveryLength) {
  const auto whole = gzip(idx_file({2, 3, 4}, random_pixels(24, 4)));
  for (std::size_t length = 2; length < whole.size(); ++length) {
    EXPECT_THAT(refused_images(whole.substr(0, length)), HasSubstr("truncated")) << length;
  }
}

TEST_F(Idx, BytesAfterTheEnd) {
  const auto plain = idx_file({2, 3, 4}, random_pixels(24, 5));
  EXPECT_THAT(refused_images(plain + "x"), HasSubstr("byte 40"));
  EXPECT_THAT(refused_images(gzip(plain + "x")), HasSubstr("byte 40 after decompression"));
  EXPECT_THAT(refused_images(gzip(plain) + "x"), HasSubstr("bytes after the end of the compressed data"));
}

TEST_F(Idx, SeveralMembersAndPaddingAreOneFile) {
  const auto pixels = random_pixels(2 * 3 * 4, 7);
  const auto plain = idx_file({2, 3, 4}, pixels);
  const std::string zeros(700, '\0');
  for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
    const auto first = gzip(plain.substr(0, cut)), second = gzip(plain.substr(cut));
    for (const auto& content :
         {first + second, first + second + zeros, first + zeros + second, first + second + gzip("")}) {
      put(file(), content);
      const auto images = read_idx_images(file());
      EXPECT_EQ(std::string(images.pixels.begin(), images.pixels.end()), pixels) << cut;
    }
  }
  const auto first = gzip(plain.substr(0, 9)), second = gzip(plain.substr(9));
  EXPECT_THAT(refused_images(first + second + zeros + "x"), HasSubstr("bytes after the end of the compressed data"));
  EXPECT_THAT(refused_images(first + "x" + second), HasSubstr("truncated"));
  EXPECT_THAT(refused_images(first + second + gzip("x")), HasSubstr("more bytes than the header announces"));
  EXPECT_THAT(refused_images(first), HasSubstr("truncated"));
  for (std::size_t length = first.size() + 2; length < first.size() + second.size(); ++length) {
    EXPECT_THAT(refused_images((first + second).substr(0, length)), HasSubstr("truncated")) << length;
  }
  put(file(), gzip(idx_file({4}, "")) + gzip(std::string("\0\3\1\2", 4)) + zeros);
  EXPECT_THAT(read_idx_labels(file()), ElementsAre(0, 3, 1, 2));
}

TEST_F(Idx, FlippedBitsOfACompressedFile) {
  const auto pixels = random_pixels(2 * 3 * 4, 6);
  const auto whole = gzip(idx_file({2, 3, 4}, pixels));
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    auto damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    put(file(), damaged);
    try {
      const auto images = read_idx_images(file());  // time, name and system in the header do not matter
      EXPECT_EQ(std::string(images.pixels.begin(), images.pixels.end()), pixels) << bit;
    } catch (const format_error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(6 * whole.size()));
}

TEST_F(Idx, OtherContentsAreRefused) {
  EXPECT_THAT(refused_images(idx_file({4}, "abcd")), HasSubstr("0x00000801"));
  EXPECT_THAT(refused_labels(idx_file({1, 2, 2}, "abcd")), HasSubstr("0x00000803"));
  EXPECT_THAT(refused_images(std::string(100, 'x')), HasSubstr("byte 0"));
  EXPECT_THAT(refused_images(idx_file({0, 3, 4}, "")), HasSubstr("byte 4"));
  EXPECT_THAT(refused_images(idx_file({2, 0, 4}, "")), HasSubstr("byte 8"));
  EXPECT_THAT(refused_images(idx_file({2, 3, 0}, "")), HasSubstr("byte 12"));
}

TEST_F(Idx, AbsurdExtentsAllocateNothing) {
  const std::uint32_t most = 0xffffffff;
  EXPECT_THAT(refused_images(idx_file({most, most, most}, "abcd")), HasSubstr("more than the file can hold"));
  EXPECT_THAT(refused_images(gzip(idx_file({1u << 31, 1u << 31, 1u << 31}, "abcd"))), HasSubstr("can hold"));
}

TEST_F(Idx, UnreadablePathsAreFileErrors) {
  EXPECT_THAT(message_of<file_error>([&] { read_idx_images(at("nowhere")); }), HasSubstr("nowhere"));
  EXPECT_THROW(read_idx_labels(folder_.string()), file_error);
}

}  // namespace
}  // namespace backspike
