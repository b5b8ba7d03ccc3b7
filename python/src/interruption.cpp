// Long work and what may befall it: Ctrl-C, the end of the interpreter, and fork().

#include "binding.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>

#include <atomic>
#include <chrono>

namespace backspike::python {
namespace {

std::atomic<bool> leaving{false};
std::atomic<std::size_t> at_work{0};
std::uint64_t generation_of_count = fork_generation();

/// In a child of fork() the work of the parent's other threads is not there to be waited for. What this thread itself
/// is in the middle of is not counted again, which only means that it is not waited for: it is the one that ends.
void forget_work_of_the_parent() {
  if (generation_of_count != fork_generation()) {
    generation_of_count = fork_generation();
    at_work = 0;
  }
}

/// Called by the module atexit, before the interpreter takes itself apart: a thread that comes back from the library
/// later would be ended in the middle of C++, which aborts the process.
void leave() {
  leaving = true;
  forget_work_of_the_parent();
  while (at_work > 0) {
    {
      const nb::gil_scoped_release released;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (PyErr_CheckSignals() != 0) {
      throw nb::python_error();
    }
  }
}

}  // namespace

void throw_if_interrupted() {
  const nb::gil_scoped_acquire held;
  if (PyErr_CheckSignals() != 0) {
    throw nb::python_error();
  }
  if (leaving) {  // a thread that is left over; threading takes it for a quiet end
    PyErr_SetString(PyExc_SystemExit, "the interpreter is ending");
    throw nb::python_error();
  }
}

without_interpreter::counted::counted() {
  if (leaving) {
    throw_if_interrupted();
  }
  forget_work_of_the_parent();
  ++at_work;
}

without_interpreter::counted::~counted() {
  if (at_work > 0) {  // not so where the work began before a fork
    --at_work;
  }
}

without_interpreter::without_interpreter() = default;

without_interpreter::~without_interpreter() = default;

void network_lock::renew_after_fork() {
  if (generation_ != fork_generation()) {
    generation_ = fork_generation();
    lost_ = lost_ || (depth_ > 0 && owner_ != std::this_thread::get_id());
    static_cast<void>(mutex_.release());  // it may be locked by a thread that is not in this process
    mutex_ = std::make_unique<std::recursive_mutex>();
    for (std::size_t k = 0; k < depth_ && !lost_; ++k) {
      mutex_->lock();
    }
  }
  if (lost_) {
    throw value_error("network", "process", "a child of fork(), made while another thread worked with this network",
                      "a network made or loaded in the child; or a fork when no thread is at work; or multiprocessing "
                      "with the start method \"spawn\"");
  }
}

void network_lock::lock() {
  mutex_->lock();
  owner_ = std::this_thread::get_id();
  ++depth_;
}

void network_lock::unlock() {
  --depth_;
  mutex_->unlock();
}

void bind_interruption(nb::module_& m) {
  set_interruption_check(throw_if_interrupted);
  m.def("_leave", &leave);
  nb::module_::import_("atexit").attr("register")(m.attr("_leave"));
}

}  // namespace backspike::python
