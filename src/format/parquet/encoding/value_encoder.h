/// \file
/// The values of a column chunk on their way into pages: encoding, dictionary, statistics, all in one pass.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "columnar/column_statistics.h"
#include "format/parquet/encoding/hybrid.h"
#include "format/parquet/leaf.h"
#include "format/parquet/read/leaf_rows.h"
#include "format/parquet/writer.h"

namespace weir::parquet {

/// Bounds of a page or chunk as statistics hold them: plain, of byte arrays without the length, shortened.
struct EncodedBounds {
  std::string lower;
  std::string upper;
  bool is_lower_exact = true;
  bool is_upper_exact = true;
};

/// The finished values of one page.
struct PageValues {
  Encoding encoding = Encoding::plain;
  std::span<const uint8_t> bytes;  ///< valid until the next call
  int64_t nans = 0;
  int64_t byte_array_bytes = 0;         ///< of the values alone, for SizeStatistics
  std::optional<EncodedBounds> bounds;  ///< none without a value, with NaNs, or when a bound cannot be shortened
};

/// One leaf's values. One thread. Life: add() any number of times, end_page(), ..., dictionary_page(), end_chunk(), and
/// again for the next chunk.
class ValueEncoder {
 public:
  virtual ~ValueEncoder() = default;

  static std::unique_ptr<ValueEncoder> make(const Leaf& leaf, const WriterOptions& options);

  /// Adds the present values of `rows`.
  virtual void add(const LeafRows& rows) = 0;
  /// About how many bytes end_page() would give now.
  virtual int64_t page_bytes() const = 0;
  /// Encodes what was added since the last page. `values_expected`: how many values the chunk may come to have.
  virtual PageValues end_page(int64_t values_expected) = 0;

  /// Entries of the dictionary that pages refer to; 0: no dictionary.
  virtual int64_t dictionary_size() const = 0;
  /// The dictionary page's content, plain. Valid until end_chunk().
  virtual std::span<const uint8_t> dictionary_page() = 0;

  /// Whether the pages' bounds rose or fell.
  virtual BoundaryOrder page_order() const = 0;
  virtual std::optional<EncodedBounds> chunk_bounds() const = 0;
  virtual int64_t chunk_nans() const = 0;
  virtual void end_chunk() = 0;

  /// Bounds and NaNs of all chunks that were ended, as columns hold them.
  virtual void add_file_bounds(ColumnStatistics& statistics) const = 0;

  virtual int64_t memory_bytes() const = 0;
  /// Gives back what buffers have grown to; after end_chunk().
  virtual void free_buffers() = 0;
};

}  // namespace weir::parquet
