/// \file
/// Column chunks of one file taken over into another as they are.
#pragma once

#include "format/parquet/byte_source.h"
#include "format/parquet/write/chunk_writer.h"

namespace weir::parquet {

/// Whether the files have the same leaves: names may differ, ids, types and levels may not. Errors: unsupported.
Result<void> check_same_leaves(const std::vector<SchemaElement>& ours, const std::vector<SchemaElement>& theirs);

/// Copies `chunk` of `source` to `sink`, where it starts at `offset`. `path`: its leaf's, in the new file. Errors:
/// corrupt when the chunk or an index of it lies outside of `source`; those of source and sink.
Result<WrittenChunk> copy_chunk(ByteSource& source, const ColumnChunk& chunk, const std::vector<std::string>& path,
                                ByteSink& sink, int64_t offset);

}  // namespace weir::parquet
