// Reads spikes in the layout of SHD, in whatever types others have written them, and puts times into steps.

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>
#include <backspike/core/text.hpp>
#include <backspike/core/time_grid.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/data/spike_hdf5.hpp>
#include <backspike/gradient/check_batch.hpp>

#include "io/hdf5/hdf5_file.hpp"
#include "io/wall/inner_readers.hpp"
#include "io/wall/wall.hpp"
#include "io/wall/wall_transfer.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace backspike {
namespace {

constexpr double longest_unasked = 10.0;        // [s] of a spike; times beyond are likely to be in another unit
constexpr std::size_t most_classes = 65536;     // more different labels are damage, not classes
constexpr std::uint64_t most_steps = 1U << 24;  // of one sample: a time beyond is damage, not a spike
constexpr std::int64_t most_channels = 1LL << 31;
constexpr std::size_t block_samples = 256;  // read at a time

/// [ms]
double width_of(time_unit unit) { return unit == time_unit::us ? 1e-3 : unit == time_unit::ms ? 1.0 : 1e3; }

/// Significant bits of the times in the file.
int bits_of(hid_t element) {
  if (H5Tget_class(element) == H5T_INTEGER) {
    return exact_time;
  }
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
  H5Tget_fields(element, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits);
  return std::clamp(static_cast<int>(mantissa_bits) + 1, 2, double_time);
}

std::string sample_text(std::size_t s) { return ", sample " + std::to_string(s); }

/// Entries [first, first + count) of a dataset of variable-length lists, converted to the memory type.
class list_block {
 public:
  list_block(const hdf5_input& in, const hdf5_array& from, hid_t memory_type, std::size_t first, std::size_t count)
      : type_(H5Tvlen_create(memory_type), H5Tclose), lists_(count) {
    const hsize_t start = first, length = count;
    space_ = {H5Screate_simple(1, &length, nullptr), H5Sclose};
    const hdf5_handle selected(H5Dget_space(from.data.id()), H5Sclose);
    H5Sselect_hyperslab(selected.id(), H5S_SELECT_SET, &start, nullptr, &length, nullptr);
    if (H5Dread(from.data.id(), type_.id(), space_.id(), selected.id(), H5P_DEFAULT, lists_.data()) < 0) {
      const std::string reason = hdf5_reason();
      release();
      in.fail(from.part, "samples " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
                             " cannot be read: " + reason);
    }
  }
  ~list_block() { release(); }
  list_block(const list_block&) = delete;
  list_block& operator=(const list_block&) = delete;

  template <class T>
  std::span<const T> list(std::size_t i) const {
    return {static_cast<const T*>(lists_[i].p), lists_[i].len};
  }

 private:
  void release() { H5Dvlen_reclaim(type_.id(), space_.id(), H5P_DEFAULT, lists_.data()); }

  hdf5_handle type_, space_;
  std::vector<hvl_t> lists_;
};

class spike_reader {
 public:
  spike_reader(const std::string& path, const spike_file_options& options, const read_limits& limits)
      : in_(path, limits), options_(options) {}

  dataset read() {
    data_.name = to_valid_utf8(std::filesystem::path(in_.path()).stem().string());
    data_.dt = options_.bin_ms;
    const bool labelled = !options_.labels_optional || in_.contains("labels");
    if (labelled) {
      read_labels();
    } else {  // as many as there are samples, as long as this is read
      data_.labels.assign(in_.array("spikes/times").size(), 0);
    }
    read_speakers();
    read_lengths();
    read_spikes();
    make_rows();
    if (!labelled) {
      data_.labels.clear();
    }
    return std::move(data_);
  }

 private:
  [[noreturn]] void refuse(const std::string& argument, std::int64_t value, const std::string& accepted) const {
    throw value_error("read " + in_.path(), argument, std::to_string(value), accepted);
  }

  hdf5_array per_sample(const std::string& part) const {
    auto array = in_.array(part);
    if (array.extents.size() != 1 || array.extents[0] != data_.labels.size()) {
      in_.fail(part, "not one entry for each of the " + std::to_string(data_.labels.size()) + " samples");
    }
    return array;
  }

