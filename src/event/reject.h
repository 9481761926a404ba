/// \file
/// Rejects: events that do not make it into a table, each with a stable reason. They are data: they go to the dead
/// letter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Why an event was rejected. The names (to_string) are stored in dead-letter tables and metrics: they never change
/// meaning.
enum class RejectClass : uint8_t {
  malformed,         ///< not JSON or CSV at all: syntax, trailing bytes, unclosed quotes
  invalid_utf8,      ///< text that is not UTF-8
  duplicate_key,     ///< an object names a key twice
  too_deep,          ///< nested deeper than the limit
  too_large,         ///< longer than the limit on one event, or with more fields than the limit
  not_an_object,     ///< JSON, but no object
  wrong_type,        ///< a value of another type than the contract's
  out_of_range,      ///< a number, date or time outside of the column's type
  inexact,           ///< a decimal or timestamp with more digits than the column keeps
  bad_format,        ///< text that is not the date, time, UUID, base64 ... that the column wants
  missing_required,  ///< a required column is absent or null
  wrong_columns,     ///< CSV: the record has more or fewer fields than the header
  null_value,        ///< Kafka: a message without a value
  rule,              ///< a rule of the contract is broken; see Reject::rule
  no_known_field,    ///< an event with fields, none of which the contract names
  unknown_field,     ///< a field that the contract does not name, where it refuses such fields
  expression,        ///< a step's SQL has no value for the row; Reject::rule names the step
  expression_row,    ///< the same behind a step with state, where the event is gone: its bytes are the row as JSON
  bad_file,          ///< a whole file is left out: damaged, or not what its format says
};

std::string_view to_string(RejectClass reject_class);

inline constexpr size_t kRejectMessageBytesMax = 512;

/// One rejected event of a raw batch.
struct Reject {
  uint32_t raw_index = 0;  ///< the event in its RawBatch
  RejectClass reject_class = RejectClass::malformed;
  std::string column;   ///< dotted path of the column at fault; empty when it is the whole event
  std::string rule;     ///< name of the rule for RejectClass::rule, of the step for expression and expression_row
  std::string message;  ///< for people; UTF-8; writers of rejects never get more than kRejectMessageBytesMax
  std::optional<int64_t> event_time_us;  ///< of the event, when the contract names its column and it was read
};

/// Cuts the message (UTF-8) to kRejectMessageBytesMax bytes, between two characters, and gives back the memory of the
/// rest.
void bound_message(std::string& message);

}  // namespace weir
