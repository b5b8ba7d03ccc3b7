// Names and paths as strangers write them, and a disk that fails.

#include "io/hdf5/hdf5_seal.hpp"
#include "io/scratch.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/text.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/idx.hpp>
#include <backspike/data/mat_sequences.hpp>
#include <backspike/data/picture.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include <gmock/gmock.h>

namespace backspike {
namespace {

using testing::HasSubstr;

class HostileNames : public scratch {};

TEST_F(HostileNames, Latin1BecomesUtf8) {
  dataset data;
  data.channels = 1;
  data.class_names = {"caf\xe9", "na\u00efve"};
  data.speaker_names = {"jos\xe9", "\x85"};
  for (const std::int32_t label : {0, 1}) {
    data.inputs.spikes.channels.push_back(0);
    data.inputs.spikes.end_row();
    data.inputs.end_sample();
    data.labels.push_back(label);
    data.speakers.push_back(label);
  }
  const auto path = at("spikes\xe9.h5");
  write_spike_hdf5(path, data);
  const auto read = read_spike_hdf5(path, {1.0, 0.0, 0});
  EXPECT_THAT(read.class_names, testing::ElementsAre("caf\u00e9", "na\u00efve"));
  EXPECT_THAT(read.speaker_names, testing::ElementsAre("jos\u00e9", "\uFFFD"));
  EXPECT_EQ(read.name, "spikes\u00e9");
}

TEST_F(HostileNames, APathWithANulIsRefusedByEveryReaderAndWriter) {
  write_text_file(at("secret"), "x");
  const std::string path = at("secret") + std::string("\0.h5", 4);
  const auto refused = [](const auto& call) { return message_of<file_error>(call); };
  EXPECT_THAT(refused([&] { read_text_file(path); }), HasSubstr("a NUL"));
  EXPECT_THAT(refused([&] { write_text_file(path, "y"); }), HasSubstr("a NUL"));
  EXPECT_THAT(refused([&] { read_idx_images(path); }), HasSubstr("a NUL"));
  EXPECT_THAT(refused([&] { read_picture(path); }), HasSubstr("a NUL"));
  EXPECT_THAT(refused([&] { read_mat_sequences(path, {"m", {"a"}, 1.0}); }), HasSubstr("a NUL"));
  EXPECT_THAT(refused([&] { read_spike_hdf5(path, {1.0, 0.0, 0}); }), HasSubstr("a NUL"));
  EXPECT_THAT(refused([&] { read_checkpoint(path); }), HasSubstr("a NUL"));
  EXPECT_THAT(refused([&] { write_checkpoint(path, {}); }), HasSubstr("a NUL"));
  EXPECT_EQ(bytes_of(at("secret")), "x");
}

/// The kernel opens this file and answers every read of its first byte with EIO.
TEST_F(HostileNames, AReadErrorDoesNotPassForAFileWithoutASeal) {
  const std::string failing = "/proc/self/mem";
  EXPECT_THAT(message_of<file_error>([&] { check_seal(failing); }), HasSubstr("cannot read /proc/self/mem"));
  EXPECT_THAT(message_of<file_error>([&] { check_seal(at("nothing")); }), HasSubstr("No such file"));
  put(at("short"), "back");
  EXPECT_NO_THROW(check_seal(at("short")));
}

}  // namespace
}  // namespace backspike
