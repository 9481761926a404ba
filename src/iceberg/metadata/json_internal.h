/// \file
/// JSON as the files of this module use it: parsed with exact 64-bit integers and bounded depth, read by getters that
/// name what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "columnar/schema.h"
#include "iceberg/metadata/snapshot.h"
#include "iceberg/partition/partition_spec.h"

namespace weir::iceberg {

/// Keeps the order of keys, so that what we rewrite stays readable next to what we read.
using Json = nlohmann::ordered_json;

inline constexpr int kJsonDepthMax = 200;

/// Parses `text`. Errors: corrupt, limit_exceeded when nested too deep.
Result<Json> parse_json(std::string_view text);

/// JSON text without blanks. Bytes that are not UTF-8 become U+FFFD.
std::string dump(const Json& json);

/// Appends `text` to `out` as a JSON string with quotes.
void append_quoted(std::string_view text, std::string& out);

/// A corrupt error that names `where`.
Error bad_json(std::string_view where, std::string_view what);

/// The member `key` when it is there and not null, else null.
const Json* member(const Json& json, std::string_view key);

/// Required members. Errors: corrupt.
Result<int64_t> get_int64(const Json& json, std::string_view key);
Result<int32_t> get_int32(const Json& json, std::string_view key);
Result<std::string> get_string(const Json& json, std::string_view key);

/// Members that may be missing or null. Errors: corrupt for another type.
Result<std::optional<int64_t>> find_int64(const Json& json, std::string_view key);
Result<std::optional<int32_t>> find_int32(const Json& json, std::string_view key);
Result<std::optional<std::string>> find_string(const Json& json, std::string_view key);

/// What the functions on text do, on trees: for documents that embed these things.
Json fields_to_tree(const std::vector<Field>& fields);
Json type_to_tree(const Type& type);

Result<SchemaPtr> schema_from_tree(const Json& json);
std::vector<int32_t> identifier_ids_of_tree(const Json& schema);
Result<PartitionSpec> partition_spec_from_tree(const Json& json);
Result<Snapshot> snapshot_from_tree(const Json& json);

}  // namespace weir::iceberg
