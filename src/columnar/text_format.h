/// \file
/// How the values of a column are written in text formats (JSON, CSV): what the contract says and the decoders obey.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// How an instant (timestamp, timestamptz) is written.
enum class TimestampFormat : uint8_t {
  rfc3339,        ///< text; timestamptz needs an offset, timestamp must have none
  epoch_seconds,  ///< integer, or a number with at most six decimals
  epoch_millis,
  epoch_micros,
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
};

/// Decoding hints of one column; `children` parallels Type::fields() and may be empty when all children use the
/// defaults.
struct TextFormat {
  TimestampFormat timestamp = TimestampFormat::rfc3339;
  BinaryFormat binary = BinaryFormat::base64;
  ColumnOrigin origin = ColumnOrigin::value;
  std::string source_name;  ///< the field's name in the event when it differs from the column's; empty = the same
  std::optional<std::string> default_json;  ///< JSON text of the value that stands for an absent field (not for null)
  bool raw_json = false;                    ///< a string column that keeps any JSON value as its text
  std::vector<TextFormat> children;
};

}  // namespace weir