  void read_labels() {
    const auto labels = in_.integers(in_.array("labels"));
    if (in_.contains("extra/keys")) {
      data_.class_names = in_.texts(in_.array("extra/keys"));
    }
    if (data_.class_names.empty()) {
      take_values(labels);
      return;
    }
    const auto limit = static_cast<std::int64_t>(data_.classes());
    for (std::size_t s = 0; s < labels.size(); ++s) {
      if (labels[s] < 0 || labels[s] >= limit) {
        refuse("label of sample " + std::to_string(s), labels[s], "0 to " + std::to_string(limit - 1));
      }
    }
    data_.labels.assign(labels.begin(), labels.end());
  }

  /// Classes that the file does not name: its different labels are their names.
  void take_values(const std::vector<std::int64_t>& labels) {
    auto classes = classes_of(labels);
    if (classes.names.size() > most_classes) {
      in_.fail("labels", std::to_string(classes.names.size()) + " different labels; accepted: at most " +
                             std::to_string(most_classes));
    }
    data_.labels = std::move(classes.labels);
    data_.class_names = std::move(classes.names);
  }

  void read_speakers() {
    if (!in_.contains("extra/speaker")) {
      return;
    }
    const auto array = per_sample("extra/speaker");
    const auto numbers = in_.integers(array);
    if (in_.has_attribute(array.data.id(), array.part, "names")) {
      read_named_speakers(array, numbers);
      return;
    }
    auto known = numbers;
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (const std::int64_t number : known) {
      data_.speaker_names.push_back(std::to_string(number));
    }
    for (const std::int64_t number : numbers) {
      data_.speakers.push_back(
          static_cast<std::int32_t>(std::lower_bound(known.begin(), known.end(), number) - known.begin()));
    }
  }

  void read_named_speakers(const hdf5_array& array, const std::vector<std::int64_t>& numbers) {
    data_.speaker_names = in_.text_list(array.data.id(), array.part, "names");
    const auto limit = static_cast<std::int64_t>(data_.speaker_names.size());
    for (std::size_t s = 0; s < numbers.size(); ++s) {
      if (numbers[s] < 0 || numbers[s] >= limit) {
        in_.fail(array.part + sample_text(s), "speaker " + std::to_string(numbers[s]) + " has no name");
      }
      data_.speakers.push_back(static_cast<std::int32_t>(numbers[s]));
    }
  }

  /// Fixed lengths of the samples, or none where each lasts to its last spike.
  void read_lengths() {
    ours_ = in_.contains("extra/steps");
    if (options_.duration_ms > 0.0) {
      const double steps = time_grid(options_.bin_ms).steps_until(options_.duration_ms);
      lengths_.assign(data_.labels.size(), static_cast<std::int64_t>(steps));
      return;
    }
    if (!ours_) {
      return;
    }
    const auto array = per_sample("extra/steps");
    double dt = 0.0;
    in_.number(array.data.id(), array.part, "dt", H5T_FLOAT, H5T_NATIVE_DOUBLE, &dt);
    if (is_same_step(dt, options_.bin_ms)) {
      lengths_ = in_.integers(array);
      for (std::size_t s = 0; s < lengths_.size(); ++s) {
        if (lengths_[s] < 0 || lengths_[s] > static_cast<std::int64_t>(most_steps)) {
          in_.fail(array.part + sample_text(s), "a length of " + std::to_string(lengths_[s]) + " steps");
        }
      }
    }
  }

  void read_channels(const hdf5_array& units) {
    data_.channels = options_.channels;
    if (data_.channels == 0 && in_.has_attribute(units.data.id(), units.part, "channels")) {
      in_.number(units.data.id(), units.part, "channels", H5T_INTEGER, H5T_NATIVE_UINT32, &data_.channels);
    }
  }

