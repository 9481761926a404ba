/// \file
/// Arrow's Parquet writer behind our port: the oracle, and the peer of benchmarks.
#pragma once

#include "format/parquet/writer.h"

namespace weir::parquet::arrow_oracle {

/// Like Writer::open(). Takes no notice of `encodings`, `sorted_by` and `bound_bytes_max`; facts come without columns.
std::unique_ptr<Writer> open(SchemaPtr schema, const WriterOptions& options, ByteSink& sink);

}  // namespace weir::parquet::arrow_oracle
