/// \file
/// From the schema that a table has to one that takes what a pipeline writes, by changes that cost no reader anything.
#pragma once

#include <string>
#include <vector>

#include "iceberg/metadata/metadata_update.h"
#include "iceberg/schema/schema_diff.h"

namespace weir::iceberg {

enum class EvolutionMode : uint8_t {
  safe,  ///< new optional columns, wider types, optional instead of required, descriptions
  none   ///< the table stays as it is
};

struct EvolutionRules {
  EvolutionMode mode = EvolutionMode::safe;
  /// Dotted paths of columns that are new for certain, and not columns of the table under another name.
  std::vector<std::string> new_columns = {};
};

enum class SchemaChangeKind : uint8_t { add_column, widen_type, make_optional, describe };

/// The name in `weir plan --json`: "add_column".
std::string_view to_string(SchemaChangeKind kind);

struct SchemaChange {
  SchemaChangeKind kind = SchemaChangeKind::add_column;
  std::string path;    ///< dotted: "geo.lat", "tags.element"
  std::string before;  ///< type, "required" or description; empty for a new column
  std::string after;   ///< type, "optional" or description

  friend bool operator==(const SchemaChange&, const SchemaChange&) = default;
};

/// "+ note string", "~ n int -> long", "~ id required -> optional", "~ id described as 'what it is'".
std::string to_text(const SchemaChange& change);

/// What becomes of a table's schema.
struct SchemaEvolution {
  std::vector<SchemaChange> changes;        ///< in the order of the wanted columns
  std::vector<SchemaDifference> refused;    ///< what stands in the way, each with a way forward; then nothing changes
  SchemaPtr schema = nullptr;               ///< the table's next one; null when nothing changes
  std::vector<Requirement> requirements{};  ///< of the commit that makes the changes
  std::vector<MetadataUpdate> updates{};
};

/// Says how the current schema of `table` becomes one that takes rows of `wanted`, where that is safe: every file that
/// the table has stays readable, and no reader loses a value.
///
/// Names are matched by name at each level. The ids of the table stay; new columns get the next ones, and they are
/// optional whatever `wanted` says, because rows of before lack them. Types widen as the specification allows it: int
/// to long, float to double, decimal to more digits of the same scale; the key of a map stays as it is. What `wanted`
/// lacks stays and is written null, when it is optional. A description changes when `wanted` has one.
///
/// Refused is everything else, and what may be a mistake: a new column while another one of such a type is no longer
/// written looks like a rename (`rules.new_columns` says that it is none); names that differ in case only. A column of
/// the table's identifier stays required.
SchemaEvolution evolve_schema(const Schema& wanted, const TableMetadata& table, const EvolutionRules& rules);

}  // namespace weir::iceberg
