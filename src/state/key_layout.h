/// \file
/// Keys as bytes: the columns that make a key, written in one canonical form, and their hash.
///
/// Equal keys have equal bytes whatever the batch, the machine and the width of the column (docs/formats/state.md,
/// "Keys"). So keys are compared, hashed, stored and sorted as bytes, and a column that is widened from int to long
/// keeps its state.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "columnar/column_builder.h"

namespace weir::state {

/// The keys of some rows: bytes, and one hash each. Made once a batch and used by whoever needs them: the exchange (the
/// key group), dedupe, windows, joins. Reusable: encode() fills it again without an allocation.
struct KeyBatch {
  std::vector<uint64_t> hashes;  ///< hash64 (XXH3) of the bytes of each key
  std::vector<uint32_t> ends;    ///< key i is bytes[ends[i], ends[i + 1]); hashes.size() + 1 entries
  std::vector<char> bytes;

  size_t size() const { return hashes.size(); }
  std::string_view key(size_t i) const { return {bytes.data() + ends[i], ends[i + 1] - ends[i]}; }
};

/// Which columns of a schema make the key, in which order. Immutable.
class KeyLayout {
 public:
  /// Longest key; longer ones are an error of the batch.
  static constexpr size_t kKeyBytesMax = 65'536;

  /// `columns` are indexes of top-level columns. Errors: unsupported for nested columns; invalid_argument for none.
  static Result<KeyLayout> bind(const Schema& schema, std::vector<int> columns);

  const std::vector<int>& columns() const { return columns_; }
  /// What the columns are, in canonical classes ("s,i,d2"); equal texts mean that stored keys can be read.
  const std::string& text() const { return text_; }

  /// Writes the keys of the selected rows of `batch`, in their order, and hashes them. Errors: limit_exceeded for a key
  /// above kKeyBytesMax or keys above 2 GiB together.
  Result<void> encode(const Batch& batch, KeyBatch& out) const;

  /// Appends the columns of a key to `builders`: one a column of the key, each of the type of that column. Errors:
  /// corrupt when the bytes are no key of this layout; the builders then have unequal lengths.
  Result<void> decode(std::string_view key, std::span<ColumnBuilder* const> builders) const;

 private:
  std::vector<int> columns_;
  std::vector<TypePtr> types_;
  std::string text_;
};

/// The hash of the key of rows that have none: that of one boolean column whose value is true.
uint64_t hash_without_key();

}  // namespace weir::state
