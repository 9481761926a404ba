/// \file
/// Structured logs: a level, a stable event name for machines, a message for people, fields. As text for a terminal, or
/// JSON lines.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "observe/redact.h"

namespace weir::observe {

enum class LogLevel : uint8_t { debug, info, warn, error };
enum class LogFormat : uint8_t { text, json };

/// "debug", "info", "warn", "error".
std::string_view to_string(LogLevel level);

/// One line, its '\n' included, never takes more bytes than this.
inline constexpr size_t kLogLineBytesMax = 8192;

/// The name of what happened: "commit.applied". A literal of lower-case words, digits, '_' and '.', checked by the
/// compiler, so that event names are few, stable and free of data.
class LogEvent {
 public:
  template <size_t N>
  consteval LogEvent(const char (&name)[N]) : name_(name, N - 1) {  // NOLINT(google-explicit-constructor)
    if (N < 2 || N > 65 || name[0] < 'a' || name[0] > 'z')
      throw "an event name begins with a letter and has 1 to 64 characters";
    for (size_t i = 0; i + 1 < N; ++i) {
      const char c = name[i];
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.') throw "event names: a-z 0-9 _ .";
    }
  }
  std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

/// A key and its value; both are only looked at during the call that logs them. Keys are snake_case, with the unit at
/// the end ("took_ms").
struct LogField {
  using Value = std::variant<std::string_view, int64_t, double, bool>;
  std::string_view key;
  Value value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(static_cast<int64_t>(v)) {}
};

/// Where lines go. Called by one thread at a time, with one whole line, '\n' included. What it cannot write is lost: a
/// log must not stop the work.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(std::string_view line) = 0;
};

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  bool colour = false;  ///< text only: colours the level
  /// Of one event name in one window; the rest is counted and reported as event log.suppressed.
  int lines_per_event_max = 20;
  int64_t window_ms = 10'000;
  std::vector<std::pair<std::string, std::string>> context;  ///< on every line: {"pipeline", "flights"}
};

/// Writes log lines. Thread-safe: lines never mix. Blocks as long as the sink does.
///
/// No registered secret and no value under a secret key leaves it; control characters are escaped, so data cannot forge
/// a line; a line too long loses its tail and says `truncated`.
class Logger {
 public:
  /// All three must outlive the logger.
  Logger(LogOptions options, LogSink& sink, const Redactor& redactor, const Clock& clock);
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  /// Reports what was suppressed.
  ~Logger();

  bool enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }

  void log(LogLevel level, LogEvent event, std::string_view message, std::initializer_list<LogField> fields = {});

  void debug(LogEvent event, std::string_view message, std::initializer_list<LogField> fields = {}) {
    if (enabled(LogLevel::debug)) log(LogLevel::debug, event, message, fields);
  }
  void info(LogEvent event, std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::info, event, message, fields);
  }
  void warn(LogEvent event, std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::warn, event, message, fields);
  }
  void error(LogEvent event, std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::error, event, message, fields);
  }

 private:
  struct Window {
    int64_t begin_us = 0;
    int64_t lines = 0;
    int64_t suppressed = 0;
  };

  int64_t window_us() const { return options_.window_ms * 1000; }
  bool admit(std::string_view event, int64_t now_us);
  void report_ended_windows(int64_t now_us);
  void report_suppressed(std::string_view event, Window& window);
  void write(LogLevel level, std::string_view event, std::string_view message, std::initializer_list<LogField> fields);

  const LogOptions options_;
  LogSink& sink_;
  const Redactor& redactor_;
  const Clock& clock_;
  std::atomic<LogLevel> level_;
  std::mutex mutex_;                            ///< guards what follows, the clock and the sink
  std::map<std::string_view, Window> windows_;  ///< by event name; names are literals, so the map stays small
  int64_t next_report_us_ = 0;
};

}  // namespace weir::observe
