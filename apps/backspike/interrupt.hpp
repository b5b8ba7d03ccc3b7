#pragma once

namespace backspike::app {

/// From here on the first SIGINT or SIGTERM only sets what interrupted() returns; the second ends the program at once.
void catch_interrupts();

/// The signal that came, or 0.
int interrupted();

}  // namespace backspike::app
