// Files that are made to do harm, or damaged so that they do: none of them crashes, hangs, reads other files or takes
// more memory than docs/border.md says.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/idx.hpp>
#include <backspike/data/mat_sequences.hpp>
#include <backspike/data/picture.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include "io/audio/wav.hpp"
#include "io/hostile_files.hpp"
#include "io/idx_files.hpp"
#include "io/mat_files.hpp"
#include "io/scratch.hpp"
#include "paths.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <functional>
#include <utility>

namespace backspike {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Strangers : public scratch {
 protected:
  void TearDown() override {
    ::unsetenv("BACKSPIKE_FILE_SECONDS");
#if !defined(BACKSPIKE_SANITIZED)
    rusage children{};  // the largest of all so far
    getrusage(RUSAGE_CHILDREN, &children);
    constexpr double gibibyte = 1 << 20;  // [KiB]
    EXPECT_LT(static_cast<double>(children.ru_maxrss), 1.2 * gibibyte);
    EXPECT_LT(peak_memory(), std::uint64_t{1200} << 20);
#endif
    scratch::TearDown();
  }
  std::string file() const { return at("x.h5"); }
  template <class Error = format_error>
  std::string refusal() const {
    return message_of<Error>([&] { read_spike_hdf5(file(), {}); });
  }
  /// A file in order, but for what `change` does to it; `parts` are left to it.
  void make(const std::function<void(hostile_file&)>& change, bool labels = true, bool spikes = true) const {
    hostile_file f(file());
    if (labels) {
      f.put_labels(4);
    }
    if (spikes) {
      f.put_spikes(4);
    }
    change(f);
  }
  void make_secret() const {
    hostile_file f(at("secret.h5"));
    f.put_labels(4);
    f.put_spikes(4);
  }
};

TEST_F(Strangers, TheGeneratorsFileIsInOrder) {
  make([](auto&) {});
  const auto d = read_spike_hdf5(file(), {});
  EXPECT_EQ(d.size(), 4u);
  EXPECT_EQ(d.inputs.spikes.size(), 8u);
}

TEST_F(Strangers, LinksThatAreNotHardAreRefused) {
  make_secret();
  for (const char* part : {"labels", "spikes", "extra/keys", "extra/speaker"}) {
    const std::string name = part;
    const auto link = [&](hostile_file& f, bool external) {
      const std::string target = external || name != "labels" ? "/" + name : "/spikes";
      external ? H5Lcreate_external("secret.h5", target.c_str(), f.id(), part, H5P_DEFAULT, H5P_DEFAULT)
               : H5Lcreate_soft(target.c_str(), f.id(), part, H5P_DEFAULT, H5P_DEFAULT);
    };
    for (const bool external : {true, false}) {
      make(
          [&](hostile_file& f) {
            if (name == "spikes") {
              H5Ldelete(f.id(), part, H5P_DEFAULT);
            }
            link(f, external);
          },
          name != "labels", name != "spikes");
      EXPECT_THAT(refusal(), AllOf(HasSubstr(external ? "external link" : "soft link"), HasSubstr("(" + name + ")")));
    }
  }
}

TEST_F(Strangers, LinksOfAKindThatAProgramDefinesAreRefused) {
  constexpr auto kind = static_cast<H5L_type_t>(H5L_TYPE_UD_MIN + 36);
  const auto traverse = [](const char*, hid_t, const void*, std::size_t, hid_t, hid_t) -> hid_t { return -1; };
  const H5L_class_t known{H5L_LINK_CLASS_T_VERS, kind, "test", nullptr, nullptr, nullptr, traverse, nullptr, nullptr};
  ASSERT_GE(H5Lregister(&known), 0);
  make([&](hostile_file& f) { H5Lcreate_ud(f.id(), "labels", kind, "x", 1, H5P_DEFAULT, H5P_DEFAULT); }, false);
  H5Lunregister(kind);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("foreign link"), HasSubstr("(labels)")));
}

