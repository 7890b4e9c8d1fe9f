#include "progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <numbers>
#include <string>

namespace unfold::cli {
namespace {

constexpr std::chrono::milliseconds kTerminalInterval(100);
constexpr std::chrono::seconds kLineInterval(10);
constexpr int kBarWidth = 24;

std::string bar(double share) {
  const int filled = static_cast<int>(share * kBarWidth);
  return std::string(static_cast<std::size_t>(filled), '=') + (filled < kBarWidth ? ">" : "") +
         std::string(static_cast<std::size_t>(std::max(0, kBarWidth - filled - 1)), ' ');
}

std::string duration_text(double seconds) {
  const long whole = std::lround(seconds);
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string rate_text(double per_second) {
  return per_second < 10000 ? fmt::format("{:.0f}", per_second) : fmt::format("{:.0f}k", per_second / 1000);
}

std::string numbers_text(const Progress& progress, const std::string& unit) {
  std::string text = fmt::format("step {}/{}  loss {:.3f}", progress.step, progress.steps, progress.train_nats);
  if (progress.in_nats) text += fmt::format(" nats, {:.3f} bits", progress.train_nats / std::numbers::ln2);
  if (progress.valid) text += fmt::format("  valid {:.3f}", progress.valid->nats);
  if (progress.valid && progress.valid->accuracy)
    text += fmt::format(", {:.2f} % right", 100 * *progress.valid->accuracy);
  return text + fmt::format("  {} {}/s  {} left", rate_text(progress.tokens_per_second), unit,
                            duration_text(progress.seconds_left));
}

/// Columns of the terminal; 80 where it does not say.
std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// One line that a terminal does not break, since what is broken cannot be wiped: the bar goes first, then the line's
/// end.
std::string fitting_line(const Progress& progress, const std::string& unit) {
  const double share = static_cast<double>(progress.step) / static_cast<double>(progress.steps);
  const std::string numbers = numbers_text(progress, unit);
  const std::string line = fmt::format("[{}] {}", bar(share), numbers);
  const std::size_t width = columns() - 1;
  return line.size() <= width ? line : numbers.substr(0, width);
}

}  // namespace

ProgressDisplay::ProgressDisplay(bool quiet, std::string unit)
    : quiet_(quiet), unit_(std::move(unit)), terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressDisplay::~ProgressDisplay() {
  if (drawn_) fmt::print(stderr, "\n");
}

void ProgressDisplay::show(const Progress& progress) {
  const bool last = progress.step == progress.steps;
  const Clock::time_point now = Clock::now();
  if (quiet_ || (!last && now - shown_at_ < (terminal_ ? Clock::duration(kTerminalInterval) : kLineInterval))) return;
  shown_at_ = now;
  if (terminal_) {
    wipe();
    fmt::print(stderr, "{}", fitting_line(progress, unit_));
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}\n", numbers_text(progress, unit_));
  }
}

void ProgressDisplay::print(std::string_view text) {
  if (quiet_) return;
  wipe();
  fmt::print(stderr, "{}\n", text);
}

void ProgressDisplay::wipe() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace unfold::cli
