#pragma once
// The list of environments. A new one is a header of its own and one entry here; kind_base.hpp says what it has to
// tell. Files, the command line, Python and the tests read the list.

#include "environment/kinds/acrobot.hpp"
#include "environment/kinds/bandit.hpp"
#include "environment/kinds/cart_pole.hpp"
#include "environment/kinds/mountain_car.hpp"
#include "environment/kinds/pendulum.hpp"
#include "environment/kinds/t_maze.hpp"

#include <tuple>

namespace backspike::environments {

using environment_list = std::tuple<cart_pole, acrobot, mountain_car, pendulum, t_maze, bandit>;

}  // namespace backspike::environments
