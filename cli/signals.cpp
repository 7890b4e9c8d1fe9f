#include "signals.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "verb.h"

namespace unfold::cli {
namespace {

std::atomic<bool> requested = false;

void wait_for(const sigset_t& signals) {
  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (requested.exchange(true)) _exit(kInterrupted);
  }
}

}  // namespace

// A thread waits for the signals and no handler runs on those that compute: a handler writes to the stack of the thread
// it interrupts, and some kernels of oneDNN use the stack pointer for other memory meanwhile, which is then
// overwritten.
void catch_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // of this thread, and of all that are begun from now on
  std::thread(wait_for, signals).detach();
}

bool stop_requested() { return requested; }

}  // namespace unfold::cli
