#pragma once
// Pictures of a few blobs, for tasks in which what moves must not matter.

#include <backspike/core/random.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

/// `count` bright discs with soft edges at random places in the inner half of a black picture, [height][width]: a
/// radius of a twentieth to an eighth of the shorter side, 0.5 to 1 bright. Where they overlap the brightest one is
/// seen.
std::vector<float> draw_blobs(std::uint32_t width, std::uint32_t height, std::uint32_t count, random_stream random);

}  // namespace backspike
