/// \file
/// What is wrong with the row being decoded, and how it is said.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "event/reject.h"

namespace weir::codec {

/// Holds the first failure of a row. Decoding functions return false after fail(); each level on the way out adds its
/// name with inside().
class RowFailure {
 public:
  /// Records the failure; always false, for `return failure.fail(...)`.
  bool fail(RejectClass reject_class, std::string message) {
    reject_class_ = reject_class;
    message_ = std::move(message);
    path_.clear();
    return false;
  }
  /// Puts `name` in front of the path of the failed column; always false.
  bool inside(std::string_view name);

  RejectClass reject_class() const { return reject_class_; }
  /// True when the event is no JSON object at all.
  bool is_about_syntax() const {
    return reject_class_ == RejectClass::malformed || reject_class_ == RejectClass::invalid_utf8 ||
           reject_class_ == RejectClass::not_an_object;
  }

  /// Makes the reject of event `raw_index`.
  Reject take(uint32_t raw_index);

 private:
  RejectClass reject_class_ = RejectClass::malformed;
  std::string path_;
  std::string message_;
};

inline constexpr size_t kExcerptBytesMax = 64;

/// At most kExcerptBytesMax bytes of `bytes` as printable UTF-8: control characters and bytes that are not UTF-8 become
/// \xNN, "..." says that something was cut off.
std::string excerpt(std::string_view bytes);

}  // namespace weir::codec