TEST_F(Strangers, DataInOtherFilesAreRefused) {
  put(at("secret.txt"), "root:x:0:0:root:/root:/bin/bash.");
  make([&](hostile_file& f) {
    const hid_t type = H5Tcopy(H5T_C_S1), properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Tset_size(type, 8);
    H5Pset_external(properties, at("secret.txt").c_str(), 0, 32);
    f.put("extra/keys", type, type, 4, properties, nullptr);
    H5Pclose(properties);
    H5Tclose(type);
  });
  const auto text = refusal();
  EXPECT_THAT(text, AllOf(HasSubstr("other files"), HasSubstr("(extra/keys)")));
  EXPECT_EQ(text.find("root"), std::string::npos);
}

TEST_F(Strangers, VirtualDatasetsAreRefused) {
  make_secret();
  make(
      [&](hostile_file& f) {
        const hsize_t count = 4;
        const hid_t space = H5Screate_simple(1, &count, nullptr), properties = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_virtual(properties, space, at("secret.h5").c_str(), "/labels", space);
        f.put("labels", H5T_STD_I32LE, H5T_NATIVE_INT32, count, properties, nullptr);
        H5Pclose(properties);
        H5Sclose(space);
      },
      false);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("virtual"), HasSubstr("(labels)")));
}

TEST_F(Strangers, OnlyPlainFiltersAreUsed) {
  const auto with = [&](const std::function<void(hid_t)>& filter) {
    make(
        [&](hostile_file& f) {
          const hsize_t chunk = 2;
          const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
          H5Pset_chunk(properties, 1, &chunk);
          filter(properties);
          f.put_labels(4, properties);
          H5Pclose(properties);
        },
        false);
  };
  with([](hid_t p) {
    H5Pset_shuffle(p);
    H5Pset_deflate(p, 6);
    H5Pset_fletcher32(p);
  });
  EXPECT_EQ(read_spike_hdf5(file(), {}).size(), 4u);
  with([](hid_t p) { H5Pset_scaleoffset(p, H5Z_SO_INT, 2); });
  EXPECT_THAT(refusal(), AllOf(HasSubstr("filter has the number 6"), HasSubstr("(labels)")));
}

TEST_F(Strangers, ListsThatClaimGigabytesAreForecast) {
  for (const char* part : {"spikes/times", "spikes/units"}) {
    hostile_file f(file());
    f.put_labels(4);
    f.put_spikes(4);
    f.claim_length(part, 0x50000000);
    EXPECT_THAT(refusal<resource_error>(), AllOf(HasSubstr(part), HasSubstr("GiB of memory")));
  }
  hostile_file f(file());
  f.put_labels(4);
  f.put_spikes(4);
  f.claim_length("spikes/times", 100000);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("claims more elements"), HasSubstr("spikes/times")));
}

TEST_F(Strangers, NamesThatClaimGigabytesAreForecast) {
  hostile_file f(file());
  f.put_labels(4);
  f.put_spikes(4);
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  const char* keys[] = {"null", "eins"};
  f.put("extra/keys", text, text, 2, H5P_DEFAULT, keys);
  H5Tclose(text);
  f.claim_length("extra/keys", 0xF0000000);
  EXPECT_THAT(refusal<resource_error>(), AllOf(HasSubstr("extra/keys"), HasSubstr("3.8 GiB of memory")));
}

TEST_F(Strangers, StepsAreCountedBeforeThereIsOne) {
  {
    hostile_file f(file());
    f.put_labels(200);
    f.put_spikes(200, 0.0f, 8.0f);
  }
  constexpr double bin = 1.0 / 1024.0;  // [ms]
  EXPECT_THAT(message_of<resource_error>([&] {
                read_spike_hdf5(file(), {bin, 0.0, 0});
              }),
              AllOf(HasSubstr("1638400200 steps"), HasSubstr("12.2 GiB of memory")));
  EXPECT_EQ(read_spike_hdf5(file(), {10.0, 50.0, 0}).inputs.spikes.rows(), 1000u) << "duration_ms = 50 leaves them out";
}

