/// \file
/// What the tests of the decoders share: schemas in one line, events in, rows out as text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/decoder.h"

namespace weir::codec {

inline TypePtr primitive(TypeKind kind) {
  return Type::primitive(kind);
}
inline Field optional_field(std::string name, TypePtr type) {
  return {.id = 0, .name = std::move(name), .required = false, .type = std::move(type)};
}
inline Field required_field(std::string name, TypePtr type) {
  return {.id = 0, .name = std::move(name), .required = true, .type = std::move(type)};
}

template <typename Set>
TextFormat format_with(Set set) {
  TextFormat format;
  set(format);
  return format;
}
inline TextFormat raw_json_format() {
  return format_with([](TextFormat& format) { format.raw_json = true; });
}
inline TextFormat origin_format(ColumnOrigin origin) {
  return format_with([&](TextFormat& format) { format.origin = origin; });
}
inline TextFormat time_format(TimestampFormat timestamp) {
  return format_with([&](TextFormat& format) { format.timestamp = timestamp; });
}
inline TextFormat default_format(std::string json) {
  return format_with([&](TextFormat& format) { format.default_json = std::move(json); });
}

/// A value at a path of names.
inline TextFormat path_format(std::vector<PathStep> path) {
  return format_with([&](TextFormat& format) { format.path = std::move(path); });
}

inline SchemaPtr schema_of(std::vector<Field> fields) {
  return std::make_shared<const Schema>(assign_ids(fields));
}

/// Row `i` as text: "null", "12", "'text'", "{a: 1}", "[1, 2]", "{'k' -> 1}", bytes as hex.
std::string show(const Column& column, int64_t i);

/// What one decode() call gave, as text.
struct Outcome {
  std::vector<std::string> rows;     ///< "a=1 b='x'"
  std::vector<std::string> rejects;  ///< "0 malformed path: message"
  Decoded decoded;
  UnknownCounts unknown;  ///< by decode_json() only

  /// "class path" of each reject, without the message.
  std::vector<std::string> faults() const;
};

/// Topic "clicks", partition 3.
const SplitPtr& clicks_split();

/// Events of clicks_split(), from offset 100.
std::shared_ptr<const RawBatch> raw_batch(const std::vector<std::string>& events, std::string_view context = {});

/// Decodes `events` with `decoder` and checks what holds for every decode: rows + rejects = events, order, origins,
/// UTF-8 of messages.
Outcome decode_with(Decoder& decoder, std::shared_ptr<const RawBatch> raw);

/// Decodes with make_json_decoder(), and again with the On-Demand reader alone; both must give the same.
Outcome decode_json(const DecoderSpec& spec, const std::vector<std::string>& events);

/// A decoder that uses nothing but the On-Demand reader.
std::unique_ptr<Decoder> make_reference_decoder(const DecoderSpec& spec);

}  // namespace weir::codec
