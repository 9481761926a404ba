/// \file
/// Errors of one file by what somebody knows of their place: a location, a path, or a byte inside of a text.
#pragma once

#include <cstddef>
#include <string>

#include "config/document.h"

namespace weir::config {

/// One thread. Both references outlive it.
class FileErrors {
 public:
  FileErrors(const Document& document, Diagnostics& diagnostics) : document_(document), diagnostics_(diagnostics) {}

  void at(const Location& location, std::string message);
  /// At the value of `path`, or the nearest one above it that is there.
  void at_path(const std::string& path, std::string message);
  /// At byte `offset` of the text that stands at `location`, for errors inside of an expression.
  void in_text(Location location, size_t offset, std::string message);

  /// Says at `path` that `where` must not be a URL, if it is one: it would be taken for a folder of that name.
  void refuse_url(const std::string& where, const std::string& path);

  /// Whether the file has something at `path`.
  bool has(const std::string& path) const { return document_.find(path) != nullptr; }
  /// Whether something at or below `path` of this file is wrong: its value has its default, and would make follow-ups.
  bool any_below(const std::string& path) const;
  /// How many there are, of other files too: who compares two counts knows whether something was wrong in between.
  size_t count() const { return diagnostics_.error_count(); }

 private:
  const Document& document_;
  Diagnostics& diagnostics_;
};

}  // namespace weir::config