TEST_F(Strangers, CompressedZerosAreForecast) {
  make([](hostile_file& f) { f.put_zeros(100); }, false);
  EXPECT_LT(std::filesystem::file_size(file()), 600000u);
  EXPECT_THAT(refusal<resource_error>(), AllOf(HasSubstr("labels"), HasSubstr("3.1 GiB of memory")));
}

TEST_F(Strangers, APieceOfGigabytesIsForecast) {
  make(
      [](hostile_file& f) {
        const hsize_t chunk = 0x7FFFFFFF, count = 4;
        const hid_t space = H5Screate_simple(1, &count, &chunk), properties = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(properties, 1, &chunk);
        H5Dclose(H5Dcreate2(f.id(), "labels", H5T_STD_I8LE, space, H5P_DEFAULT, properties, H5P_DEFAULT));
        H5Pclose(properties);
        H5Sclose(space);
      },
      false);
  EXPECT_THAT(refusal<resource_error>(), AllOf(HasSubstr("a piece of labels"), HasSubstr("2.0 GiB")));
}

/// What a reader makes of a file: an error of ours, or data. Anything else fails the test.
void expect_an_answer(const std::function<void()>& read, const std::string& what) {
  try {
    read();
  } catch (const user_error&) {
  } catch (const std::exception& e) {
    ADD_FAILURE() << what << ": " << e.what();
  }
}

TEST_F(Strangers, NoDamageCrashesOrHangs) {
  ::setenv("BACKSPIKE_FILE_SECONDS", "1", 1);
  make([](auto&) {});
  const auto whole = bytes_of(file());
  random_stream random(1, random_purpose::test);
  const auto size = static_cast<std::uint32_t>(whole.size());
  int read = 0, refused = 0;
  for (int trial = 0; trial < 300; ++trial) {
    auto damaged = whole;
    for (std::uint32_t k = 0, flips = 1 + random.below(4); k < flips; ++k) {
      damaged[random.below(size)] = static_cast<char>(random.below(2) == 0 ? 0xFF : random.below(256));
    }
    put(file(), damaged);
    expect_an_answer(
        [&] {
          try {
            read_spike_hdf5(file(), {});
            ++read;
          } catch (const user_error&) {
            ++refused;
          }
        },
        "trial " + std::to_string(trial));
  }
  EXPECT_EQ(read + refused, 300);
  EXPECT_GT(refused, 30);
}

TEST_F(Strangers, NoDamageOfAMatlabFileCrashesOrHangs) {
  ::setenv("BACKSPIKE_FILE_SECONDS", "1", 1);
  const mat_sequences some;
  for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    write_mat(at("x.mat"), {some.x(), some.y()}, compression);
    const auto whole = bytes_of(at("x.mat"));
    random_stream random(2, random_purpose::test);
    for (int trial = 0; trial < 100; ++trial) {
      auto damaged = whole;
      damaged[120 + random.below(100)] = static_cast<char>(random.below(2) == 0 ? 0x7F : random.below(256));
      put(at("x.mat"), damaged);
      expect_an_answer([&] { read_mat_sequences(at("x.mat"), {"m", {"a", "b"}, 1.0}); }, "trial");
    }
  }
}

TEST_F(Strangers, MatlabHeadersThatClaimTooMuchAreRefused) {
  const mat_sequences some;
  write_mat(at("x.mat"), {some.x(), some.y()}, MAT_COMPRESSION_NONE);
  const auto whole = bytes_of(at("x.mat"));
  const auto with = [&](std::size_t byte, char value) {
    auto changed = whole;
    changed[byte] = value;
    put(at("x.mat"), changed);
    return message_of<format_error>([&] { read_mat_sequences(at("x.mat"), {"m", {"a", "b"}, 1.0}); });
  };
  // The first variable begins at byte 128: tag, flags (16 bytes), dimensions (tag and 3 x 4 bytes), name.
  EXPECT_THAT(with(128 + 8 + 16 + 8 + 3, 1), HasSubstr("claims more elements than it holds"));
  EXPECT_THAT(with(128 + 8 + 16 + 4, 2), HasSubstr("damaged variable"));
  EXPECT_THAT(with(128 + 8 + 16 + 7, 1), HasSubstr("a part of it is larger than the whole"));
  EXPECT_THAT(with(128 + 8, 7), HasSubstr("no flags"));
}

