#pragma once
// Recordings of event cameras that nobody made: bright bars whose place tells the class, as files of real layouts.

#include <backspike/core/file.hpp>
#include <backspike/core/random.hpp>
#include <backspike/events/event_writer.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// Events of a bar of the class `label` of `classes`, spread over the time, and as many of noise.
inline std::vector<camera_event> bar_recording(std::uint32_t side, std::uint32_t label, std::uint32_t classes,
                                               std::int64_t begin_us, std::int64_t length_us, std::uint32_t events,
                                               std::uint64_t seed) {
  random_stream random(seed, random_purpose::test, label);
  const std::uint32_t width = std::max(side / classes, 1U), left = label * (side - width) / std::max(classes - 1, 1U);
  std::vector<camera_event> all;
  for (std::uint32_t k = 0; k < events; ++k) {
    const auto t = begin_us + static_cast<std::int64_t>(random.uniform() * static_cast<double>(length_us));
    const auto x = k % 2 == 0 ? left + random.below(width) : random.below(side);
    all.push_back({t, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(random.below(side)), k % 3 == 0});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.t < b.t; });
  return all;
}

/// Numbered files with lists, as in SLAYER's example of N-MNIST.
inline void write_numbered(const std::string& folder, std::uint32_t training, std::uint32_t tests) {
  std::string lists[2];
  for (std::uint32_t n = 0; n < training + tests; ++n) {
    write_events(folder + "/" + std::to_string(n + 1) + ".bs2", event_format::bs2, {34, 34},
                 bar_recording(34, n % 10, 10, 0, 300000, 4000, n));
    lists[n < training ? 0 : 1] += std::to_string(n + 1) + "\t" + std::to_string(n % 10) + "\n";
  }
  write_text_file(folder + "/train1K.txt", "#sample #class\n" + lists[0]);
  write_text_file(folder + "/test100.txt", "#sample #class\n" + lists[1]);
}

/// N-MNIST's folders.
inline void write_digit_folders(const std::string& folder, std::uint32_t each) {
  for (const std::string half : {"Train", "Test"}) {
    for (std::uint32_t d = 0; d < 10; ++d) {
      const auto path = folder + "/" + half + "/" + std::to_string(d);
      make_folders(path);
      for (std::uint32_t k = 0; k < each; ++k) {
        write_events(path + "/" + std::to_string(k) + ".bin", event_format::bin, {34, 34},
                     bar_recording(34, d, 10, 0, 300000, 4000, half == "Test" ? 1000 + k : k));
      }
    }
  }
}

/// DVS Gesture's: a recording of all gestures for each user, and its table.
inline void write_gestures(const std::string& folder, std::uint32_t users) {
  std::string lists[2];
  for (std::uint32_t u = 0; u < users; ++u) {
    std::vector<camera_event> all;
    std::string table = "class,startTime_usec,endTime_usec\n";
    for (std::uint32_t g = 1; g <= 11; ++g) {
      const std::int64_t begin = 2000000 * g;
      const auto part = bar_recording(128, g - 1, 11, begin, 1500000, 6000, u);
      all.insert(all.end(), part.begin(), part.end());
      table += std::to_string(g) + "," + std::to_string(begin) + "," + std::to_string(begin + 1500000) + "\n";
    }
    const auto name = "user0" + std::to_string(u) + "_led";
    write_events(folder + "/" + name + ".aedat", event_format::aedat3, {128, 128}, all);
    write_text_file(folder + "/" + name + "_labels.csv", table);
    lists[u + 1 < users ? 0 : 1] += name + ".aedat\n";
  }
  write_text_file(folder + "/trials_to_train.txt", lists[0]);
  write_text_file(folder + "/trials_to_test.txt", lists[1]);
}

}  // namespace backspike
