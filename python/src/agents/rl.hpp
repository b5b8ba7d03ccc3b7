#pragma once
// The parts of the extension module that agents and their environments have.

#include "binding.hpp"

namespace backspike::python {

void bind_environment(nb::module_& m);
void bind_agent(nb::module_& m);  // after the environments, whose spaces it takes

}  // namespace backspike::python
