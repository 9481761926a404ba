#include "event/reject.h"

namespace weir {

std::string_view to_string(RejectClass reject_class) {
  switch (reject_class) {
    case RejectClass::malformed: return "malformed";
    case RejectClass::invalid_utf8: return "invalid_utf8";
    case RejectClass::duplicate_key: return "duplicate_key";
    case RejectClass::too_deep: return "too_deep";
    case RejectClass::too_large: return "too_large";
    case RejectClass::not_an_object: return "not_an_object";
    case RejectClass::wrong_type: return "wrong_type";
    case RejectClass::out_of_range: return "out_of_range";
    case RejectClass::inexact: return "inexact";
    case RejectClass::bad_format: return "bad_format";
    case RejectClass::missing_required: return "missing_required";
    case RejectClass::wrong_columns: return "wrong_columns";
    case RejectClass::null_value: return "null_value";
    case RejectClass::rule: return "rule";
    case RejectClass::no_known_field: return "no_known_field";
    case RejectClass::unknown_field: return "unknown_field";
    case RejectClass::expression: return "expression";
    case RejectClass::expression_row: return "expression_row";
    case RejectClass::bad_file: return "bad_file";
  }
  return "malformed";
}

void bound_message(std::string& message) {
  if (message.size() <= kRejectMessageBytesMax) return;
  size_t size = kRejectMessageBytesMax;
  while (size > 0 && (static_cast<uint8_t>(message[size]) & 0xc0) == 0x80) --size;
  message = message.substr(0, size);
}

}  // namespace weir
