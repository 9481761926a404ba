/// \file
/// How the values of a column are written in text formats (JSON, CSV): what the contract says and the decoders obey.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// How a time (timestamp, timestamptz, date, time) is written.
enum class TimestampFormat : uint8_t {
  rfc3339,        ///< text; timestamptz needs an offset, timestamp must have none
  epoch_seconds,  ///< integer, or a number with at most six decimals
  epoch_millis,
  epoch_micros,
  epoch_nanos,  ///< integer
  epoch_days,   ///< date; integer
  pattern,      ///< text as TextFormat::pattern has it; dates and times, too
};

/// How bytes (binary, fixed) are written.
enum class BinaryFormat : uint8_t { base64, hex };

/// Where a column's value comes from.
enum class ColumnOrigin : uint8_t {
  value,      ///< the event's own field
  topic,      ///< Kafka topic, or path of the file (string)
  partition,  ///< int
  offset,     ///< long
  timestamp,  ///< timestamptz, as given by the source
  key,        ///< message key (string or binary)
  line,       ///< of the file, from 1 (long)
  headers,    ///< all of the message's headers (map of string to string or binary)
  header,     ///< the one that source_name says (string or binary)
  unknown,  ///< the event's fields that no column reads, as one JSON object (raw_json string); null when there are none
};

/// What becomes of fields that the schema does not name. Where a column takes them (ColumnOrigin::unknown), those of
/// the event itself are kept, and this is for fields inside of structs.
enum class UnknownFields : uint8_t {
  warn,    ///< left out, counted, and said once a name
  ignore,  ///< left out and counted
  reject,  ///< the event is rejected (unknown_field)
};

/// One step of a path into a JSON value.
struct PathStep {
  std::string name;  ///< of an object's field; empty names count
  int index = -1;    ///< >= 0: of a list's element, and `name` says nothing
};

/// Decoding hints of one column; `children` parallels Type::fields() and may be empty when all children use the
/// defaults.
struct TextFormat {
  TimestampFormat timestamp = TimestampFormat::rfc3339;
  BinaryFormat binary = BinaryFormat::base64;
  ColumnOrigin origin = ColumnOrigin::value;
  std::string pattern;  ///< TimestampFormat::pattern: of base/time_pattern.h
  /// timestamptz by a pattern without an offset: minutes east of UTC.
  std::optional<int32_t> offset_minutes;
  bool truncate_finer = false;  ///< times finer than a microsecond are cut; else they are rejected
  bool accept_text = false;     ///< JSON: a number may also stand in quotes
  bool decimal_comma = false;   ///< numbers in CSV fields and in quotes: ',' for the decimal point, which is refused
  std::string source_name;      ///< the field's name in the event when it differs from the column's; empty = the same
  /// JSON: where the value lies when it is not a field of the event itself; not empty, then source_name is not used.
  /// A value that is not there (also because what should hold it is something else) is absent.
  std::vector<PathStep> path;
  std::optional<std::string> default_json;  ///< JSON text of the value that stands for an absent field (not for null)
  bool raw_json = false;                    ///< a string column that keeps any JSON value as its text
  std::vector<TextFormat> children;
};

}  // namespace weir
