/// \file
/// Assertions for what only a bug can break. They stay on in production.
#pragma once

#include <string_view>

namespace weir {

/// Prints what failed and where to stderr and ends the process by abort(), so that a core or a stack is left.
[[noreturn]] void check_failed(std::string_view condition, std::string_view detail, const char* file, int line);

}  // namespace weir

#define WEIR_CHECK(condition)                                   \
  do {                                                          \
    if (!(condition)) [[unlikely]]                              \
      ::weir::check_failed(#condition, "", __FILE__, __LINE__); \
  } while (false)

/// As WEIR_CHECK, with a message that is only built on failure.
#define WEIR_CHECK_MSG(condition, detail)                           \
  do {                                                              \
    if (!(condition)) [[unlikely]]                                  \
      ::weir::check_failed(#condition, detail, __FILE__, __LINE__); \
  } while (false)
