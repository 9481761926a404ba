/// \file
/// Names of the module for headers that need no more than the name.
#pragma once

namespace weir::parquet {
class ByteSink;
class Writer;
struct FileFacts;
struct WriterOptions;
}  // namespace weir::parquet
