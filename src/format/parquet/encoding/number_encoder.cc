#include <algorithm>
#include <cstring>
#include <type_traits>

#include "format/parquet/encoding/byte_stream_split.h"
#include "format/parquet/encoding/compression.h"
#include "format/parquet/encoding/delta_binary.h"
#include "format/parquet/encoding/dictionary.h"
#include "format/parquet/encoding/dictionary_gain.h"
#include "format/parquet/encoding/value_encoder_internal.h"
#include "format/parquet/encoding/value_range.h"
#include "format/parquet/page_order_internal.h"

namespace weir::parquet {
namespace {

/// Integers, floats, dates, times, and decimals that fit into 8 bytes.
template <typename T>
class NumberEncoder final : public ValueEncoder {
 public:
  explicit NumberEncoder(const Leaf& leaf, const WriterOptions& options)
      : is_decimal_(leaf.type->kind() == TypeKind::decimal),
        encodings_(options.encodings),
        compression_level_(options.compression_level),
        dictionary_memory_max_(options.dictionary_memory_max),
        page_values_max_(std::min(options.page_rows, options.page_bytes / static_cast<int64_t>(sizeof(T)))) {}

  void add(const LeafRows& rows) override {
    values_before_ = static_cast<int64_t>(indexes_.size());
    distinct_before_ = dictionary_size();
    for (const ValueRun& run : rows.present) add_values(values_of(*rows.column, run));
    if (!has_dictionary_) return;
    const bool is_first_page = pages_ == 0;
    if (static_cast<int64_t>(dictionary_.value_bytes()) > kDictionaryBytesMax ||
        dictionary_.memory_bytes() > dictionary_memory_max_ ||
        (is_first_page && (is_nearly_unique(static_cast<int64_t>(indexes_.size()), dictionary_size()) ||
                           dictionary_overflows(sample(kPagesSeen * page_values_max_)))))
      give_up_dictionary();
  }

  int64_t page_bytes() const override {
    // Until the first page decides about the dictionary it may turn out plain.
    if (has_dictionary_ && pages_ > 0) return static_cast<int64_t>(indexes_.size()) * bit_width(dictionary_.size()) / 8;
    return static_cast<int64_t>((plain_.size() + indexes_.size()) * sizeof(T));
  }

  PageValues end_page(int64_t values_expected) override {
    const bool is_undecided = has_dictionary_ && pages_ == 0 && indexes_.size() != 0;
    if (is_undecided && !pays(sample(values_expected))) give_up_dictionary();
    PageValues page;
    if (indexes_.size() != 0) {
      page_ = range_of_indexes();
      encode_indexes();
      page.encoding = Encoding::rle_dictionary;
      page.bytes = {encoded_.data(), encoded_.size()};
      dictionary_kept_ = dictionary_.size();
    } else {
      page.bytes = encode_values(page.encoding);
    }
    page.nans = page_.nans;
    page.bounds = encoded(page_);
    if (indexes_.size() + plain_.size() != 0) note_page();
    indexes_.truncate(0);
    plain_.truncate(0);
    return page;
  }

  int64_t dictionary_size() const override { return static_cast<int64_t>(dictionary_.size()); }
  std::span<const uint8_t> dictionary_page() override {
    return {reinterpret_cast<const uint8_t*>(dictionary_.values()), dictionary_.value_bytes()};
  }

  BoundaryOrder page_order() const override { return order_.order(); }
  std::optional<EncodedBounds> chunk_bounds() const override { return encoded(chunk_); }
  int64_t chunk_nans() const override { return chunk_.nans; }

  void end_chunk() override {
    file_.merge(chunk_);
    chunk_ = {};
    last_page_ = {};
    order_ = {};
    pages_ = 0;
    dictionary_.clear();
    dictionary_kept_ = 0;
  }

  void add_file_bounds(ColumnStatistics& statistics) const override {
    statistics.nans += file_.nans;
    if (!file_.any) return;
    statistics.lower = ColumnBound{as_stored(file_.lower), false};
    statistics.upper = ColumnBound{as_stored(file_.upper), false};
  }

