#include "observe/log.h"

#include <limits>

#include "observe/log_line_internal.h"

namespace weir::observe {

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "error";
}

Logger::Logger(LogOptions options, LogSink& sink, const Redactor& redactor, const Clock& clock)
    : options_(std::move(options)), sink_(sink), redactor_(redactor), clock_(clock), level_(options_.level) {}

Logger::~Logger() {
  const std::scoped_lock lock(mutex_);
  for (auto& [event, window] : windows_) report_suppressed(event, window);
}

void Logger::log(LogLevel level, LogEvent event, std::string_view message, std::initializer_list<LogField> fields) {
  if (!enabled(level)) return;
  const std::scoped_lock lock(mutex_);
  const int64_t now_us = clock_.monotonic_us();
  report_ended_windows(now_us);
  if (admit(event.name(), now_us)) write(level, event.name(), message, fields);
}

/// Counts the line; false when it is one too many.
bool Logger::admit(std::string_view event, int64_t now_us) {
  Window& window = windows_.try_emplace(event, Window{.begin_us = now_us}).first->second;
  if (now_us - window.begin_us >= window_us()) {
    report_suppressed(event, window);
    window = {.begin_us = now_us};
  }
  if (window.lines >= options_.lines_per_event_max) {
    ++window.suppressed;
    return false;
  }
  ++window.lines;
  return true;
}

/// Speaks for events of which no further line may ever come. Looks at most once a window.
void Logger::report_ended_windows(int64_t now_us) {
  if (now_us < next_report_us_) return;
  next_report_us_ = now_us + window_us();
  for (auto& [event, window] : windows_) {
    if (now_us - window.begin_us >= window_us()) report_suppressed(event, window);
  }
}

void Logger::report_suppressed(std::string_view event, Window& window) {
  if (window.suppressed == 0) return;
  write(LogLevel::warn, "log.suppressed", "left out log lines of an event that came too often",
        {{"of_event", event}, {"lines", window.suppressed}});
  window.suppressed = 0;
}

void Logger::write(LogLevel level, std::string_view event, std::string_view message,
                   std::initializer_list<LogField> fields) {
  const internal::LogLine line{.wall_ms = clock_.wall_ms(),
                               .level = level,
                               .event = event,
                               .message = message,
                               .context = options_.context,
                               .fields = {fields.begin(), fields.size()}};
  const bool json = options_.format == LogFormat::json;
  sink_.write(json ? internal::render_json(line, redactor_) : internal::render_text(line, redactor_, options_.colour));
}

}  // namespace weir::observe
