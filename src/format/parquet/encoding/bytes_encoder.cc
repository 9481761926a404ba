#include <algorithm>
#include <cstring>

#include "format/parquet/encoding/compression.h"
#include "format/parquet/encoding/delta_binary.h"
#include "format/parquet/encoding/dictionary.h"
#include "format/parquet/encoding/dictionary_gain.h"
#include "format/parquet/encoding/value_encoder_internal.h"
#include "format/parquet/encoding/value_range.h"
#include "format/parquet/page_order_internal.h"

namespace weir::parquet {
namespace {

constexpr size_t kStatisticsBytesMax = 64;  // of a bound in the footer and in page indexes
constexpr size_t kVectorBytes = 16;
constexpr size_t kBlocksBytesMax = 64;             // shorter values are copied in whole blocks, which costs no call
constexpr size_t kRatioBytes = size_t{64} * 1024;  // of a page, by which to tell what compression makes of it

/// Strings, binary, fixed, UUIDs, and decimals of more than 18 digits (big-endian two's complement).
class BytesEncoder final : public ValueEncoder {
 public:
  BytesEncoder(const Leaf& leaf, const WriterOptions& options)
      : width_(static_cast<size_t>(leaf.type_length)),
        is_decimal_(leaf.type->kind() == TypeKind::decimal),
        is_text_(leaf.type->kind() == TypeKind::string),
        has_lengths_apart_(options.encodings == Encodings::modern && width_ == 0),
        compression_level_(options.compression_level),
        dictionary_memory_max_(options.dictionary_memory_max),
        page_bytes_max_(options.page_bytes),
        page_rows_max_(options.page_rows),
        dictionary_(width_),
        keep_bytes_(std::max(options.bound_bytes_max, std::max(kStatisticsBytesMax + 1, width_))) {}

  void add(const LeafRows& rows) override {
    values_before_ = static_cast<int64_t>(indexes_.size());
    distinct_before_ = dictionary_size();
    for (const ValueRun& run : rows.present) add_run(*rows.column, run);
    if (!has_dictionary_) return;
    if (static_cast<int64_t>(dictionary_.value_bytes()) > kDictionaryBytesMax ||
        dictionary_.memory_bytes() > dictionary_memory_max_ ||
        (pages_ == 0 && (is_nearly_unique(static_cast<int64_t>(indexes_.size()), dictionary_size()) ||
                         dictionary_overflows(sample(kPagesSeen * page_values_expected())))))
      give_up_dictionary();
  }

  int64_t page_bytes() const override {
    // Until the first page decides about the dictionary it may turn out plain.
    if (has_dictionary_ && pages_ > 0) return static_cast<int64_t>(indexes_.size()) * bit_width(dictionary_.size()) / 8;
    return page_plain_bytes();
  }

  PageValues end_page(int64_t values_expected) override {
    const bool is_undecided = has_dictionary_ && pages_ == 0 && count_ != 0;
    if (is_undecided && !pays(sample(values_expected))) give_up_dictionary();
    PageValues page;
    page.byte_array_bytes = width_ == 0 ? byte_array_bytes_ : 0;
    encoded_.truncate(0);
    if (indexes_.size() != 0) {
      range_indexes();
      const int width = index_width(dictionary_.size());
      encoded_.push_back(static_cast<uint8_t>(width));
      encode_hybrid(std::span<const uint32_t>(indexes_.data(), indexes_.size()), width, encoded_);
      page.encoding = Encoding::rle_dictionary;
      page.bytes = {encoded_.data(), encoded_.size()};
      dictionary_kept_ = dictionary_.size();
    } else if (has_lengths_apart_ && count_ != 0) {
      encode_delta(std::span<const int32_t>(lengths_.data(), lengths_.size()), encoded_);
      encoded_.append(plain_.data(), plain_.size());
      page.encoding = Encoding::delta_length_byte_array;
      page.bytes = {encoded_.data(), encoded_.size()};
    } else {
      page.bytes = {plain_.data(), plain_.size()};
    }
    page.bounds = encoded(page_);
    if (count_ != 0) note_page(page.bounds && page.bounds->is_lower_exact && page.bounds->is_upper_exact);
    return page;
  }