  int64_t memory_bytes() const override {
    return static_cast<int64_t>(sizeof *this + used_.capacity() + narrow_.capacity() * sizeof(T)) +
           plain_.memory_bytes() + indexes_.memory_bytes() + encoded_.memory_bytes() + dictionary_.memory_bytes();
  }
  void free_buffers() override {
    plain_.reset();
    indexes_.reset();
    encoded_.reset();
    dictionary_.reset();
    used_ = std::vector<uint8_t>();
    narrow_ = std::vector<T>();
  }

 private:
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  using Range = NumberRange<T>;
  static constexpr size_t kRatioValues = 8192;  // of a page, by which to tell what compression makes of it

  std::span<const T> values_of(const Column& column, const ValueRun& run) {
    const auto count = static_cast<size_t>(run.end - run.begin);
    if constexpr (std::is_integral_v<T>) {
      if (is_decimal_) {
        const uint8_t* from = column.values.data() + static_cast<size_t>(run.begin) * sizeof(Int128);
        narrow_.resize(count);
        // Little-endian: the lower bytes are the number, its precision says that it fits.
        for (size_t i = 0; i < count; ++i) std::memcpy(&narrow_[i], from + i * sizeof(Int128), sizeof(T));
        return narrow_;
      }
    }
    return {reinterpret_cast<const T*>(column.values.data()) + run.begin, count};
  }

  void add_values(std::span<const T> values) {
    if (has_dictionary_) {
      uint32_t* to = indexes_.reserve_back(values.size());
      dictionary_.add({reinterpret_cast<const Bits*>(values.data()), values.size()}, to);
      indexes_.advance(values.size());
    } else {
      plain_.append(values.data(), values.size());
      page_.add(values);
    }
  }

  DictionarySample sample(int64_t values_expected) {
    const auto values = static_cast<int64_t>(indexes_.size());
    return {.values = values,
            .distinct = dictionary_size(),
            .values_before = values_before_,
            .distinct_before = distinct_before_,
            .plain_bytes = values * static_cast<int64_t>(sizeof(T)),
            .dictionary_bytes = static_cast<int64_t>(dictionary_.value_bytes()),
            .values_expected = values_expected};
  }

  /// Makes the page plain, and the rest of the file. What earlier pages refer to stays.
  void give_up_dictionary() {
    has_dictionary_ = false;
    T* to = plain_.reserve_back(indexes_.size());
    for (size_t i = 0; i < indexes_.size(); ++i) {
      const Bits bits = dictionary_.value(indexes_[i]);
      std::memcpy(to + i, &bits, sizeof bits);
    }
    plain_.advance(indexes_.size());
    indexes_.truncate(0);
    page_ = {};
    page_.add({plain_.data(), plain_.size()});
    if (dictionary_kept_ != 0) return dictionary_.keep(dictionary_kept_);
    dictionary_.reset();
    indexes_.reset();
  }

  /// Of the page's values. Those of a chunk's first page are all of the dictionary.
  Range range_of_indexes() {
    Range range;
    const std::span<const T> values(reinterpret_cast<const T*>(dictionary_.values()), dictionary_.size());
    if (pages_ == 0) {
      range.add(values);
    } else {
      used_.assign(values.size(), 0);
      for (size_t i = 0; i < indexes_.size(); ++i) used_[indexes_[i]] = 1;
      for (size_t v = 0; v < values.size(); ++v) {
        if (used_[v] != 0) range.add(values.subspan(v, 1));
      }
    }
    if (range.nans != 0) {  // there are several values that are NaN, and each may stand in many rows
      range.nans = 0;
      for (size_t i = 0; i < indexes_.size(); ++i) range.nans += values[indexes_[i]] != values[indexes_[i]] ? 1 : 0;
    }
    return range;
  }

  void encode_indexes() {
    const int width = index_width(dictionary_.size());
    encoded_.truncate(0);
    encoded_.push_back(static_cast<uint8_t>(width));
    encode_hybrid(std::span<const uint32_t>(indexes_.data(), indexes_.size()), width, encoded_);
  }

  /// Without a dictionary. Pages that are all null stay plain: not every reader takes empty ones of the other kinds.
  std::span<const uint8_t> encode_values(Encoding& encoding) {
    if (encodings_ == Encodings::modern && plain_.size() != 0) {
      encode_modern({plain_.data(), plain_.size()}, encoding);
      return {encoded_.data(), encoded_.size()};
    }
    encoding = Encoding::plain;
    return {reinterpret_cast<const uint8_t*>(plain_.data()), plain_.size() * sizeof(T)};
  }

