#include "format/parquet/tests/random_table.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "columnar/column_builder.h"

namespace weir::parquet {
namespace {

constexpr int kNestingMax = 3;

/// How the values of one column are drawn.
struct Style {
  uint64_t distinct = 0;      ///< values are drawn from so many
  uint64_t null_percent = 0;  ///< of optional fields
  uint64_t run = 1;           ///< each drawn value is repeated up to so often
};

TypePtr random_primitive(SeededRandom& random) {
  const auto kind = static_cast<TypeKind>(random.next_u64() % static_cast<uint64_t>(TypeKind::structure));
  if (kind == TypeKind::decimal) {
    const auto precision = static_cast<int>(1 + random.next_u64() % 38);
    return Type::decimal(precision, static_cast<int>(random.next_u64() % static_cast<uint64_t>(precision + 1)));
  }
  if (kind == TypeKind::fixed) return Type::fixed(static_cast<int>(1 + random.next_u64() % 20));
  return Type::primitive(kind);
}

TypePtr random_type(SeededRandom& random, int depth);

Field random_field(SeededRandom& random, std::string name, int depth) {
  const bool required = random.next_u64() % 3 == 0;
  return {.name = std::move(name), .required = required, .type = random_type(random, depth)};
}

TypePtr random_type(SeededRandom& random, int depth) {
  const uint64_t draw = random.next_u64() % 8;
  if (depth >= kNestingMax || draw < 5) return random_primitive(random);
  if (draw == 5) return Type::list(random_field(random, "element", depth + 1));
  if (draw == 6) {
    Field key{.name = "key", .required = true, .type = random_primitive(random)};
    return Type::map(std::move(key), random_field(random, "value", depth + 1));
  }
  std::vector<Field> fields;
  for (uint64_t i = 0; i <= random.next_u64() % 3; ++i)
    fields.push_back(random_field(random, "f" + std::to_string(i), depth + 1));
  return Type::structure(std::move(fields));
}

/// A number of up to `bits` bits: small, large, and at the ends.
int64_t random_integer(uint64_t value) {
  switch (value % 5) {
    case 0: return static_cast<int64_t>(value % 1000) - 500;
    case 1: return std::numeric_limits<int64_t>::max() - static_cast<int64_t>(value % 3);
    case 2: return std::numeric_limits<int64_t>::min() + static_cast<int64_t>(value % 3);
    default: return static_cast<int64_t>(value * 0x9e3779b97f4a7c15U);
  }
}

double random_float(uint64_t value) {
  switch (value % 16) {
    case 0: return std::numeric_limits<double>::quiet_NaN();
    case 1: return -0.0;
    case 2: return 0.0;
    case 3: return std::numeric_limits<double>::infinity();
    case 4: return -std::numeric_limits<double>::infinity();
    default: return static_cast<double>(static_cast<int64_t>(value) % 100'000) / 100;
  }
}

std::string random_text(uint64_t value) {
  static constexpr const char* kCharacters[] = {"a", "z", "\x7f", "\u00ff", "\u07ff", "\ud7ff", "\uffff", "\U0010ffff"};
  std::string text;
  const uint64_t length = value % 11 == 0 ? 30 + value % 90 : value % 12;
  uint64_t state = value;
  for (uint64_t i = 0; i < length; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const bool same = value % 7 < 3;  // the same character again and again: bounds that are hard to shorten
    text += kCharacters[same ? value % 8 : (state >> 33) % 8];
  }
  return text;
}

std::string random_bytes(uint64_t value, size_t size) {
  std::string bytes(size, value % 4 == 0 ? '\xff' : static_cast<char>(value));
  for (size_t i = 0; i < size && value % 3 == 0; ++i) bytes[i] = static_cast<char>(value * (i + 31) >> 7);
  return bytes;
}

Int128 random_decimal(uint64_t value, int precision) {
  const Int128 limit = power_of_ten(precision) - 1;
  if (value % 7 == 0) return limit;
  if (value % 7 == 1) return -limit;
  const auto wide = static_cast<Int128>(value) * static_cast<Int128>(value * 0x9e3779b97f4a7c15U >> 4);
  return wide % (limit + 1) * (value % 2 == 0 ? 1 : -1);
}

void append_primitive(ColumnBuilder& builder, uint64_t value) {
  const Type& type = *builder.type();
  switch (type.kind()) {
    case TypeKind::boolean: return static_cast<BooleanBuilder&>(builder).append(value % 2 == 0);
    case TypeKind::int32:
    case TypeKind::date:
      return static_cast<FixedBuilder<int32_t>&>(builder).append(static_cast<int32_t>(random_integer(value) >> 32));
    case TypeKind::float32:
      return static_cast<FixedBuilder<float>&>(builder).append(static_cast<float>(random_float(value)));
    case TypeKind::float64: return static_cast<FixedBuilder<double>&>(builder).append(random_float(value));
    case TypeKind::decimal:
      return static_cast<FixedBuilder<Int128>&>(builder).append(random_decimal(value, type.precision()));
    case TypeKind::string: return static_cast<BytesBuilder&>(builder).append(random_text(value));
    case TypeKind::binary: return static_cast<BytesBuilder&>(builder).append(random_bytes(value, value % 100));
    case TypeKind::uuid: return static_cast<FixedBytesBuilder&>(builder).append(random_bytes(value, 16));
    case TypeKind::fixed:
      return static_cast<FixedBytesBuilder&>(builder).append(
          random_bytes(value, static_cast<size_t>(type.width_bytes())));
    case TypeKind::time:
      return static_cast<FixedBuilder<int64_t>&>(builder).append(static_cast<int64_t>(value % 86'400'000'000));
    default: return static_cast<FixedBuilder<int64_t>&>(builder).append(random_integer(value));
  }
}

void append_value(ColumnBuilder& builder, bool required, const Style& style, SeededRandom& random) {
  if (!required && random.next_u64() % 100 < style.null_percent) return builder.append_null();
  const Type& type = *builder.type();
  if (!type.is_nested()) {
    uint64_t value = random.next_u64() % style.distinct;
    value = value * 0xd6e8feb86659fd93U >> 3;
    return append_primitive(builder, value);
  }
  if (type.kind() == TypeKind::structure) {
    auto& row = static_cast<StructBuilder&>(builder);
    for (size_t i = 0; i < row.child_count(); ++i) append_value(row.child(i), type.fields()[i].required, style, random);
    return row.close_row();
  }
  auto& row = static_cast<RepeatedBuilder&>(builder);
  for (uint64_t count = random.next_u64() % 4; count > 0; --count) {
    for (size_t i = 0; i < type.fields().size(); ++i)
      append_value(row.child(i), type.fields()[i].required, style, random);
  }
  row.close_row();
}

ColumnPtr random_rows(const Field& field, int64_t rows, SeededRandom& random) {
  static constexpr uint64_t kDistinct[] = {1, 2, 3, 7, 100, 3000, uint64_t{1} << 60};
  static constexpr uint64_t kNullPercents[] = {0, 0, 1, 50, 99, 100};
  const Style style{.distinct = kDistinct[random.next_u64() % std::size(kDistinct)],
                    .null_percent = kNullPercents[random.next_u64() % std::size(kNullPercents)],
                    .run = random.next_u64() % 4 == 0 ? 40U : 1U};
  const std::unique_ptr<ColumnBuilder> builder = make_column_builder(field.type);
  const std::unique_ptr<ColumnBuilder> drawn = make_column_builder(field.type);
  while (builder->length() < rows) {
    append_value(*drawn, field.required, style, random);
    const ColumnPtr value = drawn->finish();
    for (uint64_t times = 1 + random.next_u64() % style.run; times > 0 && builder->length() < rows; --times)
      builder->append_from(*value, 0);
  }
  return builder->finish();
}

}  // namespace

uint64_t case_count(uint64_t otherwise) {
  const char* const given = std::getenv("WEIR_PARQUET_CASES");
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

SchemaPtr random_schema(SeededRandom& random) {
  std::vector<Field> fields;
  for (uint64_t i = 0; i <= random.next_u64() % 5; ++i)
    fields.push_back(random_field(random, "c" + std::to_string(i), 0));
  return std::make_shared<const Schema>(assign_ids(fields));
}

Batch random_batch(const SchemaPtr& schema, int64_t rows, SeededRandom& random) {
  std::vector<ColumnPtr> columns;
  for (const Field& field : schema->fields()) columns.push_back(random_rows(field, rows, random));
  return {schema, std::move(columns), rows, nullptr};
}

WriterOptions random_options(SeededRandom& random) {
  WriterOptions options;
  options.encodings = random.next_u64() % 2 == 0 ? Encodings::compatible : Encodings::modern;
  options.page_bytes = int64_t{16} << random.next_u64() % 14;
  options.page_rows = int64_t{1} << random.next_u64() % 12;
  options.row_group_bytes = int64_t{4096} << random.next_u64() % 10;
  options.compression_level = static_cast<int>(random.next_u64() % 3);
  return options;
}

FileFacts write_all(Writer& writer, const std::vector<Batch>& batches) {
  for (const Batch& batch : batches) {
    const Result<void> written = writer.write(batch);
    WEIR_CHECK_MSG(written.ok(), written.error().to_string());
  }
  return writer.finish().value();
}

}  // namespace weir::parquet
