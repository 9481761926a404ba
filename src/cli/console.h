/// \file
/// Where output goes and how it looks: data on stdout, the rest on stderr, colour only for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::cli {

/// The two streams of a terminal program. One thread at a time, except that the live line may share stderr with
/// messages.
class Console {
 public:
  /// Looks at the streams and at NO_COLOR.
  Console();

  void out(std::string_view text);  ///< to stdout, as it is
  void err(std::string_view text);  ///< to stderr, as it is

  bool out_is_terminal() const { return out_is_terminal_; }
  bool err_is_terminal() const { return err_is_terminal_; }

  /// `text` in bold, dim, red, yellow or green on stderr's terminal, plain elsewhere.
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string red(std::string_view text) const { return paint("31", text); }
  std::string yellow(std::string_view text) const { return paint("33", text); }
  std::string green(std::string_view text) const { return paint("32", text); }

  /// "error: kind: message" on stderr.
  void error(const Error& error);

 private:
  std::string paint(std::string_view code, std::string_view text) const;
  bool out_is_terminal_;
  bool err_is_terminal_;
  bool colour_;
};

/// "1,234,567"
std::string format_count(int64_t value);
/// "12.3 MB" (powers of ten)
std::string format_bytes(int64_t bytes);
/// "850 ms", "12.3 s", "4 min 10 s"
std::string format_duration_ms(int64_t ms);

/// `text` as a JSON string, in quotes.
std::string json_string(std::string_view text);

/// Rows of text as aligned columns, two blanks apart; the first row is the header. Columns of numbers are aligned to
/// the right.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace weir::cli