  void encode_modern(std::span<const T> values, Encoding& encoding) {
    encoded_.truncate(0);
    if constexpr (std::is_integral_v<T>) {
      encoding = Encoding::delta_binary_packed;
      encode_delta(values, encoded_);
    } else {
      encoding = Encoding::byte_stream_split;
      uint8_t* to = encoded_.reserve_back(values.size_bytes());
      split_bytes(reinterpret_cast<const uint8_t*>(values.data()), values.size(), sizeof(T), to);
      encoded_.advance(values.size_bytes());
    }
  }

  bool pays(DictionarySample sample) {
    if (dictionary_pays_surely(sample)) return true;
    std::vector<T> values(std::min(indexes_.size(), kRatioValues));
    for (size_t i = 0; i < values.size(); ++i) {
      const Bits bits = dictionary_.value(indexes_[i]);
      std::memcpy(&values[i], &bits, sizeof bits);
    }
    std::span<const uint8_t> encoded(reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T));
    const auto plain_bytes = static_cast<double>(encoded.size());
    if (encodings_ == Encodings::modern) {
      Encoding encoding;
      encode_modern(values, encoding);
      encoded = {encoded_.data(), encoded_.size()};
    }
    const bool is_compressed = compression_level_ != 0;
    sample.plain_ratio =
        static_cast<double>(encoded.size()) / plain_bytes * (is_compressed ? compressed_share(encoded) : 1);
    sample.dictionary_ratio = is_compressed ? compressed_share(dictionary_page()) : 1;
    return dictionary_pays(sample);
  }

  static std::optional<EncodedBounds> encoded(const Range& range) {
    if (!range.any || range.nans != 0) return std::nullopt;  // readers order NaN where they like
    return EncodedBounds{bytes_of(range.lower), bytes_of(range.upper)};
  }

  static std::string bytes_of(T value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }
  std::string as_stored(T value) const {
    if constexpr (std::is_integral_v<T>) {
      if (is_decimal_) {
        const Int128 wide = value;
        return {reinterpret_cast<const char*>(&wide), sizeof wide};
      }
    }
    return bytes_of(value);
  }

  void note_page() {
    chunk_.merge(page_);
    if (page_.any) {
      if (last_page_.any) {
        order_.add(page_.lower < last_page_.lower || page_.upper<last_page_.upper, page_.lower> last_page_.lower ||
                   page_.upper > last_page_.upper);
      }
      last_page_ = page_;
    }
    page_ = {};
    ++pages_;
  }

  bool is_decimal_;
  Encodings encodings_;
  int compression_level_;
  int64_t dictionary_memory_max_;
  int64_t page_values_max_;  ///< of a column without nulls
  bool has_dictionary_ = true;
  int64_t pages_ = 0;  ///< of the chunk, with values
  GrowingArray<T> plain_;
  GrowingArray<uint32_t> indexes_;
  NumberDictionary<Bits> dictionary_;
  int64_t values_before_ = 0;    ///< in the page, at the last add()
  int64_t distinct_before_ = 0;  ///< of the dictionary, at the last add()
  size_t dictionary_kept_ = 0;   ///< entries that finished pages refer to
  Bytes encoded_;
  std::vector<uint8_t> used_;
  std::vector<T> narrow_;
  Range page_;
  Range last_page_;
  Range chunk_;
  Range file_;
  PageOrder order_;
};

}  // namespace

std::unique_ptr<ValueEncoder> make_number_encoder(const Leaf& leaf, const WriterOptions& options) {
  switch (leaf.physical) {
    case PhysicalType::int32: return std::make_unique<NumberEncoder<int32_t>>(leaf, options);
    case PhysicalType::int64: return std::make_unique<NumberEncoder<int64_t>>(leaf, options);
    case PhysicalType::float32: return std::make_unique<NumberEncoder<float>>(leaf, options);
    default: return std::make_unique<NumberEncoder<double>>(leaf, options);
  }
}

}  // namespace weir::parquet
