/// \file
/// Writes one leaf: rows into pages, pages into a column chunk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "format/parquet/encoding/compression.h"
#include "format/parquet/encoding/value_encoder.h"
#include "format/parquet/page_levels.h"

namespace weir::parquet {

/// A column chunk that is in the file, and its page indexes, which are to follow later.
struct WrittenChunk {
  ColumnChunk metadata;
  std::string offset_index;
  std::string column_index;  ///< empty when bounds of a page are missing
};

/// One leaf of one file. One thread. Finished pages wait in memory, compressed, until the row group ends.
class ChunkWriter {
 public:
  /// `options` outlive the writer.
  ChunkWriter(Leaf leaf, const WriterOptions& options);

  const Leaf& leaf() const { return leaf_; }

  /// Adds rows [begin, end) of columns in the order of the schema. `rows_expected`: how many the row group may come to
  /// have. Errors: limit_exceeded.
  Result<void> add(LeafLocator& locator, std::span<const ColumnPtr> columns, int64_t begin, int64_t end,
                   int64_t rows_expected);

  /// Hands the chunk to `sink`; it starts at `offset` in the file. Errors: limit_exceeded; those of the sink.
  Result<WrittenChunk> end_chunk(ByteSink& sink, int64_t offset);

  /// What the file holds of the leaf, over all chunks that were ended.
  ColumnStatistics file_statistics() const;

  int64_t memory_bytes() const;
  /// Gives back what buffers have grown to; after end_chunk().
  void free_buffers();
  /// Bytes of finished pages and, about, of the open one.
  int64_t chunk_bytes() const;

 private:
  struct Page {
    size_t end = 0;  ///< in pages_bytes_; it begins where the one before ends
    int64_t first_row = 0;
    int64_t nulls = 0;
    int64_t nans = 0;
    int64_t values = 0;
    int64_t byte_array_bytes = 0;
    Encoding encoding = Encoding::plain;
    std::optional<EncodedBounds> bounds;
  };

  Result<void> add_rows(LeafLocator& locator, std::span<const ColumnPtr> columns, int64_t begin, int64_t end);
  Result<void> end_page();
  void append_page(PageHeader header, std::span<const uint8_t> content, Bytes& out);
  void decide_codec(std::span<const uint8_t> content, Encoding encoding);
  Result<void> write_dictionary(ByteSink& sink, ColumnChunk& chunk, int64_t offset);
  void describe_pages(ColumnChunk& chunk) const;
  std::string offset_index(int64_t pages_offset) const;
  std::string column_index() const;

  Leaf leaf_;
  const WriterOptions& options_;
  PageLevels levels_;
  std::unique_ptr<ValueEncoder> values_;
  std::optional<Codec> codec_;  ///< of the chunk, once its first page is there
  ZstdEffort effort_;           ///< of the chunk, when codec_ is zstd
  Bytes pages_bytes_;
  Bytes content_;  ///< scratch
  std::vector<Page> pages_;
  std::vector<int64_t> definition_histograms_;  ///< page after page
  std::vector<int64_t> repetition_histograms_;
  int64_t uncompressed_bytes_ = 0;
  int64_t rows_ = 0;       ///< of the chunk
  int64_t page_rows_ = 0;  ///< of the open page
  int64_t rows_expected_ = 0;
  ColumnStatistics file_;
  int64_t leaf_bytes_ = 0;  ///< of memory, beside sizeof
};

}  // namespace weir::parquet
