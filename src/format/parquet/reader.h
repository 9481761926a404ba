/// \file
/// Reads Parquet files straight into columns: our own, and those of other writers of Iceberg tables. Nothing in a file
/// is trusted.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "columnar/batch.h"
#include "format/parquet/byte_source.h"
#include "format/parquet/metadata.h"

namespace weir::parquet {

/// What a reader accepts from a file; above it is limit_exceeded.
struct ReaderLimits {
  int64_t footer_bytes = int64_t{64} << 20;
  int64_t page_bytes = int64_t{256} << 20;     ///< decompressed
  int64_t chunk_bytes = int64_t{2} << 30;      ///< compressed, of one column in one row group
  int64_t row_group_bytes = int64_t{4} << 30;  ///< decompressed, of all wanted columns; also of the columns made
  int64_t row_group_rows = int64_t{64} << 20;
};

/// One file. One thread.
class Reader {
 public:
  virtual ~Reader() = default;

  /// Reads the footer and finds the fields of `wanted` in the file by their ids. A field that the file lacks is read as
  /// null. Integers and floats may be narrower in the file. `source` outlives the reader.
  /// Errors: corrupt; limit_exceeded; unsupported (encryption, a type that does not fit, a required field that is not
  /// there); those of the source.
  static Result<std::unique_ptr<Reader>> open(ByteSource& source, SchemaPtr wanted, const ReaderLimits& limits = {});

  virtual const FileMetadata& metadata() const = 0;
  /// Reads the wanted columns of a row group, rows in file order. Encodings: plain, dictionary, delta, delta length,
  /// byte-stream split; codecs: none, zstd, snappy, gzip. Errors: as open(); a value the type cannot hold is corrupt.
  virtual Result<Batch> read_row_group(size_t index) = 0;
};

}  // namespace weir::parquet
