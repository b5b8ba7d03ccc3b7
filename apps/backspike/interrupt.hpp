#pragma once
// What Ctrl-C does: it ends the program at once, or only asks it to end where there are files to leave in order.

namespace backspike::app {

/// From here on SIGINT and SIGTERM end the program at once with their exit code, wherever it is: nothing is lost. After
/// finish_first() the first one only sets what interrupted() returns, and the second ends the program.
void catch_interrupts();

/// There is something on the disk now that must be left in order: the signal is to be looked at between two batches.
void finish_first();

/// The signal that came after finish_first(), or 0.
int interrupted();

}  // namespace backspike::app
