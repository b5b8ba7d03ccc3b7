#pragma once
// What data.augment does to images: each is moved a little and encoded again in every epoch.

#include <backspike/data/data_spec.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/data/idx.hpp>

#include "io/load/images/image_coder.hpp"

#include <cstdint>
#include <memory>

namespace backspike {

/// Whether spec asks for it. Throws value_error naming a key of data.augment that is for recordings alone.
bool augments_images(const data_spec& spec);

/// Makes samples of these images, by their numbers in the file.
std::shared_ptr<const sample_maker> image_maker(idx_images images, const event_augment_spec& spec,
                                                std::shared_ptr<const image_coder> coder, std::uint64_t seed);

}  // namespace backspike
