// SIGINT and SIGTERM as a wish to stop: the first asks the trainer to finish its step and save, a second one ends the
// process at once.
#pragma once

namespace unfold::cli {

/// From now on the signals are wishes. Call it once, before any thread is begun, where something looks at
/// `stop_requested`.
void catch_stop_signals();
bool stop_requested();

}  // namespace unfold::cli