  int64_t dictionary_size() const override { return static_cast<int64_t>(dictionary_.size()); }
  std::span<const uint8_t> dictionary_page() override { return dictionary_.page(); }

  BoundaryOrder page_order() const override { return order_.order(); }
  std::optional<EncodedBounds> chunk_bounds() const override { return encoded(chunk_); }
  int64_t chunk_nans() const override { return 0; }

  void end_chunk() override {
    file_.merge(chunk_);
    chunk_.clear();
    last_page_.clear();
    order_ = {};
    pages_ = 0;
    dictionary_.clear();
    dictionary_kept_ = 0;
  }

  void add_file_bounds(ColumnStatistics& statistics) const override {
    if (!file_.any()) return;
    statistics.lower = ColumnBound{as_stored(file_.lower()), file_.lower_is_cut()};
    statistics.upper = ColumnBound{as_stored(file_.upper()), file_.upper_is_cut()};
  }

  int64_t memory_bytes() const override {
    return static_cast<int64_t>(sizeof *this + used_.capacity()) + plain_.memory_bytes() + lengths_.memory_bytes() +
           indexes_.memory_bytes() + encoded_.memory_bytes() + scratch_.memory_bytes() + dictionary_.memory_bytes() +
           page_.memory_bytes() + last_page_.memory_bytes() + chunk_.memory_bytes() + file_.memory_bytes();
  }
  void free_buffers() override {
    plain_.reset();
    lengths_.reset();
    indexes_.reset();
    encoded_.reset();
    scratch_.reset();
    dictionary_.reset();
    used_ = std::vector<uint8_t>();
  }

 private:
  int64_t page_plain_bytes() const {
    return byte_array_bytes_ + (width_ == 0 ? count_ * static_cast<int64_t>(sizeof(uint32_t)) : 0);
  }

  int64_t page_values_expected() const {
    return std::min(page_rows_max_, page_bytes_max_ * count_ / std::max<int64_t>(page_plain_bytes(), 1));
  }

  void add_run(const Column& column, const ValueRun& run) {
    const auto count = static_cast<size_t>(run.end - run.begin);
    count_ += run.end - run.begin;
    if (width_ != 0) {
      byte_array_bytes_ += static_cast<int64_t>(count * width_);
      const char* from =
          is_decimal_ ? to_big_endian(column, run)
                      : reinterpret_cast<const char*>(column.values.data()) + static_cast<size_t>(run.begin) * width_;
      const char* const end = from + count * width_;
      const auto value_at = [&](size_t i) { return std::string_view(from + i * width_, width_); };
      return add_values(value_at, count, count * width_, end);
    }
    const auto* base = reinterpret_cast<const char*>(column.values.data());
    const char* const end = base + column.values.size();
    const int32_t* offsets = column.offsets_span().data() + run.begin;
    const auto bytes = static_cast<size_t>(offsets[count] - offsets[0]);
    byte_array_bytes_ += static_cast<int64_t>(bytes);
    const auto value_at = [&](size_t i) {
      return std::string_view(base + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i]));
    };
    add_values(value_at, count, bytes + count * sizeof(uint32_t), end);
  }

  template <typename ValueAt>
  void add_values(ValueAt value_at, size_t count, size_t plain_bytes, const char* end) {
    if (has_dictionary_) {
      uint32_t* to = indexes_.reserve_back(count);
      for (size_t i = 0; i < count; ++i) to[i] = dictionary_.add(value_at(i), end);
      indexes_.advance(count);
      return;
    }
    uint8_t* const begin = plain_.reserve_back(plain_bytes + kVectorBytes);
    uint8_t* to = begin;
    for (size_t i = 0; i < count; ++i) {
      const std::string_view value = value_at(i);
      page_.add(value, end);
      to = put(value, end, to);
    }
    plain_.advance(static_cast<size_t>(to - begin));
  }

