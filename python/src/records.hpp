#pragma once
// What training tells, for Python: dictionaries, and an observer that calls Python functions.

#include "binding.hpp"

#include <backspike/experiment/runner.hpp>

#include <exception>

namespace backspike::python {

nb::dict to_dict(const epoch_record& r);

/// Calls Python on the way, every 50 ms at most for what is only shown. What a callback raises, and Ctrl-C, stop the
/// run at the next opportunity and come out of rethrow() once the run has been wound up.
class observer : public run_observer {
 public:
  observer(nb::object on_batch, nb::object on_epoch, nb::object on_start, nb::object on_progress)
      : on_batch_(std::move(on_batch)),
        on_epoch_(std::move(on_epoch)),
        on_start_(std::move(on_start)),
        on_progress_(std::move(on_progress)) {}

  void on_progress(const std::string& what, std::size_t done, std::size_t total) override;
  void on_start(const run_start& start) override;
  void on_batch(const batch_progress& progress) override;
  void on_epoch(const epoch_record& record, std::uint32_t epochs) override;
  bool stop_requested() override;

  /// With the interpreter's lock.
  void rethrow();

 private:
  template <class F>
  void call(const nb::object& function, const F& arguments);

  nb::object on_batch_, on_epoch_, on_start_, on_progress_;
  std::exception_ptr raised_;
  now_and_then shown_, asked_;
};

}  // namespace backspike::python
