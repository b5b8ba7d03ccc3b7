#pragma once
// What the parts of the extension module share. Long work runs without the interpreter's lock; everything that belongs
// to one network is guarded by that network's own lock, so that several Python threads may use the package at once.

#include <backspike/core/forks.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace backspike::python {

namespace nb = nanobind;

/// Arrays that come in, contiguous and in the computer's memory. Another type or order is converted on the way.
template <class T, std::size_t Dimensions>
using array_in = nb::ndarray<const T, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;

/// A lock that one thread takes several times: a callback of fit() may evaluate the network it is training. In a child
/// of fork() it is free, or, where another thread of the parent held it, refused: that thread is not there to let it
/// go, and what it was doing to the network is half done.
class network_lock {
 public:
  /// Before lock(), with the interpreter's lock, which keeps other threads away from this.
  void renew_after_fork();
  void lock();
  void unlock();

 private:
  std::unique_ptr<std::recursive_mutex> mutex_ = std::make_unique<std::recursive_mutex>();
  std::uint64_t generation_ = fork_generation();
  std::thread::id owner_;
  std::size_t depth_ = 0;
  bool lost_ = false;
};

/// A network, its parameters and its threads.
struct model {
  network net;
  arena<float> parameters;
  thread_pool pool;
  network_lock lock;

  model(network_spec spec, std::size_t threads) : net(std::move(spec)), parameters(net.parameters()), pool(threads) {}
};

/// Long work without the interpreter's lock. The interpreter does not end before it is over, and tells it to end.
class without_interpreter {
 public:
  without_interpreter();
  ~without_interpreter();
  without_interpreter(const without_interpreter&) = delete;
  without_interpreter& operator=(const without_interpreter&) = delete;

 private:
  struct counted {
    counted();
    ~counted();
  } counted_;
  nb::gil_scoped_release released_;  // after the count: what ends last is what is counted
};

/// Lets go of the interpreter, then waits for the network: in this order no two threads wait for each other.
class busy {
 public:
  explicit busy(model& m) : renewed_(m.lock), held_(m.lock) {}

 private:
  struct renewed {
    explicit renewed(network_lock& lock) { lock.renew_after_fork(); }
  } renewed_;
  without_interpreter released_;
  std::unique_lock<network_lock> held_;
};

/// True about every 50 ms: when it is worth asking Python for something.
class now_and_then {
 public:
  bool due();

 private:
  std::int64_t next_ = 0;
};

/// Throws what a signal raised in Python (KeyboardInterrupt), and SystemExit once the interpreter is about to end.
/// Takes the interpreter's lock.
void throw_if_interrupted();

template <class T>
using array_out = nb::ndarray<nb::numpy, T>;

/// An array over memory that `owner` keeps alive, without a copy.
template <class T>
array_out<const T> array_over(const T* data, const std::vector<std::size_t>& shape, nb::handle owner) {
  return array_out<const T>(data, shape.size(), shape.data(), owner);
}

/// An array that owns what the vector holds.
template <class T>
array_out<T> array_of(std::vector<T>&& values, const std::vector<std::size_t>& shape) {
  auto* kept = new std::vector<T>(std::move(values));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return array_out<T>(kept->data(), shape.size(), shape.data(), owner);
}

using facts = nb::typed<nb::dict, nb::str, nb::any>;
using array_list = nb::typed<nb::list, array_out<float>>;
using named_arrays = nb::typed<nb::list, nb::typed<nb::tuple, std::string, array_out<float>>>;

/// What a learner saves, as pairs of name and array, and back.
named_arrays arrays_of(std::vector<named_tensor>&& tensors);
std::vector<named_tensor> tensors_of(const nb::typed<nb::list, nb::any>& arrays);

/// The parameters of an arena as arrays without padding, in the order of the layout; strided views of its memory.
array_list views_of(arena<float>& values, nb::handle owner);

/// The picked samples, or all.
std::vector<std::uint32_t> picked_samples(const dataset& data, const std::optional<array_in<std::uint32_t, 1>>& picked);

void bind_interruption(nb::module_& m);
void bind_errors(nb::module_& m);
void bind_data(nb::module_& m);
void bind_metrics(nb::module_& m);
void bind_model(nb::module_& m);
void bind_unrolled(nb::module_& m);
void bind_training(nb::module_& m);
void bind_robustness(nb::module_& m);
void bind_hardware(nb::module_& m);
void bind_health(nb::module_& m);
void bind_online(nb::module_& m);
void bind_runs(nb::module_& m);

}  // namespace backspike::python
