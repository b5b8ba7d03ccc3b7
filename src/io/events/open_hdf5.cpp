// HDF5 files of events: what comes through the wall, in which libhdf5 reads.

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "io/events/hdf5_events.hpp"
#include "io/wall/wall.hpp"

#include <utility>

namespace backspike {
namespace {

class hdf5_decoder final : public event_decoder {
 public:
  hdf5_decoder(wall_reader reader, std::uint64_t events) : reader_(std::move(reader)), left_(events) {}

  bool decode(byte_source&, event_buffer& to, std::size_t most) override {
    if (next_ == part_.size() && !take_part()) {
      return false;
    }
    const std::size_t count = std::min(most, (part_.size() - next_) / 2);
    camera_event* out = to.room(count);
    for (std::size_t k = 0; k < count; ++k, next_ += 2) {
      store_event(out++, static_cast<std::int64_t>(part_[next_]), part_[next_ + 1] & pixel_bits);
    }
    to.added(count);
    return true;
  }

 private:
  static constexpr std::uint64_t pixel_bits = packed_pixel(0xFFFF, 0xFFFF, 1);

  /// False behind the last one.
  bool take_part() {
    if (done_) {
      return false;
    }
    auto& source = reader_.source();
    source.begin_anew();
    source.begin_item();
    source(part_);
    next_ = 0;
    if (part_.size() % 2 != 0 || part_.size() / 2 > left_) {
      source.distrust();
    }
    left_ -= part_.size() / 2;
    done_ = part_.empty();
    if (done_) {
      source.finish();
    }
    return !done_;
  }

  wall_reader reader_;
  hdf5_event_part part_;
  std::size_t next_ = 0;
  std::uint64_t left_;
  bool done_ = false;
};

hdf5_event_head head_from(wall_source& source) {
  hdf5_event_head head;
  source.begin_item();
  transfer_head(source, head);
  if (head.skipped > head.events || head.width > 65535 || head.height > 65535) {
    source.distrust();
  }
  return head;
}

}  // namespace

std::unique_ptr<event_decoder> open_hdf5(const decoder_setup& setup) {
  const auto& path = setup.from.path();
  if (!setup.from.is_file()) {
    throw value_error("read " + path, "HDF5", "no regular file", "a file with a name: HDF5 is read from there only");
  }
  const auto limits = limits_for(regular_file_size(path));
  const auto& options = setup.options;
  wall_reader reader(path, "HDF5", limits, [&](wall_sink& sink) { send_hdf5_events(sink, path, options, limits); });
  const auto head = head_from(reader.source());
  set_sensor(setup, {head.width, head.height});
  setup.file.details = head.details;
  setup.report.sliced += head.skipped;
  if (head.wrong_places != 0) {
    setup.report.invalid_of("lists of places (ms_to_idx) that are wrong, and were not used") += 1;
  }
  return std::make_unique<hdf5_decoder>(std::move(reader), head.events - head.skipped);
}

}  // namespace backspike
