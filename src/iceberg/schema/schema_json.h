/// \file
/// Schemas as Iceberg writes them in JSON (Iceberg specification, appendix C "Schemas").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/schema.h"

namespace weir::iceberg {

/// Types nested deeper than this are refused.
inline constexpr int kTypeDepthMax = 32;

/// `{"type":"struct","schema-id":N,"fields":[...]}`, without blanks except in "decimal(P, S)"; with the key
/// "identifier-field-ids" when there are any: the columns that tell the table's rows apart.
std::string schema_to_json(const Schema& schema, const std::vector<int32_t>& identifier_field_ids = {});

/// The key "identifier-field-ids" of a schema's JSON; nothing where there is none, or none that can be read.
std::vector<int32_t> identifier_field_ids(std::string_view schema_json);

/// Parses a schema. Keys that we do not know, such as identifier-field-ids and defaults, are ignored.
/// Errors: corrupt for text that is no schema, ids that repeat included; unsupported for types of format version 3
/// (timestamp_ns, timestamptz_ns, variant, unknown, geometry, geography) and for types that no version knows;
/// limit_exceeded.
Result<SchemaPtr> schema_from_json(std::string_view text);

}  // namespace weir::iceberg
