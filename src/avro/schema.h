/// \file
/// Avro schemas (Avro 1.11 specification, "Schema Declaration") with the attributes that Iceberg adds: field-id,
/// element-id, key-id, value-id.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::avro {

enum class Kind : uint8_t {
  null,
  boolean,
  int32,
  int64,
  float32,
  float64,
  bytes,
  string,
  fixed,
  enumeration,
  record,
  array,
  map,
  union_of
};

struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

/// Stands for an attribute such as field-id that is not there.
inline constexpr int32_t kNoId = -1;

struct RecordField {
  std::string name;
  SchemaPtr schema;
  int32_t field_id = kNoId;
  std::optional<std::string> default_json = {};  ///< JSON text of the default
  std::string doc = {};
  std::string original_name = {};  ///< "iceberg-field-name": the name before it was made a valid Avro name
};

/// One node of a schema. Immutable once shared. Which members count depends on `kind`; the others keep their defaults.
struct Schema {
  Kind kind = Kind::null;
  std::string name = {};                   ///< record, fixed, enumeration: name with namespace
  std::string doc = {};                    ///< record
  std::vector<RecordField> fields = {};    ///< record
  std::vector<SchemaPtr> children = {};    ///< array: {items}; map: {values}; union: its branches
  std::vector<std::string> symbols = {};   ///< enumeration
  int32_t size_bytes = 0;                  ///< fixed
  std::string logical_type = {};           ///< "decimal", "date", "timestamp-micros", "map", ...; empty for none
  int32_t precision = 0;                   ///< logical type decimal
  int32_t scale = 0;                       ///< logical type decimal
  std::optional<bool> adjust_to_utc = {};  ///< Iceberg's mark on timestamps
  int32_t element_id = kNoId;              ///< array
  int32_t key_id = kNoId;                  ///< map
  int32_t value_id = kNoId;                ///< map

  const Schema& items() const { return *children[0]; }
};

/// Schemas deeper than this, or with more nodes when named types are written out, are refused.
inline constexpr int kSchemaDepthMax = 64;
inline constexpr int64_t kSchemaNodesMax = 10'000;

/// Makes a schema without parameters: null ... string. Shared instances.
SchemaPtr primitive(Kind kind);
/// ["null", schema].
SchemaPtr optional(SchemaPtr schema);

/// For a union of null and one other branch: that branch; for any other schema: null.
const Schema* optional_branch(const Schema& schema);

/// Parses schema JSON. Named types may be used again by name. Attributes that are not listed above are dropped.
/// Errors: corrupt for text that is no schema; unsupported for recursive types and for arrays or maps of values that
/// take no bytes; limit_exceeded for a schema too deep or too large.
Result<SchemaPtr> parse_schema(std::string_view json);

/// Returns the schema as JSON without blanks. A named type that occurs again is written as its name.
std::string to_json(const Schema& schema);

}  // namespace weir::avro
