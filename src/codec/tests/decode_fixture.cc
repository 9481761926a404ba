#include "codec/tests/decode_fixture.h"

#include <charconv>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/random.h"
#include "codec/json/json_reader_internal.h"
#include "codec/json/unknown_fields_internal.h"
#include "codec/row_columns_internal.h"
#include "codec/utf8.h"

namespace weir::codec {
namespace {

template <typename T>
T value_at(const Column& column, int64_t i) {
  return column.values_as<T>()[static_cast<size_t>(i)];
}

template <typename T>
std::string shortest(T value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

std::string show_repeated(const Column& column, int64_t i) {
  const bool is_map = column.type->kind() == TypeKind::map;
  std::string text = is_map ? "{" : "[";
  const auto at = column.offsets_span();
  for (int32_t e = at[static_cast<size_t>(i)]; e < at[static_cast<size_t>(i) + 1]; ++e) {
    if (e > at[static_cast<size_t>(i)]) text += ", ";
    text += show(*column.children[0], e);
    if (is_map) text += " -> " + show(*column.children[1], e);
  }
  return text + (is_map ? "}" : "]");
}

std::string show_struct(const Column& column, int64_t i) {
  std::string text = "{";
  for (size_t c = 0; c < column.children.size(); ++c) {
    if (c > 0) text += ", ";
    text += column.type->fields()[c].name + ": " + show(*column.children[c], i);
  }
  return text + "}";
}

class ReferenceDecoder final : public Decoder {
 public:
  explicit ReferenceDecoder(const DecoderSpec& spec)
      : limits_(spec.limits),
        columns_(RowColumns::make(spec).value()),
        unknown_(spec.unknown_fields),
        reader_(spec.limits, &unknown_) {}
  Result<Decoded> decode(std::shared_ptr<const RawBatch> raw) override {
    return columns_->decode(std::move(raw), limits_.event_bytes, [this](std::string_view event, RowFailure& failure) {
      return reader_.read(event, columns_->root(), failure);
    });
  }
  UnknownCounts take_unknown_counts() override { return unknown_.take_counts(); }

 private:
  DecodeLimits limits_;
  std::unique_ptr<RowColumns> columns_;
  UnknownTally unknown_;
  JsonReader reader_;
};

void expect_sound(const Decoded& decoded, const RawBatch& raw) {
  const auto& rows = decoded.batch.origins()->raw_index;
  ASSERT_EQ(rows.size() + decoded.rejects.size(), raw.size());
  ASSERT_EQ(static_cast<size_t>(decoded.batch.rows()), rows.size());
  size_t row = 0;
  size_t reject = 0;
  for (uint32_t i = 0; i < raw.size(); ++i) {
    if (row < rows.size() && rows[row] == i) {
      EXPECT_EQ(decoded.batch.origins()->offset[row], raw.offset(i));
      EXPECT_EQ(decoded.batch.origins()->split(static_cast<int64_t>(row)), raw.split(i));
      ++row;
    } else {
      ASSERT_LT(reject, decoded.rejects.size());
      EXPECT_EQ(decoded.rejects[reject++].raw_index, i);
    }
  }
  for (const Reject& r : decoded.rejects) {
    EXPECT_LE(r.message.size(), kRejectMessageBytesMax);
    EXPECT_FALSE(r.message.empty());
    EXPECT_TRUE(is_utf8(r.message)) << r.message;
  }
  for (const ColumnPtr& column : decoded.batch.columns()) EXPECT_EQ(column->length, decoded.batch.rows());
}

}  // namespace

std::string show(const Column& column, int64_t i) {
  if (column.is_null(i)) return "null";
  switch (column.type->kind()) {
    case TypeKind::boolean: return column.boolean_at(i) ? "true" : "false";
    case TypeKind::int32: return std::to_string(value_at<int32_t>(column, i));
    case TypeKind::int64: return std::to_string(value_at<int64_t>(column, i));
    case TypeKind::float32: return shortest(value_at<float>(column, i));
    case TypeKind::float64: return shortest(value_at<double>(column, i));
    case TypeKind::decimal: return format_decimal(value_at<Int128>(column, i), column.type->scale());
    case TypeKind::date: return format_date(value_at<int32_t>(column, i));
    case TypeKind::time: return format_time(value_at<int64_t>(column, i));
    case TypeKind::timestamp: return format_datetime(value_at<int64_t>(column, i));
    case TypeKind::timestamptz: return format_datetime(value_at<int64_t>(column, i)) + "Z";
    case TypeKind::string: return "'" + std::string(column.bytes_at(i)) + "'";
    case TypeKind::uuid: {
      Uuid uuid;
      std::memcpy(uuid.bytes.data(), column.bytes_at(i).data(), 16);
      return uuid.to_string();
    }
    case TypeKind::fixed:
    case TypeKind::binary: return hex_encode(column.bytes_at(i));
    case TypeKind::structure: return show_struct(column, i);
    case TypeKind::list:
    case TypeKind::map: return show_repeated(column, i);
  }
  return "?";
}

std::vector<std::string> Outcome::faults() const {
  std::vector<std::string> all;
  for (const Reject& reject : decoded.rejects) {
    all.push_back(std::string(to_string(reject.reject_class)) + (reject.column.empty() ? "" : " " + reject.column));
  }
  return all;
}

const SplitPtr& clicks_split() {
  static const auto kSplit = std::make_shared<const Split>(Split{.source = "s", .topic = "clicks", .partition = 3});
  return kSplit;
}

std::shared_ptr<const RawBatch> raw_batch(const std::vector<std::string>& events, std::string_view context) {
  RawBatchBuilder builder;
  builder.set_context(context);
  int64_t offset = 100;
  for (const std::string& event : events) builder.add(event, {.split = &clicks_split(), .offset = offset++});
  return builder.finish();
}

Outcome decode_with(Decoder& decoder, std::shared_ptr<const RawBatch> raw) {
  auto decoded = decoder.decode(raw);
  Outcome outcome;
  if (!decoded.ok()) {
    ADD_FAILURE() << decoded.error().to_string();
    return outcome;
  }
  outcome.decoded = std::move(decoded).value();
  expect_sound(outcome.decoded, *raw);
  const Batch& batch = outcome.decoded.batch;
  for (int64_t i = 0; i < batch.rows(); ++i) {
    std::string row;
    for (size_t c = 0; c < batch.columns().size(); ++c) {
      row += (c > 0 ? " " : "") + batch.schema()->field(c).name + "=" + show(batch.column(c), i);
    }
    outcome.rows.push_back(std::move(row));
  }
  for (const Reject& reject : outcome.decoded.rejects) {
    outcome.rejects.push_back(std::to_string(reject.raw_index) + " " + std::string(to_string(reject.reject_class)) +
                              " " + reject.column + ": " + reject.message);
  }
  return outcome;
}

std::unique_ptr<Decoder> make_reference_decoder(const DecoderSpec& spec) {
  return std::make_unique<ReferenceDecoder>(spec);
}

Outcome decode_json(const DecoderSpec& spec, const std::vector<std::string>& events) {
  auto decoder = make_json_decoder(spec);
  if (!decoder.ok()) {
    ADD_FAILURE() << decoder.error().to_string();
    return {};
  }
  const auto raw = raw_batch(events);
  Outcome outcome = decode_with(**decoder, raw);
  const auto reference_decoder = make_reference_decoder(spec);
  const Outcome reference = decode_with(*reference_decoder, raw);
  outcome.unknown = (*decoder)->take_unknown_counts();
  // Which names are told apart when there are too many depends on the order in which they are counted.
  const bool is_countable = outcome.unknown.size() <= kUnknownNamesMax;
  const UnknownCounts reference_unknown = reference_decoder->take_unknown_counts();
  if (is_countable) {
    EXPECT_EQ(outcome.unknown, reference_unknown);
  }
  EXPECT_EQ(outcome.rows, reference.rows);
  EXPECT_EQ(outcome.rejects, reference.rejects);
  // Again with what the decoder has learned from the first time.
  const Outcome again = decode_with(**decoder, raw);
  EXPECT_EQ(again.rows, reference.rows);
  EXPECT_EQ(again.rejects, reference.rejects);
  if (is_countable) {
    EXPECT_EQ((*decoder)->take_unknown_counts(), outcome.unknown);
  }
  return outcome;
}

}  // namespace weir::codec
