/// \file
/// Where output goes and how it looks: data on stdout, the rest on stderr, colour only for people, and nothing that a
/// terminal would obey unless it is ours.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "observe/redact.h"

namespace weir::cli {

enum class Stream { out, err };

/// The two streams of a terminal program. One thread at a time, except that err(), live() and has_reader() may come
/// from any.
class Console {
 public:
  /// Looks at the streams, at NO_COLOR and at TERM. `redactor` outlives this.
  explicit Console(const observe::Redactor& redactor);

  /// To stdout, as it is. Waits for a slow reader. After an error nothing more is written: see out_error().
  void out(std::string_view text);
  /// To stderr, as it is, in place of the live line.
  void err(std::string_view text);
  /// Shows `text` as the last line of stderr's terminal, in place of the live line before, cut to the width. Nothing
  /// where there is no terminal that could take it away again.
  void live(std::string_view text);
  void end_live();

  /// Why out() could not write, as an errno; 0 when it could. A long command then has nothing more to do.
  int out_error() const { return out_error_; }
  /// False once stdout is a pipe whose reader is gone.
  bool has_reader() const;
  bool err_is_terminal() const { return err_is_terminal_; }
  bool err_has_colour() const { return err_has_colour_; }
  /// Columns of stdout's terminal; 0 when it is none.
  size_t out_columns() const;
  /// Columns of stderr's terminal; 80 when it is none.
  size_t err_columns() const;
  /// Columns that help is wrapped to: those of the terminal from 60 to 100, 80 elsewhere.
  size_t help_width() const;

  /// `text` in dim, red, yellow or green where `stream` is a terminal that wants colours, plain elsewhere.
  std::string dim(std::string_view text) const { return paint(Stream::err, "2", text); }
  std::string red(std::string_view text, Stream stream = Stream::err) const { return paint(stream, "31", text); }
  std::string yellow(std::string_view text, Stream stream = Stream::err) const { return paint(stream, "33", text); }
  std::string green(std::string_view text, Stream stream = Stream::err) const { return paint(stream, "32", text); }

  /// One line on stderr: "error: message (kind)". Here and in warning(), messages may hold anything: secrets are taken
  /// out and control characters escaped.
  void error(const Error& error);
  /// "error: message", for what is no Error.
  void error(std::string_view message);
  /// "warning: message"
  void warning(std::string_view message);

 private:
  std::string paint(Stream stream, std::string_view code, std::string_view text) const;
  std::string safe(std::string_view message) const;
  const observe::Redactor& redactor_;
  bool err_is_terminal_;
  bool can_move_;  ///< stderr's terminal obeys escapes
  bool out_has_colour_;
  bool err_has_colour_;
  int out_error_ = 0;
  std::mutex err_mutex_;
  bool live_shown_ = false;  ///< guarded by err_mutex_
};

/// `text` of unknown origin in one line that a terminal only shows: control characters, line ends and what turns the
/// direction of text around are escaped ("\n", "\x1b", "\u202e"); what is no UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);
/// As printable(), but lines stay lines.
std::string printable_lines(std::string_view text);

/// "1,234,567"
std::string format_count(int64_t value);
/// "1 row", "1,234 rows"; `noun` in the singular, of those that take an s.
std::string counted(int64_t value, std::string_view noun);
/// "12.3 MB" (powers of ten)
std::string format_bytes(int64_t bytes);
/// "850 ms", "12.3 s", "4 min 10 s"
std::string format_duration_ms(int64_t ms);

/// `text` as a JSON string, in quotes.
std::string json_string(std::string_view text);

/// Rows of text as aligned columns, two blanks apart; the first row is the header. Columns of numbers are aligned to
/// the right. Cells may hold anything: they are made printable().
std::string format_table(std::vector<std::vector<std::string>> rows);

}  // namespace weir::cli
