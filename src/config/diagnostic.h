/// \file
/// What is wrong in configuration files, where, and how people and programs get to see it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::config {

/// A place in a file. Lines and columns count from 1, columns in code points; 0 = unknown.
struct Position {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

/// A value's place: the file, the position in it, and the path of keys that leads there ("sinks.table.mode",
/// "steps[1].filter").
struct Location {
  std::string file;
  Position at;
  std::string path;
};

enum class Severity { error, warning };

/// One finding. The message says what is wrong and what to do, and never holds a resolved `${...}` value.
struct Diagnostic {
  std::string file;
  int line = 0;
  int column = 0;
  std::string path;  ///< empty when the finding is about the file
  std::string message;
  Severity severity = Severity::error;
};

/// Collects findings over several files. At most kDiagnosticsMax are kept; the others are counted. One thread.
class Diagnostics {
 public:
  static constexpr size_t kDiagnosticsMax = 200;

  void add(Diagnostic diagnostic);
  void error(const Location& location, std::string message);
  /// An error of the system or the file: the disk that failed on a file is no mistake in it; see blames_the_file().
  void error(const Location& location, const Error& error);
  void warn(const Location& location, std::string message);

  /// Keeps the text of `file` for excerpts.
  void add_source(const std::string& file, std::string_view text);
  /// Makes excerpts show `***` from `begin` up to `end`: a secret, or a value whose key is not known and that may be
  /// one.
  void mask(const std::string& file, Position begin, Position end);

  /// True when there is no error; warnings do not count.
  bool ok() const { return error_count_ == 0; }
  size_t error_count() const { return error_count_; }
  /// False when some error has nothing to do with what the files say: a disk or the system failed.
  bool blames_the_file() const { return !system_failed_; }
  /// In order of file, line and column.
  std::vector<Diagnostic> sorted() const;

  /// For people: "pipeline.yaml:12:5: sinks.table: unknown key 'icberg'; did you mean 'iceberg'?", the line, a caret.
  std::string render() const;
  /// A JSON array of objects with file, line, column, path, severity, message.
  std::string to_json() const;
  /// The errors as one error. Only when !ok().
  Error to_error() const;

 private:
  struct Span {
    Position begin;
    Position end;
  };
  struct Source {
    std::vector<std::string> lines;
    std::vector<Span> masked;
  };
  void render_excerpt(const Diagnostic& diagnostic, std::string& out) const;

  std::vector<Diagnostic> all_;
  std::map<std::string, Source> sources_;
  size_t error_count_ = 0;
  bool system_failed_ = false;
  size_t left_out_ = 0;
};

}  // namespace weir::config
