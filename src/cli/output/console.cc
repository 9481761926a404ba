#include "cli/output/console.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "observe/escape.h"

namespace weir::cli {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[2K";

/// For messages a reader is not waited for longer: they must not stop the work.
constexpr int kMessageWaitMs = 1000;

/// Writes all of `text`, waiting up to `wait_ms` (-1: for ever) where the other end takes no more. Returns the errno of
/// what cannot be waited for, or 0.
int write_all(int fd, std::string_view text, int wait_ms) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {  // whoever shares the stream has made it non-blocking
      pollfd wanted{.fd = fd, .events = POLLOUT, .revents = 0};
      if (::poll(&wanted, 1, wait_ms) == 0) return EAGAIN;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/// The first characters of `text` that fit in `columns`.
std::string_view cut_to(std::string_view text, size_t columns) {
  size_t end = 0;
  while (end < text.size() && (columns > 0 || (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80)) {
    if ((static_cast<uint8_t>(text[end]) & 0xc0) != 0x80) --columns;
    ++end;
  }
  return text.substr(0, end);
}

std::string_view environment_text(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ',' || c == '.' || c == '-';
  });
}

/// Characters on the screen, about: continuation bytes of UTF-8 do not count.
size_t display_width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

}  // namespace

Console::Console(const observe::Redactor& redactor)
    : redactor_(redactor), err_is_terminal_(::isatty(STDERR_FILENO) != 0) {
  const bool is_dumb = environment_text("TERM") == "dumb";
  const bool colours = environment_text("NO_COLOR").empty() && !is_dumb;
  can_move_ = err_is_terminal_ && !is_dumb;
  out_has_colour_ = colours && ::isatty(STDOUT_FILENO) != 0;
  err_has_colour_ = colours && err_is_terminal_;
}

void Console::out(std::string_view text) {
  if (out_error_ == 0) out_error_ = write_all(STDOUT_FILENO, text, -1);
}

void Console::err(std::string_view text) {
  const std::scoped_lock lock(err_mutex_);
  write_all(STDERR_FILENO, (live_shown_ ? std::string(kClearLine) : std::string()).append(text), kMessageWaitMs);
  live_shown_ = false;
}

void Console::live(std::string_view text) {
  if (!can_move_) return;
  winsize size{};
  // In the last column a terminal may begin a new line, which nobody would take away.
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) text = cut_to(text, size.ws_col - 1U);
  const std::scoped_lock lock(err_mutex_);
  write_all(STDERR_FILENO, std::string(kClearLine).append(text), kMessageWaitMs);
  live_shown_ = true;
}

void Console::end_live() {
  err("");
}

size_t Console::out_columns() const {
  winsize size{};
  return ::isatty(STDOUT_FILENO) != 0 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

size_t Console::err_columns() const {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

size_t Console::help_width() const {
  const size_t columns = out_columns();
  return columns == 0 ? 80 : std::clamp<size_t>(columns, 60, 100);
}

bool Console::has_reader() const {
  pollfd wanted{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&wanted, 1, 0) <= 0 || (wanted.revents & POLLERR) == 0;
}

std::string Console::paint(Stream stream, std::string_view code, std::string_view text) const {
  if (!(stream == Stream::out ? out_has_colour_ : err_has_colour_)) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

void Console::error(const Error& error) {
  err(red("error: ") + safe(error.message()) + " " + dim("(" + std::string(to_string(error.kind())) + ")") + "\n");
}
void Console::error(std::string_view message) {
  err(red("error: ") + safe(message) + "\n");
}
void Console::warning(std::string_view message) {
  err(yellow("warning: ") + safe(message) + "\n");
}

std::string Console::safe(std::string_view message) const {
  return printable(redactor_.redact(message));
}

std::string printable(std::string_view text) {
  std::string out;
  observe::append_escaped(out, text, observe::EscapeStyle::text);
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    out += printable(text.substr(0, end)) + "\n";
    text.remove_prefix(end + 1);
  }
  return out + printable(text);
}

std::string format_count(int64_t value) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  for (auto at = static_cast<ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return value < 0 ? "-" + digits : digits;
}

std::string counted(int64_t value, std::string_view noun) {
  return format_count(value) + " " + std::string(noun) + (value == 1 ? "" : "s");
}

std::string format_bytes(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  int unit = 0;
  while (value >= 999.5 && unit < 4) {
    value /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

std::string format_duration_ms(int64_t ms) {
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms >= 59'950) {  // what would be "60.0 s"
    const int64_t seconds = std::max<int64_t>(ms / 1000, 60);
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  char text[48];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1000);
  return text;
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string format_table(std::vector<std::vector<std::string>> rows) {
  if (rows.empty()) return {};
  for (std::vector<std::string>& row : rows) {
    for (std::string& cell : row) cell = printable(cell);
  }
  std::vector<size_t> widths(rows[0].size(), 0);
  std::vector<bool> numeric(rows[0].size(), rows.size() > 1);
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t c = 0; c < rows[r].size(); ++c) {
      widths[c] = std::max(widths[c], display_width(rows[r][c]));
      if (r > 0 && !is_number(rows[r][c])) numeric[c] = false;
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widths[c] - display_width(row[c]), ' ');
      line += (c == 0 ? "" : "  ") + (numeric[c] ? padding + row[c] : row[c] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace weir::cli
