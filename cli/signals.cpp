#include "signals.h"

#include <unistd.h>

#include <csignal>

#include "verb.h"

namespace unfold::cli {
namespace {

volatile std::sig_atomic_t requested = 0;

extern "C" void request_stop(int) {
  if (requested != 0) _exit(kInterrupted);
  requested = 1;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = request_stop;
  action.sa_flags = SA_RESTART;  // a write of a checkpoint that is under way is finished
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return requested != 0; }

}  // namespace unfold::cli