TEST_F(Strangers, CompressedImagesAreForecast) {
  const auto piece = gzip(std::string(std::size_t{1} << 24, '\0'));
  std::string bomb = gzip(idx_file({2048, 1024, 1024}, ""));
  for (int k = 0; k < 128; ++k) {
    bomb += piece;
  }
  put(at("images.gz"), bomb);
  EXPECT_LT(bomb.size(), 2500000u);
  EXPECT_THAT(message_of<resource_error>([&] { read_idx_images(at("images.gz")); }), HasSubstr("2.0 GiB of memory"));
}

TEST_F(Strangers, OnlyRegularFilesAreRead) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("/dev/zero", at("endless"));
  std::filesystem::create_symlink("/dev/random", at("noise"));
  const std::pair<const char*, std::function<void(const std::string&)>> readers[] = {
      {"spikes", [](const std::string& p) { read_spike_hdf5(p, {}); }},
      {"checkpoint", [](const std::string& p) { read_checkpoint(p); }},
      {"MATLAB",
       [](const std::string& p) {
         read_mat_sequences(p, {"m", {"a"}, 1.0});
       }},
      {"WAV", [](const std::string& p) { read_wav(p); }},
      {"images", [](const std::string& p) { read_idx_images(p); }},
      {"labels", [](const std::string& p) { read_idx_labels(p); }},
      {"picture", [](const std::string& p) { read_picture(p); }},
  };
  for (const auto& [name, read] : readers) {
    const auto why = [&, &from = read](const std::string& path) { return message_of<file_error>([&] { from(path); }); };
    EXPECT_THAT(why(at("pipe")), HasSubstr("it is a pipe")) << name;
    EXPECT_THAT(why(at("endless")), HasSubstr("it is a device")) << name;
    EXPECT_THAT(why(at("noise")), HasSubstr("it is a device")) << name;
    EXPECT_THAT(why(folder_.string()), HasSubstr("it is a folder")) << name;
    EXPECT_THAT(why(at("none")), HasSubstr("No such file")) << name;
  }
}

/// The files that were found in the wild of fuzzing, where they lie beside this tree.
class HostileFiles : public Strangers {
 protected:
  void SetUp() override {
    Strangers::SetUp();
    if (!std::filesystem::exists(folder + "/extlink.h5")) {
      GTEST_SKIP() << "no hostile files in " << folder;
    }
    ::setenv("BACKSPIKE_FILE_SECONDS", "1", 1);
  }
  template <class Error>
  std::string refused(const std::string& name, const spike_file_options& options = {}) const {
    return message_of<Error>([&] { read_spike_hdf5(folder + "/" + name, options); });
  }
  const std::string folder = shared_data() + "/../hostile";
};

TEST_F(HostileFiles, ReadNoOtherFile) {
  EXPECT_THAT(refused<format_error>("extlink.h5"), HasSubstr("external link"));
  const auto text = refused<format_error>("extraw_keys.h5");
  EXPECT_THAT(text, HasSubstr("other files"));
  EXPECT_EQ(text.find("root"), std::string::npos);
}

TEST_F(HostileFiles, NeitherCrashNorHang) {
  refused<format_error>("shd_gheap_segv.h5");
  refused<format_error>("shd_gheap_hang_times.h5");
}

TEST_F(HostileFiles, AreForecast) {
  EXPECT_THAT(refused<resource_error>("shd_vlen_alloc_9GB.h5"), HasSubstr("GiB of memory"));
  EXPECT_THAT(refused<user_error>("stepbomb.h5"), HasSubstr("stepbomb.h5"));  // or times that are no seconds
  EXPECT_THAT(refused<resource_error>("gzip_bomb.h5"), HasSubstr("GiB of memory"));
  EXPECT_THAT(message_of<format_error>([&] {
                read_mat_sequences(folder + "/mat_4GB.mat", {"m", {"a"}, 1.0});
              }),
              HasSubstr("a part of it is larger than the whole"));
}

}  // namespace
}  // namespace backspike