  /// Writes a value plain; kVectorBytes beyond it may be written too.
  uint8_t* put(std::string_view value, const char* end, uint8_t* to) {
    if (has_lengths_apart_) {
      lengths_.push_back(static_cast<int32_t>(value.size()));
    } else if (width_ == 0) {
      const auto size = static_cast<uint32_t>(value.size());
      std::memcpy(to, &size, sizeof size);
      to += sizeof size;
    }
    const char* from = value.data();
    if (value.size() <= kBlocksBytesMax && end - from >= static_cast<ptrdiff_t>(kBlocksBytesMax)) {
      uint8_t* const stop = to + value.size();
      uint8_t* at = to;
      do {
        std::memcpy(at, from, kVectorBytes);
        at += kVectorBytes;
        from += kVectorBytes;
      } while (at < stop);
    } else {
      std::memcpy(to, from, value.size());
    }
    return to + value.size();
  }

  const char* to_big_endian(const Column& column, const ValueRun& run) {
    const auto count = static_cast<size_t>(run.end - run.begin);
    scratch_.truncate(0);
    uint8_t* to = scratch_.reserve_back(count * width_);
    const uint8_t* from = column.values.data() + static_cast<size_t>(run.begin) * sizeof(Int128);
    for (size_t i = 0; i < count; ++i, from += sizeof(Int128)) {
      for (size_t b = width_; b > 0; --b) *to++ = from[b - 1];
    }
    return reinterpret_cast<const char*>(scratch_.data());
  }

  DictionarySample sample(int64_t values_expected) const {
    return {.values = count_,
            .distinct = dictionary_size(),
            .values_before = values_before_,
            .distinct_before = distinct_before_,
            .plain_bytes = page_plain_bytes(),
            .dictionary_bytes = static_cast<int64_t>(dictionary_.value_bytes()),
            .values_expected = values_expected};
  }

  bool pays(DictionarySample sample) {
    if (dictionary_pays_surely(sample)) return true;
    if (compression_level_ == 0) return dictionary_pays(sample);
    scratch_.truncate(0);
    const auto page = dictionary_.page();
    const char* const end = reinterpret_cast<const char*>(page.data()) + page.size();
    for (size_t i = 0; i < indexes_.size() && scratch_.size() < kRatioBytes; ++i) {
      const std::string_view value = dictionary_.value(indexes_[i]);
      uint8_t* const to = scratch_.reserve_back(value.size() + sizeof(uint32_t) + kVectorBytes);
      scratch_.advance(static_cast<size_t>(put(value, end, to) - to));
    }
    sample.plain_ratio = compressed_share({scratch_.data(), scratch_.size()});
    sample.dictionary_ratio = compressed_share(page);
    lengths_.truncate(0);
    return dictionary_pays(sample);
  }

  /// Makes the page plain, and the rest of the file. What earlier pages refer to stays.
  void give_up_dictionary() {
    has_dictionary_ = false;
    const auto page = dictionary_.page();
    const char* const end = reinterpret_cast<const char*>(page.data()) + page.size();
    page_.clear();
    for (uint32_t v = 0; v < dictionary_.size(); ++v) {
      if (pages_ == 0) page_.add(dictionary_.value(v), end);
    }
    uint8_t* const begin = plain_.reserve_back(static_cast<size_t>(page_plain_bytes()) + kVectorBytes);
    uint8_t* to = begin;
    for (size_t i = 0; i < indexes_.size(); ++i) {
      const std::string_view value = dictionary_.value(indexes_[i]);
      if (pages_ != 0) page_.add(value, end);
      to = put(value, end, to);
    }
    plain_.advance(static_cast<size_t>(to - begin));
    indexes_.truncate(0);
    if (dictionary_kept_ != 0) return dictionary_.keep(dictionary_kept_);
    dictionary_.reset();
    indexes_.reset();
  }

