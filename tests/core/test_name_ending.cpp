// Endings and names of files in capital and small letters.

#include <backspike/core/name_ending.hpp>

#include "io/scratch.hpp"

namespace backspike {
namespace {

class NameEnding : public scratch {};

TEST_F(NameEnding, TheCaseOfLettersDoesNotMatter) {
  for (const char* name : {"a.wav", "a.WAV", "a.Wav", "b.c.wAV", ".wav"}) {
    EXPECT_TRUE(has_ending(name, ".wav")) << name;
  }
  for (const char* name : {"a.wave", "wav", "", "a.wa", "a.wav "}) {
    EXPECT_FALSE(has_ending(name, ".wav")) << name;
  }
}

TEST_F(NameEnding, AFileIsFoundInAnyCase) {
  put(at("Images.GZ"), "");
  put(at("IMAGES.gz"), "");
  put(at("images.idx"), "");
  EXPECT_EQ(path_in_any_case(at("images.idx")), at("images.idx")) << "itself first";
  EXPECT_EQ(path_in_any_case(at("Images.GZ")), at("Images.GZ"));
  EXPECT_EQ(path_in_any_case(at("images.gz")), at("IMAGES.gz")) << "the first by name";
  EXPECT_EQ(path_in_any_case(at("IMAGES.IDX")), at("images.idx"));
  EXPECT_EQ(path_in_any_case(at("images")), "");
  EXPECT_EQ(path_in_any_case(at("none/images.gz")), "");
}

}  // namespace
}  // namespace backspike
