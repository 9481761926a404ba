/// \file
/// Renders one log line; no clock, no lock, no output.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "observe/log.h"

namespace weir::observe::internal {

struct LogLine {
  int64_t wall_ms = 0;
  LogLevel level = LogLevel::info;
  std::string_view event;
  std::string_view message;
  std::span<const std::pair<std::string, std::string>> context;
  std::span<const LogField> fields;
};

/// {"ts":"...","level":"info","event":"...","msg":"...",fields flat}; at most kLogLineBytesMax bytes, '\n' included. A
/// field named like one of these five or like an earlier field gets a "_2" (or "_3" ...) behind its name: no key stands
/// twice.
std::string render_json(const LogLine& line, const Redactor& redactor);

/// 2026-11-21T03:57:11.123Z INFO  event  message  key=value key="a value"; same bound.
std::string render_text(const LogLine& line, const Redactor& redactor, bool colour);

}  // namespace weir::observe::internal
