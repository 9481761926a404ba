#include "format/parquet/encoding/value_encoder_internal.h"
#include "format/parquet/page_order_internal.h"

namespace weir::parquet {
namespace {

struct BooleanRange {
  bool any_true = false;
  bool any_false = false;
  bool any() const { return any_true || any_false; }
  bool lower() const { return !any_false; }
  bool upper() const { return any_true; }
};

/// Bits, plain: readers of Iceberg tables do not all know run-length encoded booleans.
class BooleanEncoder final : public ValueEncoder {
 public:
  void add(const LeafRows& rows) override {
    for (const ValueRun& run : rows.present) {
      bits_.reserve_back(static_cast<size_t>(run.end - run.begin) / 8 + 1);
      for (int64_t i = run.begin; i < run.end; ++i) push(rows.column->boolean_at(i));
    }
  }
  int64_t page_bytes() const override { return static_cast<int64_t>(bits_.size()); }

  PageValues end_page(int64_t) override {
    PageValues values;
    ended_.truncate(0);
    ended_.append(bits_.data(), bits_.size());
    values.bytes = {ended_.data(), ended_.size()};
    values.bounds = encoded(page_);
    if (page_.any()) {
      if (last_page_.any())
        order_.add(page_.lower() < last_page_.lower() || page_.upper() < last_page_.upper(),
                   page_.lower() > last_page_.lower() || page_.upper() > last_page_.upper());
      last_page_ = page_;
    }
    merge(page_, chunk_);
    page_ = {};
    bits_.truncate(0);
    count_ = 0;
    return values;
  }

  int64_t dictionary_size() const override { return 0; }
  std::span<const uint8_t> dictionary_page() override { return {}; }
  BoundaryOrder page_order() const override { return order_.order(); }
  std::optional<EncodedBounds> chunk_bounds() const override { return encoded(chunk_); }
  int64_t chunk_nans() const override { return 0; }
  void end_chunk() override {
    merge(chunk_, file_);
    chunk_ = last_page_ = {};
    order_ = {};
  }
  void add_file_bounds(ColumnStatistics& statistics) const override {
    if (!file_.any()) return;
    statistics.lower = ColumnBound{std::string(1, file_.lower() ? '\1' : '\0')};
    statistics.upper = ColumnBound{std::string(1, file_.upper() ? '\1' : '\0')};
  }
  int64_t memory_bytes() const override {
    return static_cast<int64_t>(sizeof *this) + bits_.memory_bytes() + ended_.memory_bytes();
  }
  void free_buffers() override {
    bits_.reset();
    ended_.reset();
  }

 private:
  void push(bool value) {
    if ((count_ & 7) == 0) bits_.push_back(0);
    bits_.back() = static_cast<uint8_t>(bits_.back() | (static_cast<unsigned>(value) << (count_ & 7)));
    ++count_;
    (value ? page_.any_true : page_.any_false) = true;
  }
  static void merge(const BooleanRange& from, BooleanRange& to) {
    to.any_true = to.any_true || from.any_true;
    to.any_false = to.any_false || from.any_false;
  }
  static std::optional<EncodedBounds> encoded(const BooleanRange& range) {
    if (!range.any()) return std::nullopt;
    return EncodedBounds{std::string(1, range.lower() ? '\1' : '\0'), std::string(1, range.upper() ? '\1' : '\0')};
  }

  Bytes bits_;
  Bytes ended_;
  int64_t count_ = 0;
  BooleanRange page_;
  BooleanRange last_page_;
  BooleanRange chunk_;
  BooleanRange file_;
  PageOrder order_;
};

}  // namespace

std::unique_ptr<ValueEncoder> make_boolean_encoder() {
  return std::make_unique<BooleanEncoder>();
}

std::unique_ptr<ValueEncoder> ValueEncoder::make(const Leaf& leaf, const WriterOptions& options) {
  switch (leaf.physical) {
    case PhysicalType::boolean: return make_boolean_encoder();
    case PhysicalType::byte_array:
    case PhysicalType::fixed_len_byte_array: return make_bytes_encoder(leaf, options);
    default: return make_number_encoder(leaf, options);
  }
}

}  // namespace weir::parquet
