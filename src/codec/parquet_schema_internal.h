/// \file
/// The Parquet schema of a Weir schema, as the Iceberg specification maps types ("Parquet" appendix). Internal:
/// includes Parquet's headers.
#pragma once

#include <memory>

#include <parquet/schema.h>

#include "columnar/schema.h"

namespace weir::codec {

/// The root group of a file: field ids on every node except the middle groups of lists and maps.
std::shared_ptr<parquet::schema::GroupNode> to_parquet(const Schema& schema);

}  // namespace weir::codec
