#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "base/random.h"
#include "columnar/column_builder.h"
#include "iceberg/tests/naive_statistics.h"
#include "iceberg/value/metrics.h"
#include "lake/data_file_writer_internal.h"
#include "lake/tests/nowhere_store.h"

namespace weir::lake {
namespace {

SchemaPtr schema() {
  const auto optional = [](const char* name, TypePtr type) { return Field{.name = name, .type = std::move(type)}; };
  return std::make_shared<const Schema>(assign_ids(
      std::vector<Field>{optional("text", Type::primitive(TypeKind::string)),
                         optional("bytes", Type::primitive(TypeKind::binary)), optional("amount", Type::decimal(30, 2)),
                         optional("price", Type::decimal(9, 2)), optional("number", Type::primitive(TypeKind::int64)),
                         optional("inner", Type::structure({optional("real", Type::primitive(TypeKind::float64)),
                                                            optional("flag", Type::primitive(TypeKind::boolean)),
                                                            optional("id", Type::primitive(TypeKind::uuid))})),
                         optional("list", Type::list({.name = "element", .type = Type::primitive(TypeKind::int32)}))}));
}

std::string random_text(SeededRandom& random) {
  static constexpr const char* kCharacters[] = {"a", "\u00ff", "\ud7ff", "\U0010ffff"};
  std::string text;
  const char* character = kCharacters[random.next_u64() % 4];
  for (uint64_t left = random.next_u64() % 24; left > 0; --left) text += character;
  return text;
}

void append_row(StructBuilder& row, SeededRandom& random) {
  const auto drawn = [&] { return random.next_u64(); };
  const auto maybe = [&](ColumnBuilder& builder, auto append) {
    if (drawn() % 5 == 0) return builder.append_null();
    append();
  };
  maybe(row.child(0), [&] { static_cast<BytesBuilder&>(row.child(0)).append(random_text(random)); });
  maybe(row.child(1), [&] { static_cast<BytesBuilder&>(row.child(1)).append(std::string(drawn() % 30, '\xff')); });
  for (const size_t decimal : {size_t{2}, size_t{3}})
    maybe(row.child(decimal), [&] {
      static_cast<FixedBuilder<Int128>&>(row.child(decimal)).append(static_cast<Int128>(drawn() % 100'000) - 50'000);
    });
  maybe(row.child(4), [&] { static_cast<FixedBuilder<int64_t>&>(row.child(4)).append(static_cast<int64_t>(drawn())); });
  maybe(row.child(5), [&] {
    auto& inner = static_cast<StructBuilder&>(row.child(5));
    static constexpr double kReals[] = {NAN, -0.0, 0.0, 1.5, -2.5};
    maybe(inner.child(0), [&] { static_cast<FixedBuilder<double>&>(inner.child(0)).append(kReals[drawn() % 5]); });
    static_cast<BooleanBuilder&>(inner.child(1)).append(drawn() % 2 == 0);
    static_cast<FixedBytesBuilder&>(inner.child(2)).append(std::string(16, static_cast<char>(drawn())));
    inner.close_row();
  });
  auto& list = static_cast<RepeatedBuilder&>(row.child(6));
  static_cast<FixedBuilder<int32_t>&>(list.child(0)).append(7);
  list.close_row();
  row.close_row();
}

Batch random_batch(const SchemaPtr& schema, uint64_t seed, int64_t rows) {
  SeededRandom random(seed);
  StructBuilder builder(Type::structure(schema->fields()));
  for (int64_t i = 0; i < rows; ++i) append_row(builder, random);
  return Batch(schema, builder.finish()->children, rows, nullptr);
}

using ValuesById = std::map<int32_t, std::vector<iceberg::Value>>;

/// The values of a field's leaves outside of lists; null where a struct around them is.
void add_values(const Field& field, const Column& column, const std::vector<bool>& is_around_null, ValuesById& values) {
  if (field.type->kind() == TypeKind::list) return;
  std::vector<bool> is_null = is_around_null;
  for (size_t i = 0; i < is_null.size(); ++i) is_null[i] = is_null[i] || column.is_null(static_cast<int64_t>(i));
  if (field.type->kind() == TypeKind::structure) {
    for (size_t c = 0; c < column.children.size(); ++c)
      add_values(field.type->fields()[c], *column.children[c], is_null, values);
    return;
  }
  for (size_t i = 0; i < is_null.size(); ++i)
    values[field.id].push_back(is_null[i] ? iceberg::Value() : iceberg::value_at(column, static_cast<int64_t>(i)));
}

iceberg::ColumnMetrics metrics_of_values(const Schema& schema, const iceberg::StringMap& properties,
                                         const ValuesById& values) {
  std::vector<ColumnStatistics> statistics;
  for (const auto& [id, all] : values)
    statistics.push_back(iceberg::naive_statistics(id, *schema.find_by_id(id)->type, all));
  return iceberg::metrics_of(schema, properties, statistics);
}

/// The writer counts while it encodes, and cuts bounds; here each value is looked at by itself, whole.
TEST(DataFileWriter, MetricsAreThoseOfTheColumns) {
  const SchemaPtr columns = schema();
  NowhereStore store;
  for (const char* mode : {"truncate(16)", "truncate(2)", "counts", "full", "none"}) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      SCOPED_TRACE(std::string(mode) + ", seed " + std::to_string(seed));
      const iceberg::StringMap properties = {{"write.metadata.metrics.default", mode}};
      const DataFileLayout layout(columns, properties, {.page_rows = 16});
      ValuesById values;
      const auto writer = DataFileWriter::create(store, "file:///x", layout).value();
      for (const int64_t rows : {int64_t{1}, static_cast<int64_t>(seed * 7 % 100 + 1)}) {
        const Batch batch = random_batch(columns, seed * 1000 + static_cast<uint64_t>(rows), rows);
        for (size_t c = 0; c < columns->size(); ++c)
          add_values(columns->field(c), batch.column(c), std::vector<bool>(static_cast<size_t>(rows)), values);
        ASSERT_TRUE(writer->write(batch).ok());
      }
      const iceberg::DataFile file = writer->finish({}, 0).value();
      const iceberg::ColumnMetrics metrics = metrics_of_values(*columns, properties, values);
      EXPECT_EQ(file.value_counts, metrics.value_counts);
      EXPECT_EQ(file.null_value_counts, metrics.null_value_counts);
      EXPECT_EQ(file.lower_bounds, metrics.lower_bounds);
      EXPECT_EQ(file.upper_bounds, metrics.upper_bounds);
      EXPECT_EQ(file.nan_value_counts, metrics.nan_value_counts);
    }
  }
}

}  // namespace
}  // namespace weir::lake
