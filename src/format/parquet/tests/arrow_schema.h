/// \file
/// The Parquet schema of a Weir schema by Arrow's own nodes: the oracle for ours.
#pragma once

#include <memory>

#include <parquet/schema.h>

#include "columnar/schema.h"

namespace weir::parquet::arrow_oracle {

/// The root group of a file: field ids on every node except the middle groups of lists and maps.
std::shared_ptr<::parquet::schema::GroupNode> to_parquet(const Schema& schema);

}  // namespace weir::parquet::arrow_oracle