  void read_spikes() {
    const auto times = per_sample("spikes/times"), units = per_sample("spikes/units");
    require_times(times);
    if (class_of(units) != H5T_INTEGER) {
      in_.fail(units.part, "not lists of integers");
    }
    in_.require_lists(times, sizeof(double));
    in_.require_lists(units, sizeof(std::int64_t));
    read_channels(units);
    const std::int64_t limit = data_.channels > 0 ? data_.channels : most_channels;
    std::int64_t largest = -1;
    for (std::size_t first = 0; first < data_.labels.size(); first += block_samples) {
      const std::size_t count = std::min(block_samples, data_.labels.size() - first);
      const list_block moments(in_, times, H5T_NATIVE_DOUBLE, first, count);
      const list_block channels(in_, units, H5T_NATIVE_INT64, first, count);
      for (std::size_t i = 0; i < count; ++i) {
        const auto c = channels.list<std::int64_t>(i);
        for (const std::int64_t unit : c) {
          if (unit < 0 || unit >= limit) {
            refuse("unit of sample " + std::to_string(first + i), unit, "0 to " + std::to_string(limit - 1));
          }
          largest = std::max(largest, unit);
        }
        add_sample(first + i, moments.list<double>(i), c);
      }
    }
    if (data_.channels == 0) {
      data_.channels = static_cast<std::uint32_t>(largest + 1);
    }
    if (data_.merged_events == 0) {
      data_.inputs.spikes.values = {};  // every one of them is 1
    }
  }

  /// Of the elements of lists; H5T_NO_CLASS for anything else.
  static H5T_class_t class_of(const hdf5_array& lists) {
    const hdf5_handle element(element_of(lists));
    return element.valid() ? H5Tget_class(element.id()) : H5T_NO_CLASS;
  }

  static hdf5_handle element_of(const hdf5_array& lists) {
    const hdf5_handle type(H5Dget_type(lists.data.id()), H5Tclose);
    return {lists.kind == H5T_VLEN ? H5Tget_super(type.id()) : -1, H5Tclose};
  }

  /// Settles how times become steps.
  void require_times(const hdf5_array& times) {
    const H5T_class_t kind = class_of(times);
    if (kind != H5T_FLOAT && kind != H5T_INTEGER) {
      in_.fail(times.part, "not lists of numbers");
    }
    if (kind == H5T_INTEGER && options_.unit == time_unit::automatic) {
      ask_for_unit("integers");
    }
    const int bits = bits_of(element_of(times).id());
    grid_ = time_grid(options_.bin_ms, width_of(options_.unit), bits);
    whole_ = time_grid(options_.duration_ms, width_of(options_.unit), bits);
  }

  [[noreturn]] void ask_for_unit(const std::string& times) const {
    throw value_error("read " + in_.path(), "spikes/times", times,
                      "seconds as floating-point numbers, as this layout has them; data.time_unit = \"us\", \"ms\" or "
                      "\"s\" says what they are in");
  }

  std::uint64_t step_of(std::size_t s, double time) const {
    const double step = grid_.step_of(time);
    if (!(step >= 0.0 && step < static_cast<double>(most_steps))) {
      in_.fail("spikes/times" + sample_text(s),
               "a time of " + std::to_string(time * width_of(options_.unit) / width_of(time_unit::s)) + " s");
    }
    return static_cast<std::uint64_t>(step);
  }

  void require_plausible(std::size_t s, std::span<const double> times) const {
    if (options_.unit != time_unit::automatic || ours_) {
      return;
    }
    for (const double time : times) {
      if (time > longest_unasked && std::isfinite(time)) {
        ask_for_unit(std::to_string(time) + sample_text(s));
      }
    }
  }

