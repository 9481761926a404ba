/// \file
/// What a pipeline wants to write against what a table has, for people.
#pragma once

#include <string>
#include <vector>

#include "columnar/schema.h"

namespace weir::iceberg {

enum class SchemaFit : uint8_t {
  equal,   ///< the same columns with the same types and requiredness; order and docs do not count
  fits,    ///< every row can be written as it is, with nulls for columns that we do not have and with wider types
  differs  ///< the table must change first, or the pipeline
};

struct SchemaDifference {
  std::string path;           ///< dotted: "geo.lat", "tags.element"
  std::string text;           ///< "is int in the table and long here": a sentence without its subject
  bool blocks = false;        ///< rows cannot be written
  bool is_unwritten = false;  ///< an optional column of the table that gets nulls
};

struct SchemaDiff {
  SchemaFit fit = SchemaFit::equal;
  std::vector<SchemaDifference> differences;  ///< in the order of the wanted columns, then what only the table has
};

/// The field of that name; null when there is none.
const Field* find_name(const std::vector<Field>& fields, const std::string& name);

/// True when every value of `from` is one of `to`, another primitive type: int in a long, float in a double, a decimal
/// in one of as many or more digits and the same scale. What the specification lets a column become.
bool widens_to(const Type& from, const Type& to);

/// Compares `wanted` with `table`, names by name at each level: the ids of a contract and those of a table are
/// unrelated. Types that fit: the same, int in a long, float in a double, a decimal in a wider one of the same scale.
SchemaDiff compare_schemas(const Schema& wanted, const Schema& table);

/// True when files that were written with schema `written` of a table keep the promises of its schema `current`: each
/// field that is required now was there and required then. By field id, at every level.
bool keeps_required(const Schema& written, const Schema& current);

}  // namespace weir::iceberg