  /// Gathers the range of the page's values. Those of a chunk's first page are all of the dictionary.
  void range_indexes() {
    const auto page = dictionary_.page();
    const char* const end = reinterpret_cast<const char*>(page.data()) + page.size();
    page_.clear();
    used_.assign(dictionary_.size(), pages_ == 0 ? 1 : 0);
    if (pages_ != 0) {
      for (size_t i = 0; i < indexes_.size(); ++i) used_[indexes_[i]] = 1;
    }
    for (uint32_t v = 0; v < used_.size(); ++v) {
      if (used_[v] != 0) page_.add(dictionary_.value(v), end);
    }
  }

  std::optional<EncodedBounds> encoded(const BytesRange& range) const {
    if (!range.any()) return std::nullopt;
    if (width_ != 0) return EncodedBounds{range.lower(), range.upper()};
    EncodedBounds bounds;
    bounds.is_lower_exact = range.lower().size() <= kStatisticsBytesMax;
    bounds.is_upper_exact = range.upper().size() <= kStatisticsBytesMax;
    bounds.lower = shortened_lower(range.lower(), kStatisticsBytesMax, is_text_);
    if (bounds.is_upper_exact)
      bounds.upper = range.upper();
    else if (!shortened_upper(range.upper(), kStatisticsBytesMax, is_text_, bounds.upper))
      return std::nullopt;
    return bounds;
  }

  std::string as_stored(const std::string& bytes) const {
    if (!is_decimal_) return bytes;
    Int128 value = (bytes[0] & 0x80) != 0 ? -1 : 0;
    for (const char byte : bytes)
      value = static_cast<Int128>(static_cast<UInt128>(value) << 8 | static_cast<uint8_t>(byte));
    return {reinterpret_cast<const char*>(&value), sizeof value};
  }

  void note_page(bool is_exact) {
    chunk_.merge(page_);
    // Bounds that were shortened may stand in another order than the values.
    if (!is_exact) order_.add(true, true);
    if (last_page_.any())
      order_.add(page_.lower_is_below(last_page_) || page_.upper_is_below(last_page_),
                 last_page_.lower_is_below(page_) || last_page_.upper_is_below(page_));
    last_page_ = page_;
    page_.clear();
    ++pages_;
    count_ = 0;
    byte_array_bytes_ = 0;
    indexes_.truncate(0);
    lengths_.truncate(0);
    plain_.truncate(0);
  }

  size_t width_;  ///< 0: each value has its own length
  bool is_decimal_;
  bool is_text_;
  bool has_lengths_apart_;  ///< DELTA_LENGTH_BYTE_ARRAY instead of plain
  int compression_level_;
  int64_t dictionary_memory_max_;
  int64_t page_bytes_max_;
  int64_t page_rows_max_;
  bool has_dictionary_ = true;
  int64_t pages_ = 0;             ///< of the chunk, with values
  int64_t count_ = 0;             ///< values of the page
  int64_t byte_array_bytes_ = 0;  ///< of the page's values, without lengths
  Bytes plain_;
  GrowingArray<int32_t> lengths_;
  GrowingArray<uint32_t> indexes_;
  BytesDictionary dictionary_;
  int64_t values_before_ = 0;    ///< in the page, at the last add()
  int64_t distinct_before_ = 0;  ///< of the dictionary, at the last add()
  size_t dictionary_kept_ = 0;   ///< entries that finished pages refer to
  Bytes encoded_;
  Bytes scratch_;
  std::vector<uint8_t> used_;
  size_t keep_bytes_;
  BytesRange page_{keep_bytes_, is_decimal_};
  BytesRange last_page_{keep_bytes_, is_decimal_};
  BytesRange chunk_{keep_bytes_, is_decimal_};
  BytesRange file_{keep_bytes_, is_decimal_};
  PageOrder order_;
};

}  // namespace

std::unique_ptr<ValueEncoder> make_bytes_encoder(const Leaf& leaf, const WriterOptions& options) {
  return std::make_unique<BytesEncoder>(leaf, options);
}

}  // namespace weir::parquet