  void add_sample(std::size_t s, std::span<const double> times, std::span<const std::int64_t> units) {
    if (times.size() != units.size()) {
      in_.fail("spikes/units" + sample_text(s),
               std::to_string(units.size()) + " units for " + std::to_string(times.size()) + " times");
    }
    require_plausible(s, times);
    spikes_.clear();
    for (std::size_t k = 0; k < units.size(); ++k) {
      if (options_.duration_ms == 0.0 || !(whole_.step_of(times[k]) >= 1.0)) {
        spikes_.push_back(step_of(s, times[k]) << 32 | static_cast<std::uint64_t>(units[k]));
      }
    }
    std::sort(spikes_.begin(), spikes_.end());
    const std::uint64_t reach = spikes_.empty() ? 0 : (spikes_.back() >> 32) + 1;
    std::uint64_t length = std::max<std::uint64_t>(reach, 1);
    if (!lengths_.empty()) {
      length = static_cast<std::uint64_t>(lengths_[s]);
      if (reach > length && options_.duration_ms == 0.0) {
        in_.fail("extra/steps" + sample_text(s), "spikes after its end");
      }
    }
    add_rows(length);
  }

  void add_rows(std::uint64_t length) {
    events& e = data_.inputs.spikes;
    for (auto spike = spikes_.begin(); spike != spikes_.end() && *spike >> 32 < length;) {
      const std::uint64_t t = *spike >> 32;
      while (spike != spikes_.end() && *spike >> 32 == t) {
        const auto end = std::find_if(spike, spikes_.end(), [&](std::uint64_t other) { return other != *spike; });
        e.channels.push_back(static_cast<std::uint32_t>(*spike));
        if (options_.duplicates == duplicate_events::count) {
          e.values.push_back(static_cast<float>(end - spike));
        }
        data_.merged_events += static_cast<std::uint64_t>(end - spike) - 1;
        spike = end;
      }
      filled_.push_back({rows_ + t, e.channels.size()});
    }
    rows_ += length;
    data_.inputs.sample_rows.push_back(rows_);
  }

  /// All rows are counted before there is one: a few spikes at huge times would fill the memory with silent steps.
  void make_rows() {
    require_memory(in_.limits(), "read " + in_.path() + ": the list of its " + std::to_string(rows_) + " steps",
                   static_cast<double>(rows_) * sizeof(std::uint64_t));
    auto& offsets = data_.inputs.spikes.row_offsets;
    offsets.reserve(rows_ + 1);
    for (const filled_row& row : filled_) {
      offsets.resize(row.row + 1, offsets.back());  // silent ones before it
      offsets.push_back(row.end);
    }
    offsets.resize(rows_ + 1, offsets.back());
  }

  struct filled_row {
    std::uint64_t row, end;  // of its events
  };

  hdf5_input in_;
  spike_file_options options_;
  dataset data_;
  time_grid grid_{1.0}, whole_{1.0};   // steps of a bin, and of the duration: what lies in it is step 0
  bool ours_ = false;                  // made by write_spike_hdf5, which leaves no doubt about the unit
  std::vector<std::int64_t> lengths_;  // [steps] of each sample, or empty
  std::vector<std::uint64_t> spikes_;  // of one sample: step in the upper half, channel in the lower
  std::vector<filled_row> filled_;     // rows that are not silent
  std::uint64_t rows_ = 0;
};

void check(const spike_file_options& o) {
  if (!(std::isfinite(o.bin_ms) && o.bin_ms > 0.0)) {
    throw value_error("read spikes", "bin_ms", std::to_string(o.bin_ms), "above 0 ms");
  }
  if (!(o.duration_ms >= 0.0 && o.duration_ms / o.bin_ms <= static_cast<double>(most_steps))) {
    throw value_error("read spikes", "duration_ms", std::to_string(o.duration_ms),
                      "0 to " + std::to_string(most_steps) + " steps of bin_ms");
  }
}

}  // namespace

dataset read_spike_hdf5_here(const std::string& path, const spike_file_options& options, const read_limits& limits) {
  check(options);
  return spike_reader(path, options, limits).read();
}

dataset read_spike_hdf5(const std::string& path, const spike_file_options& options) {
  const auto limits = limits_for(regular_file_size(path));
  return read_behind_wall<dataset>(path, "HDF5", limits, [&] { return read_spike_hdf5_here(path, options, limits); });
}

}  // namespace backspike
