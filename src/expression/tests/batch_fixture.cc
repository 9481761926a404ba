#include "expression/tests/batch_fixture.h"

#include <cstring>

#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "columnar/column_builder.h"
#include "expression/duck/type_mapping_internal.h"

namespace weir::expression {
namespace {

void append_cell(ColumnBuilder& builder, const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return builder.append_null();
  const auto integer = [&] { return std::get<int64_t>(cell); };
  switch (builder.type()->kind()) {
    case TypeKind::boolean: return static_cast<BooleanBuilder&>(builder).append(std::get<bool>(cell));
    case TypeKind::int32:
    case TypeKind::date: return static_cast<FixedBuilder<int32_t>&>(builder).append(static_cast<int32_t>(integer()));
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return static_cast<FixedBuilder<int64_t>&>(builder).append(integer());
    case TypeKind::float32:
      return static_cast<FixedBuilder<float>&>(builder).append(static_cast<float>(std::get<double>(cell)));
    case TypeKind::float64: return static_cast<FixedBuilder<double>&>(builder).append(std::get<double>(cell));
    case TypeKind::decimal: return static_cast<FixedBuilder<Int128>&>(builder).append(integer());
    case TypeKind::uuid:
    case TypeKind::fixed: return static_cast<FixedBytesBuilder&>(builder).append(std::get<std::string>(cell));
    case TypeKind::string:
    case TypeKind::binary: return static_cast<BytesBuilder&>(builder).append(std::get<std::string>(cell));
    default: FAIL() << "nested cells have no literal";
  }
}

std::string random_text(SeededRandom& random) {
  static const std::vector<std::string> kTexts = {"",
                                                  "a",
                                                  "b",
                                                  "abc",
                                                  "exactly12byt",
                                                  "thirteen byte",
                                                  "a longer text that does not fit inline",
                                                  "12",
                                                  "-7",
                                                  "3.5",
                                                  "ü",
                                                  "日本語",
                                                  "emoji 😀 and more text behind it",
                                                  "it's",
                                                  "quote \" and \\ backslash",
                                                  "2020-01-01",
                                                  "x\ty",
                                                  "Abc"};
  return kTexts[random.next_u64() % kTexts.size()];
}

Int128 random_decimal(const Type& type, SeededRandom& random) {
  const Int128 limit = power_of_ten(type.precision());
  switch (random.next_u64() % 4) {
    case 0: return limit - 1;
    case 1: return 1 - limit;
    default: {
      const Int128 value = static_cast<Int128>(random.next_u64() % 2000) - 1000;
      return value % limit;
    }
  }
}

void append_random(ColumnBuilder& builder, SeededRandom& random, bool nullable) {
  const uint64_t draw = random.next_u64();
  if (nullable && draw % 5 == 0) return builder.append_null();
  const auto small = static_cast<int64_t>((draw >> 8) % 20) - 5;
  const bool extreme = (draw >> 16) % 16 == 0;
  const Type& type = *builder.type();
  switch (type.kind()) {
    case TypeKind::boolean: return static_cast<BooleanBuilder&>(builder).append((draw >> 8) % 2 == 0);
    case TypeKind::int32:
      return static_cast<FixedBuilder<int32_t>&>(builder).append(extreme ? INT32_MIN : static_cast<int32_t>(small));
    case TypeKind::int64: return static_cast<FixedBuilder<int64_t>&>(builder).append(extreme ? INT64_MAX : small);
    case TypeKind::float32: return static_cast<FixedBuilder<float>&>(builder).append(static_cast<float>(small) / 4);
    case TypeKind::float64: return static_cast<FixedBuilder<double>&>(builder).append(static_cast<double>(small) / 8);
    case TypeKind::decimal: return static_cast<FixedBuilder<Int128>&>(builder).append(random_decimal(type, random));
    case TypeKind::date:
      return static_cast<FixedBuilder<int32_t>&>(builder).append(
          static_cast<int32_t>(extreme ? -700'000 : small * 400));
    case TypeKind::time:
      return static_cast<FixedBuilder<int64_t>&>(builder).append(extreme ? kMicrosPerDay - 1
                                                                         : (small + 5) * 3'600'000'001);
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
      return static_cast<FixedBuilder<int64_t>&>(builder).append(extreme ? -62'000'000'000'000'001
                                                                         : small * 86'400'000'123);
    case TypeKind::string: return static_cast<BytesBuilder&>(builder).append(random_text(random));
    case TypeKind::binary: {
      std::string bytes = random_text(random);
      if (extreme) bytes += std::string("\0\xff\x80", 3);
      return static_cast<BytesBuilder&>(builder).append(bytes);
    }
    case TypeKind::uuid:
    case TypeKind::fixed: {
      std::string bytes(static_cast<size_t>(type.width_bytes()), '\0');
      for (char& c : bytes) c = static_cast<char>(random.next_u64());
      return static_cast<FixedBytesBuilder&>(builder).append(bytes);
    }
    case TypeKind::structure: {
      auto& row = static_cast<StructBuilder&>(builder);
      for (size_t i = 0; i < row.child_count(); ++i) append_random(row.child(i), random, true);
      return row.close_row();
    }
    case TypeKind::list: {
      auto& row = static_cast<RepeatedBuilder&>(builder);
      for (uint64_t count = (draw >> 8) % 4; count > 0; --count) append_random(row.child(0), random, true);
      return row.close_row();
    }
    case TypeKind::map: {
      auto& row = static_cast<RepeatedBuilder&>(builder);
      for (uint64_t i = (draw >> 8) % 4; i > 0; --i) {  // keys of one map differ
        if (type.key().type->kind() == TypeKind::string) {
          static_cast<BytesBuilder&>(row.child(0))
              .append("key " + std::to_string(i) + ((draw >> 20) % 2 == 0 ? "" : " and quite some more"));
        } else {
          static_cast<FixedBuilder<int32_t>&>(row.child(0)).append(static_cast<int32_t>(i));
        }
        append_random(row.child(1), random, true);
      }
      return row.close_row();
    }
  }
}

std::string hex_of(std::string_view bytes) {
  static const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

template <typename T>
T value_at(const Column& column, int64_t row) {
  T value;
  std::memcpy(&value, column.values.data() + static_cast<size_t>(row) * sizeof(T), sizeof value);
  return value;
}

std::string number_text(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

std::string plain_literal(const Column& column, int64_t row) {
  switch (column.type->kind()) {
    case TypeKind::boolean: return column.boolean_at(row) ? "true" : "false";
    case TypeKind::int32: return "'" + std::to_string(value_at<int32_t>(column, row)) + "'";
    case TypeKind::int64: return "'" + std::to_string(value_at<int64_t>(column, row)) + "'";
    case TypeKind::float32: return "'" + number_text(value_at<float>(column, row)) + "'";
    case TypeKind::float64: return "'" + number_text(value_at<double>(column, row)) + "'";
    case TypeKind::decimal: return "'" + format_decimal(value_at<Int128>(column, row), column.type->scale()) + "'";
    case TypeKind::date: return "(DATE '1970-01-01' + " + std::to_string(value_at<int32_t>(column, row)) + ")";
    case TypeKind::time: return "'" + format_time(value_at<int64_t>(column, row)) + "'";
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
      return "make_timestamp" + std::string(column.type->kind() == TypeKind::timestamp ? "" : "tz") + "(" +
             std::to_string(value_at<int64_t>(column, row)) + ")";
    case TypeKind::string: return quote_literal(column.bytes_at(row));
    case TypeKind::uuid: {
      Uuid uuid;
      std::memcpy(uuid.bytes.data(), column.bytes_at(row).data(), 16);
      return "'" + uuid.to_string() + "'";
    }
    case TypeKind::fixed:
    case TypeKind::binary: return "unhex('" + hex_of(column.bytes_at(row)) + "')";
    default: return {};
  }
}

std::string list_literal(const Column& column, size_t child, int64_t row) {
  std::string text = "[";
  const std::span<const int32_t> offsets = column.offsets_span();
  for (int32_t i = offsets[static_cast<size_t>(row)]; i < offsets[static_cast<size_t>(row) + 1]; ++i) {
    if (text.size() > 1) text += ", ";
    text += literal(*column.children[child], i);
  }
  return text + "]";
}

}  // namespace

SchemaPtr make_schema(std::vector<std::pair<std::string, TypePtr>> columns) {
  std::vector<Field> fields;
  for (auto& [name, type] : columns) fields.push_back({.name = name, .type = type});
  return std::make_shared<const Schema>(assign_ids(fields));
}

ColumnPtr make_column(const TypePtr& type, const std::vector<Cell>& cells) {
  const auto builder = make_column_builder(type);
  for (const Cell& cell : cells) append_cell(*builder, cell);
  return builder->finish();
}

Batch make_batch(const SchemaPtr& schema, const std::vector<std::vector<Cell>>& rows) {
  std::vector<ColumnPtr> columns;
  for (size_t i = 0; i < schema->size(); ++i) {
    std::vector<Cell> cells;
    for (const auto& row : rows) cells.push_back(row[i]);
    columns.push_back(make_column(schema->field(i).type, cells));
  }
  auto origins = std::make_shared<RowOrigins>();
  const auto split = std::make_shared<const Split>();
  for (size_t i = 0; i < rows.size(); ++i) {
    origins->offset.push_back(static_cast<int64_t>(1000 + i));
    origins->add_to_run(split);
  }
  return Batch(schema, std::move(columns), static_cast<int64_t>(rows.size()), std::move(origins));
}

std::vector<std::pair<std::string, TypePtr>> every_type() {
  std::vector<std::pair<std::string, TypePtr>> columns;
  for (int kind = 0; kind < static_cast<int>(TypeKind::structure); ++kind) {
    const auto each = static_cast<TypeKind>(kind);
    if (each == TypeKind::decimal || each == TypeKind::fixed) continue;
    columns.emplace_back(std::string(to_string(each)), type_of(each));
  }
  for (const int precision : {1, 4, 5, 9, 10, 18, 19, 38})
    columns.emplace_back("decimal" + std::to_string(precision), Type::decimal(precision, precision / 2));
  columns.emplace_back("fixed3", Type::fixed(3));
  columns.emplace_back("fixed20", Type::fixed(20));
  const auto of = [](TypePtr type) { return Field{.name = "x", .type = std::move(type)}; };
  const TypePtr point = Type::structure({Field{.name = "lat", .type = type_of(TypeKind::float64)},
                                         Field{.name = "label", .type = type_of(TypeKind::string)},
                                         Field{.name = "flag", .type = type_of(TypeKind::boolean)}});
  columns.emplace_back("point", point);
  columns.emplace_back("nested",
                       Type::structure({Field{.name = "point", .type = point},
                                        Field{.name = "tags", .type = Type::list(of(type_of(TypeKind::string)))}}));
  columns.emplace_back("longs", Type::list(of(type_of(TypeKind::int64))));
  columns.emplace_back("flags", Type::list(of(type_of(TypeKind::boolean))));
  columns.emplace_back("lists", Type::list(of(Type::list(of(type_of(TypeKind::string))))));
  columns.emplace_back("points", Type::list(of(point)));
  columns.emplace_back("ids", Type::list(of(type_of(TypeKind::uuid))));
  columns.emplace_back("counts", Type::map(of(type_of(TypeKind::string)), of(type_of(TypeKind::int64))));
  columns.emplace_back("by_id", Type::map(of(type_of(TypeKind::int32)), of(point)));
  return columns;
}

ColumnPtr random_column(const TypePtr& type, int64_t rows, SeededRandom& random) {
  const auto builder = make_column_builder(type);
  const bool nullable = random.next_u64() % 4 != 0;
  for (int64_t i = 0; i < rows; ++i) append_random(*builder, random, nullable);
  return builder->finish();
}

Batch random_batch(const SchemaPtr& schema, int64_t rows, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<ColumnPtr> columns;
  for (const Field& field : schema->fields()) columns.push_back(random_column(field.type, rows, random));
  return Batch(schema, std::move(columns), rows, nullptr);
}

std::vector<int32_t> random_selection(int64_t rows, unsigned percent, SeededRandom& random) {
  std::vector<int32_t> selection;
  for (int64_t i = 0; i < rows; ++i) {
    if (random.next_u64() % 100 < percent) selection.push_back(static_cast<int32_t>(i));
  }
  return selection;
}

std::string literal(const Column& column, int64_t row) {
  const std::string type = to_duck_sql(*column.type);
  if (column.is_null(row)) return "CAST(NULL AS " + type + ")";
  switch (column.type->kind()) {
    case TypeKind::structure: {
      std::string text;
      for (size_t i = 0; i < column.children.size(); ++i) {
        text += (i == 0 ? "{" : ", ") + quote_literal(column.type->fields()[i].name) + ": " +
                literal(*column.children[i], row);
      }
      return "CAST(" + text + "} AS " + type + ")";
    }
    case TypeKind::list: return "CAST(" + list_literal(column, 0, row) + " AS " + type + ")";
    case TypeKind::map:
      return "CAST(map(" + list_literal(column, 0, row) + ", " + list_literal(column, 1, row) + ") AS " + type + ")";
    default: return "CAST(" + plain_literal(column, row) + " AS " + type + ")";
  }
}

bool equal_rows(const Column& a, int64_t i, const Column& b, int64_t j) {
  if (a.is_null(i) || b.is_null(j)) return a.is_null(i) == b.is_null(j);
  switch (a.type->kind()) {
    case TypeKind::boolean: return a.boolean_at(i) == b.boolean_at(j);
    case TypeKind::structure:
      for (size_t c = 0; c < a.children.size(); ++c) {
        if (!equal_rows(*a.children[c], i, *b.children[c], j)) return false;
      }
      return true;
    case TypeKind::list:
    case TypeKind::map: {
      const int32_t from_a = a.offsets_span()[static_cast<size_t>(i)];
      const int32_t from_b = b.offsets_span()[static_cast<size_t>(j)];
      const int32_t count = a.offsets_span()[static_cast<size_t>(i) + 1] - from_a;
      if (count != b.offsets_span()[static_cast<size_t>(j) + 1] - from_b) return false;
      for (int32_t e = 0; e < count; ++e) {
        for (size_t c = 0; c < a.children.size(); ++c) {
          if (!equal_rows(*a.children[c], from_a + e, *b.children[c], from_b + e)) return false;
        }
      }
      return true;
    }
    default: return a.bytes_at(i) == b.bytes_at(j);
  }
}

std::vector<std::optional<int64_t>> integers(const Column& column) {
  std::vector<std::optional<int64_t>> all;
  for (int64_t i = 0; i < column.length; ++i) {
    if (column.is_null(i)) {
      all.emplace_back();
    } else {
      all.emplace_back(column.type->width_bytes() == 4 ? value_at<int32_t>(column, i) : value_at<int64_t>(column, i));
    }
  }
  return all;
}

std::vector<std::optional<std::string>> texts(const Column& column) {
  std::vector<std::optional<std::string>> all;
  for (int64_t i = 0; i < column.length; ++i)
    all.push_back(column.is_null(i) ? std::nullopt : std::optional(std::string(column.bytes_at(i))));
  return all;
}

Oracle::Oracle() {
  EXPECT_EQ(duckdb_open(nullptr, database_.out()), DuckDBSuccess);
  EXPECT_EQ(duckdb_connect(database_.get(), connection_.out()), DuckDBSuccess);
  EXPECT_TRUE(succeeds("SET threads = 1"));
  EXPECT_TRUE(succeeds("SET TimeZone = 'UTC'"));
  EXPECT_TRUE(succeeds("SET Calendar = 'gregorian'"));
}

bool Oracle::succeeds(const std::string& sql) {
  ResultHandle result;
  return duckdb_query(connection_.get(), sql.c_str(), result.out()) == DuckDBSuccess;
}

std::vector<std::vector<std::optional<std::string>>> Oracle::query(const std::string& sql) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  ResultHandle result;
  const std::string as_text = "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (" + sql + ")";
  if (duckdb_query(connection_.get(), as_text.c_str(), result.out()) != DuckDBSuccess) {
    ADD_FAILURE() << duckdb_result_error(&result.get()) << "\n" << sql.substr(0, 2000);
    return rows;
  }
  while (const ChunkHandle chunk{duckdb_fetch_chunk(result.get())}) {
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row) {
      auto& cells = rows.emplace_back();
      for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk.get()); ++i) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), i);
        uint64_t* validity = duckdb_vector_get_validity(vector);
        if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) {
          cells.emplace_back();
        } else {
          cells.emplace_back(std::string(to_view(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row])));
        }
      }
    }
  }
  return rows;
}

std::string Oracle::values(const Batch& batch) {
  std::string sql = "(VALUES ";
  const auto add = [&](int64_t row) {
    if (sql.size() > 8) sql += ", ";
    sql += "(" + std::to_string(row);
    for (const ColumnPtr& column : batch.columns()) sql += ", " + literal(*column, row);
    sql += ")";
  };
  if (batch.all_selected()) {
    for (int64_t i = 0; i < batch.physical_rows(); ++i) add(i);
  } else {
    for (const int32_t row : batch.selection()) add(row);
  }
  sql += ") AS t(row_";
  for (const Field& field : batch.schema()->fields()) sql += ", " + quote_identifier(field.name);
  return sql + ")";
}

}  // namespace weir::expression
