/// \file
/// Name mappings: how readers find the columns of files that carry no field ids (Iceberg specification, "Column
/// Projection").
#pragma once

#include <string>
#include <string_view>

#include "columnar/schema.h"

namespace weir::iceberg {

/// The table property that holds a name mapping.
inline constexpr std::string_view kNameMappingProperty = "schema.name-mapping.default";

/// The mapping from the names of `schema` to its ids: `[{"field-id":1,"names":["id"]},...]`.
std::string name_mapping_to_json(const Schema& schema);

}  // namespace weir::iceberg
