/// \file
/// Bytes to columns: decoders compiled from a schema.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "columnar/text_format.h"
#include "event/raw_batch.h"
#include "event/reject.h"

namespace weir::codec {

/// What became of one raw batch. Each event is either one row or one reject: batch.rows() + rejects.size() ==
/// raw.size().
struct Decoded {
  Batch batch;                  ///< dense, rows in raw order; origins filled; raw() kept
  std::vector<Reject> rejects;  ///< in raw order, at most one an event
  /// For people, said once a decoder: fields that the schema does not name, what a CSV header lacks. Usually empty.
  std::vector<std::string> notes;
};

/// Names of unknown fields that are told apart; what comes after counts under kOtherUnknownFields.
inline constexpr size_t kUnknownNamesMax = 100;
inline constexpr std::string_view kOtherUnknownFields = "(others)";

/// Events by the unknown field that they have: a dotted path through structs, printable and bounded.
using UnknownCounts = std::map<std::string, int64_t, std::less<>>;

inline constexpr int kDecodeDepthMax = 500;

/// Bounds on one event; above them it is a reject (too_deep, too_large).
struct DecodeLimits {
  int depth = 64;  ///< objects and arrays inside each other, the event itself included; 1..kDecodeDepthMax
  size_t event_bytes = 1 << 20;
  size_t fields_per_object = 10'000;
};

/// What a decoder is compiled from.
struct DecoderSpec {
  SchemaPtr schema;
  std::vector<TextFormat> formats = {};  ///< parallel to the schema's fields; empty = defaults for all
  DecodeLimits limits = {};
  UnknownFields unknown_fields = UnknownFields::warn;
};

/// One a thread; keeps its buffers from batch to batch.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Decodes all events of `raw`. What is wrong with an event is a reject; an error means that the batch cannot be
  /// decoded at all: limit_exceeded (more than 1 GiB in one column), corrupt (CSV: the header of the file is
  /// unusable, or names no column of the schema), internal.
  virtual Result<Decoded> decode(std::shared_ptr<const RawBatch> raw) = 0;

  /// Hands out what was counted since the last call.
  virtual UnknownCounts take_unknown_counts() = 0;
};

/// Makes a decoder of JSON objects (RFC 8259, one an event), as strict as README.md says.
/// Errors: invalid_argument, unsupported, when the formats do not fit the schema; the message names the column.
Result<std::unique_ptr<Decoder>> make_json_decoder(const DecoderSpec& spec);

/// How a CSV file is written (RFC 4180 by default).
struct CsvOptions {
  char delimiter = ',';
  char quote = '"';
  /// Unquoted fields that are null, beside the empty one; compared as they are.
  std::vector<std::string> null_words = {};
  bool trim = false;  ///< blanks and tabs around unquoted fields, names in the header included, do not count
};

/// Makes a decoder of CSV records; RawBatch::context() must hold the header record. Columns are matched by the header's
/// names. Nested columns are unsupported, except raw_json ones. Errors: as make_json_decoder.
Result<std::unique_ptr<Decoder>> make_csv_decoder(const DecoderSpec& spec, const CsvOptions& options = {});

}  // namespace weir::codec
