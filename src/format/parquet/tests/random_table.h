/// \file
/// Random schemas and values that are hard on a Parquet writer.
#pragma once

#include "base/random.h"
#include "columnar/batch.h"
#include "format/parquet/writer.h"

namespace weir::parquet {

/// How many cases a test over random tables tries: `otherwise`, or what WEIR_PARQUET_CASES says (tools/test parquet).
uint64_t case_count(uint64_t otherwise);

/// A schema of one to six columns with ids, of any types, nested up to three deep.
SchemaPtr random_schema(SeededRandom& random);

/// `rows` rows: columns with few or many distinct values, runs, nulls; NaN, zeros of both signs, infinities; long texts
/// with characters of every length; the largest and smallest numbers.
Batch random_batch(const SchemaPtr& schema, int64_t rows, SeededRandom& random);

/// Small pages and row groups of random sizes, so that few rows make many of them.
WriterOptions random_options(SeededRandom& random);

/// A file in memory.
class MemorySink final : public ByteSink {
 public:
  Result<void> append(std::string_view bytes) override {
    file += bytes;
    return {};
  }
  std::string file;
};

/// Writes `batches` by `writer`, which writes to `sink`.
FileFacts write_all(Writer& writer, const std::vector<Batch>& batches);

}  // namespace weir::parquet
