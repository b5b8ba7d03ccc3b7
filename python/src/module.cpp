// The extension module _core: its version, what its parts share, and the call of each part.

#include "agents/rl.hpp"
#include "binding.hpp"

#include <backspike/core/file.hpp>
#include <backspike/experiment/version.hpp>

#include <chrono>

namespace backspike::python {

void bind_events(nb::module_& m);

bool now_and_then::due() {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  if (now < next_) {
    return false;
  }
  next_ = now + 50;
  return true;
}

array_list views_of(arena<float>& values, nb::handle owner) {
  array_list views;
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const parameter_info& p = values.layout()[i];
    const auto view = values.view(i);
    const bool matrix = p.extents.extents.size() == 2;
    const std::vector<std::size_t> shape = p.extents.extents;
    const std::vector<std::int64_t> strides =
        matrix ? std::vector<std::int64_t>{static_cast<std::int64_t>(p.stride), 1} : std::vector<std::int64_t>{1};
    views.append(nb::cast(nb::ndarray<nb::numpy, float>(view.data, shape.size(), shape.data(), owner, strides.data())));
  }
  return views;
}

std::vector<std::uint32_t> picked_samples(const dataset& data,
                                          const std::optional<array_in<std::uint32_t, 1>>& picked) {
  return picked ? std::vector<std::uint32_t>(picked->data(), picked->data() + picked->size()) : every_sample(data);
}

}  // namespace backspike::python

NB_MODULE(_core, m) {
  using namespace backspike::python;
#ifdef NDEBUG
  // When the interpreter ends, PyTorch keeps modules alive and with them the networks in them: no leak of ours.
  nanobind::set_leak_warnings(false);
#endif
  m.doc() = "The C++ library behind the package; what is here is its own affair.";
  m.attr("version") = std::string(backspike::version());
  m.def("schema", &backspike::schema_json, "Every cell and every key of an experiment, as JSON.");
  m.def("schema_text", &backspike::schema_text, "The same for people.");
  m.def("write_text", &backspike::write_text_file, nanobind::arg("path"), nanobind::arg("content"),
        "Whole or not at all.");
  m.def("processors", &backspike::available_processors, "Processors that this process may use.");
  bind_errors(m);
  bind_interruption(m);
  bind_data(m);
  bind_events(m);
  bind_metrics(m);
  bind_model(m);
  bind_unrolled(m);
  bind_training(m);
  bind_robustness(m);
  bind_hardware(m);
  bind_health(m);
  bind_environment(m);
  bind_agent(m);
  bind_online(m);
  bind_runs(m);
}
