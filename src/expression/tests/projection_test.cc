#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expression/tests/batch_fixture.h"

namespace weir::expression {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::monostate kNull;

SchemaPtr input() {
  std::vector<Field> fields = {
      {.name = "id", .required = true, .type = type_of(TypeKind::int64)},
      {.name = "name", .type = type_of(TypeKind::string)},
      {.name = "geo",
       .type = Type::structure({Field{.name = "lat", .required = true, .type = type_of(TypeKind::float64)},
                                Field{.name = "lon", .type = type_of(TypeKind::float64)}})},
      {.name = "price", .type = Type::decimal(9, 2)}};
  return std::make_shared<const Schema>(assign_ids(fields, 100));
}

std::unique_ptr<Projection> must_bind(const std::vector<std::string>& items, const SchemaPtr& schema) {
  std::vector<SelectItem> list;
  for (const std::string& item : items) list.push_back({.sql = item});
  auto bound = Projection::bind(list, schema);
  EXPECT_TRUE(bound.ok()) << items[0] << ": " << (bound.ok() ? "" : bound.error().to_string());
  return bound.ok() ? std::move(bound).value() : nullptr;
}

std::string bind_error(const std::vector<std::string>& items, const SchemaPtr& schema, TextPlace* place = nullptr) {
  std::vector<SelectItem> list;
  for (const std::string& item : items) list.push_back({.sql = item});
  const auto bound = Projection::bind(list, schema, {.engine = nullptr, .place = place});
  return bound.ok() ? "no error" : bound.error().message();
}

std::string shape(const Schema& schema) {
  std::string text;
  for (const Field& field : schema.fields()) {
    text += (text.empty() ? "" : ", ") + std::to_string(field.id) + ":" + field.name + " " + field.type->to_string() +
            (field.required ? " required" : "");
  }
  return text;
}

Batch must_apply(Projection& projection, const Batch& batch) {
  auto projected = projection.apply(batch);
  EXPECT_TRUE(projected.ok()) << projected.error().to_string();
  if (!projected.ok()) return {};
  EXPECT_TRUE(projected->failures.empty()) << projected->failures[0].message;
  return projected->batch;
}

TEST(Projection, NamesTypesAndRequirednessOfTheOutput) {
  EXPECT_EQ(
      shape(*must_bind({"id", "geo.lat", "geo.lon as longitude", "upper(name) as loud", "price * 2 as double_price"},
                       input())
                 ->schema()),
      "1:id long required, 2:lat double, 3:longitude double, 4:loud string, 5:double_price decimal(18, 2)");
  EXPECT_EQ(shape(*must_bind({"*"}, input())->schema()),
            "1:id long required, 2:name string, 3:geo struct<lat: double, lon: double>, 4:price decimal(9, 2)");
  EXPECT_EQ(shape(*must_bind({"* exclude (GEO, name)", "1 as one"}, input())->schema()),
            "1:id long required, 2:price decimal(9, 2), 3:one int");
}

TEST(Projection, AnItemThatIsAColumnsNameIsThatColumn) {
  const auto schema = std::make_shared<const Schema>(
      assign_ids(std::vector<Field>{{.name = "at", .type = type_of(TypeKind::timestamptz)},
                                    {.name = "two words", .type = type_of(TypeKind::string)},
                                    {.name = "a + b", .type = type_of(TypeKind::int64)}}));
  EXPECT_EQ(shape(*must_bind({"at", "two words", "a + b"}, schema)->schema()),
            "1:at timestamptz, 2:two words string, 3:a + b long");
}

TEST(Projection, FieldIdsAreFreshInsideToo) {
  const auto projection = must_bind({"geo", "{'x': id} as made"}, input());
  const Schema& schema = *projection->schema();
  EXPECT_EQ(schema.field(0).type->fields()[0].id, 3);
  EXPECT_EQ(schema.field(1).type->fields()[0].id, 5);
  const Batch out = must_apply(*projection, random_batch(input(), 10, 1));
  for (size_t i = 0; i < 2; ++i)
    EXPECT_EQ(*out.column(i).type, *schema.field(i).type) << "columns carry the output's types";
}

TEST(Projection, PlainReferencesShareBuffersAndKeepTheSelection) {
  const Batch batch = random_batch(input(), 100, 2).with_selection({5, 6, 99});
  const Batch out = must_apply(*must_bind({"name", "id as key", "geo"}, input()), batch);
  EXPECT_EQ(out.column(0).values.data(), batch.column(1).values.data());
  EXPECT_EQ(out.column(1).values.data(), batch.column(0).values.data());
  EXPECT_EQ(out.column(2).children[0]->values.data(), batch.column(2).children[0]->values.data());
  EXPECT_THAT(std::vector<int32_t>(out.selection().begin(), out.selection().end()), ElementsAre(5, 6, 99));
}

TEST(Projection, AFieldOfANullStructIsNull) {
  const Batch batch = random_batch(input(), 300, 3);
  const Batch plain = must_apply(*must_bind({"geo.lat"}, input()), batch);
  const Batch computed = must_apply(*must_bind({"coalesce(geo.lat, geo.lat) as lat"}, input()), batch);
  for (int64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(plain.column(0).is_null(i), batch.column(2).is_null(i) || batch.column(2).children[0]->is_null(i)) << i;
    EXPECT_TRUE(equal_rows(plain.column(0), i, computed.column(0), i)) << i;
  }
}

TEST(Projection, OriginsStayWithTheirRows) {
  const SchemaPtr schema = make_schema({{"n", type_of(TypeKind::int64)}});
  std::vector<std::vector<Cell>> rows;
  for (int64_t i = 0; i < 10; ++i) rows.push_back({i});
  const auto projection = must_bind({"n", "n * 10 as m"}, schema);
  for (const std::vector<int32_t>& selection :
       {std::vector<int32_t>{2, 7}, {0, 1, 2, 3, 5, 6, 7, 8, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {}}) {
    const Batch out = must_apply(*projection, make_batch(schema, rows).with_selection(selection)).compact();
    ASSERT_EQ(out.rows(), static_cast<int64_t>(selection.size()));
    for (size_t i = 0; i < selection.size(); ++i) {
      EXPECT_EQ(out.origins()->offset[i], 1000 + selection[i]);
      EXPECT_EQ(integers(out.column(0))[i], selection[i]);
      EXPECT_EQ(integers(out.column(1))[i], selection[i] * 10);
    }
  }
}

TEST(Projection, EveryTypeSurvivesTheWayThroughDuckDB) {
  const SchemaPtr schema = make_schema(every_type());
  std::vector<std::string> items;
  for (const Field& field : schema->fields())
    items.push_back("if(true, \"" + field.name + "\", \"" + field.name + "\") as \"" + field.name + "\"");
  const auto projection = must_bind(items, schema);
  for (size_t i = 0; i < schema->size(); ++i) {
    const TypePtr& type = schema->field(i).type;
    if (type->kind() == TypeKind::fixed) {
      EXPECT_EQ(projection->schema()->field(i).type->kind(), TypeKind::binary);
    } else {
      EXPECT_EQ(projection->schema()->field(i).type->to_string(), type->to_string());
    }
  }
  SeededRandom random(7);
  uint64_t seed = 10;
  for (const int64_t rows : {0, 1, 7, 2047, 2048, 2049, 5000, 40'000}) {
    for (const unsigned percent : {100U, 80U, 10U}) {
      Batch batch = random_batch(schema, rows, ++seed);
      if (percent != 100) batch = batch.with_selection(random_selection(rows, percent, random));
      const Batch out = must_apply(*projection, batch);
      ASSERT_EQ(out.rows(), batch.rows());
      for (int64_t k = 0; k < batch.rows(); ++k) {
        const int64_t from = batch.all_selected() ? k : batch.selection()[static_cast<size_t>(k)];
        const int64_t to = out.all_selected() ? k : out.selection()[static_cast<size_t>(k)];
        for (size_t i = 0; i < schema->size(); ++i) {
          ASSERT_TRUE(equal_rows(batch.column(i), from, out.column(i), to))
              << schema->field(i).name << " row " << from << " of " << rows << ", " << percent << "%";
        }
      }
      for (const ColumnPtr& column : out.columns()) EXPECT_EQ(column->length, out.physical_rows());
      if (rows > 5000) break;
    }
  }
}

TEST(Projection, ValuesMeanInDuckDBWhatTheyMeanHere) {
  const SchemaPtr schema = make_schema(every_type());
  const Batch batch = random_batch(schema, 300, 99);
  Oracle oracle;
  std::vector<std::string> items;
  std::string list;
  for (const Field& field : schema->fields()) {
    items.push_back("cast(\"" + field.name + "\" as varchar) as \"" + field.name + "\"");
    list += ", \"" + field.name + "\"";
  }
  const Batch out = must_apply(*must_bind(items, schema), batch);
  const auto expected = oracle.query("SELECT row_" + list + " FROM " + Oracle::values(batch) + " ORDER BY row_");
  ASSERT_EQ(expected.size(), 300U);
  for (size_t i = 0; i < schema->size(); ++i) {
    const auto column = texts(out.column(i));
    for (size_t row = 0; row < 300; ++row)
      EXPECT_EQ(column[row], expected[row][i + 1]) << schema->field(i).name << " row " << row;
  }
}

TEST(Projection, ResultsOfOtherTypesAreWidenedExactly) {
  const SchemaPtr schema = make_schema({{"n", type_of(TypeKind::int64)}});
  const auto projection =
      must_bind({"n::tinyint as a", "n::usmallint as b", "n::uinteger as c", "n::ubigint as d", "n::hugeint as e",
                 "[n::tinyint] as f", "{'x': n::utinyint, 'y': map([1::smallint], [n::ubigint])} as g",
                 "make_timestamp(n)::timestamp_s as h", "'happy'::enum('sad', 'happy') as i", "[n, n]::bigint[2] as j",
                 "('{\"a\": ' || n || '}')::json as k"},
                schema);
  EXPECT_EQ(shape(*projection->schema()),
            "1:a int, 2:b int, 3:c long, 4:d decimal(20, 0), 5:e decimal(38, 0), 6:f list<int>, 7:g struct<x: int, y: "
            "map<int, decimal(20, 0)>>, 8:h timestamp, "
            "9:i string, 10:j list<long>, 11:k string");
  const Batch out = must_apply(*projection, make_batch(schema, {{int64_t{42}}, {kNull}}));
  EXPECT_THAT(integers(out.column(0)), ElementsAre(42, std::nullopt));
  EXPECT_THAT(texts(out.column(8)), ElementsAre("happy", "happy"));
  EXPECT_THAT(texts(out.column(10)), ElementsAre("{\"a\": 42}", std::nullopt));
}

TEST(Projection, TypesWithoutAnExactPlaceAreRefusedWithTheCast) {
  const SchemaPtr schema = make_schema({{"n", type_of(TypeKind::int64)}});
  EXPECT_THAT(bind_error({"interval 1 day as x"}, schema), HasSubstr("DuckDB's type INTERVAL; turn it into a number"));
  EXPECT_THAT(bind_error({"make_timestamp_ns(n) as x"}, schema),
              HasSubstr("TIMESTAMP_NS; cast it: cast(... as TIMESTAMP)"));
  EXPECT_THAT(bind_error({"n::varchar::bit as x"}, schema), HasSubstr("type BIT"));
  EXPECT_THAT(bind_error({"n::uhugeint as x"}, schema), HasSubstr("DECIMAL(38,0)"));
  EXPECT_THAT(bind_error({"row(n, 1) as x"}, schema), HasSubstr("name its fields"));
  EXPECT_THAT(bind_error({"[interval 1 day] as x"}, schema), HasSubstr("INTERVAL"));
}

TEST(Projection, NamesAreNeededAndUnique) {
  TextPlace place;
  EXPECT_THAT(bind_error({"id", "upper(name)"}, input(), &place), HasSubstr("needs a name; write: expression as name"));
  EXPECT_EQ(place.item, 1U);
  EXPECT_THAT(bind_error({"id", "name as ID"}, input(), &place), HasSubstr("two columns are called 'ID'"));
  EXPECT_EQ(place.item, 1U);
  EXPECT_THAT(bind_error({"*", "id"}, input()), HasSubstr("two columns are called 'id'"));
  EXPECT_THAT(bind_error({}, input()), HasSubstr("no columns"));
  EXPECT_THAT(bind_error({"* exclude (id, name, geo, price)"}, input()), HasSubstr("no columns"));
  const std::vector<SelectItem> named = {{.sql = "id + 1", .name = "next"}, {.sql = "name as name", .name = "name"}};
  EXPECT_TRUE(Projection::bind(named, input()).ok());
  EXPECT_FALSE(Projection::bind(std::vector<SelectItem>{{.sql = "id as a", .name = "b"}}, input()).ok());
  EXPECT_FALSE(Projection::bind(std::vector<SelectItem>{{.sql = "*", .name = "b"}}, input()).ok());
}

TEST(Projection, AliasesInEveryForm) {
  const SchemaPtr schema = make_schema({{"n", type_of(TypeKind::int64)}, {"s", type_of(TypeKind::string)}});
  const Batch batch = make_batch(schema, {{int64_t{4}, "as b"}});
  for (const char* item : {"n + 1 as x", "n + 1 AS \"x\"", "n+1 x", "n + 1 /* as y */ as x -- as z", "x: n + 1",
                           "(n + 1) as x", "n +\n1\nas\nx", "case when true then n + 1 end as x",
                           "n + length('a') as x", "cast(n + 1 as bigint) as x", "n + 1 as /* (( */ x"}) {
    const auto projection = must_bind({item}, schema);
    ASSERT_TRUE(projection) << item;
    EXPECT_EQ(projection->schema()->field(0).name, "x") << item;
    EXPECT_THAT(integers(must_apply(*projection, batch).column(0)), ElementsAre(5)) << item;
  }
  const auto text = must_bind({"s || ' as c' as \"a b\""}, schema);
  EXPECT_EQ(text->schema()->field(0).name, "a b");
  EXPECT_THAT(texts(must_apply(*text, batch).column(0)), ElementsAre("as b as c"));
}

TEST(Projection, StarFormsThatAreNotSupportedSaySo) {
  TextPlace place;
  EXPECT_THAT(bind_error({"* exclude (nam)"}, input(), &place), HasSubstr("did you mean 'name'"));
  EXPECT_EQ(place.offset, 11U);
  EXPECT_THAT(bind_error({"* replace (1 as id)"}, input()), HasSubstr("'* replace'"));
  EXPECT_THAT(bind_error({"geo.*"}, input()), HasSubstr("only '*' and '* exclude (...)'"));
  EXPECT_THAT(bind_error({"columns('a')"}, input()), HasSubstr("stand alone"));
  EXPECT_THAT(bind_error({"min(*) as x"}, input()), HasSubstr("aggregate"));
  EXPECT_THAT(bind_error({"coalesce(*) as x"}, input()), HasSubstr("stand alone"));
}

TEST(Projection, ColumnsThatDifferOnlyInCaseAreAmbiguousOnlyWhenUsed) {
  const SchemaPtr schema =
      make_schema({{"a", type_of(TypeKind::int64)}, {"A", type_of(TypeKind::int64)}, {"b", type_of(TypeKind::int64)}});
  EXPECT_THAT(bind_error({"a"}, schema), HasSubstr("ambiguous"));
  EXPECT_THAT(bind_error({"a + 1 as x"}, schema), HasSubstr("ambiguous"));
  EXPECT_TRUE(must_bind({"b + 1 as x"}, schema));
}

TEST(Projection, TypesThatDuckDbCannotHoldAreRefusedOnlyWhenComputedWith) {
  const SchemaPtr schema =
      make_schema({{"empty", Type::structure({})},
                   {"twins", Type::structure({Field{.name = "a", .type = type_of(TypeKind::int64)},
                                              Field{.name = "A", .type = type_of(TypeKind::int64)}})},
                   {"inside", Type::list(Field{.name = "element", .type = Type::structure({})})},
                   {"n", type_of(TypeKind::int64)}});
  for (const char* item : {"if(true, empty, empty) as x", "twins is null as x", "len(inside) as x"})
    EXPECT_THAT(bind_error({item}, schema), HasSubstr("has no counterpart in DuckDB")) << item;
  EXPECT_TRUE(must_bind({"empty", "twins", "inside", "n + 1 as m"}, schema));
}

TEST(Projection, InfiniteAndOutOfRangeTimesBecomeFailuresOfTheirRows) {
  const SchemaPtr schema = make_schema({{"s", type_of(TypeKind::string)}});
  const Batch batch = make_batch(schema, {{"2020-01-01"}, {"infinity"}, {kNull}, {"-infinity"}});
  for (const char* item : {"s::date as d", "s::timestamp as d", "s::timestamptz as d", "[s::date] as d",
                           "{'x': [s::timestamp]} as d", "map([1], [s::date]) as d"}) {
    auto projected = must_bind({item}, schema)->apply(batch);
    ASSERT_TRUE(projected.ok());
    ASSERT_EQ(projected->failures.size(), 2U) << item;
    EXPECT_EQ(projected->failures[0].row, 1);
    EXPECT_EQ(projected->failures[1].row, 3);
    EXPECT_THAT(projected->failures[0].message, AnyOf(HasSubstr("'d': a date outside the years 1 to 9999"),
                                                      HasSubstr("'d': a timestamp outside the years 1 to 9999")));
    EXPECT_EQ(projected->batch.rows(), 2);
  }
  const Batch years = make_batch(schema, {{"0001-01-01"}, {"10000-01-01"}, {"9999-12-31"}, {"0001-12-31 (BC)"}});
  for (const char* item : {"s::date as d", "s::timestamp as d", "s::timestamptz as d", "{'x': [s::date]} as d"}) {
    auto projected = must_bind({item}, schema)->apply(years);
    ASSERT_TRUE(projected.ok());
    ASSERT_EQ(projected->failures.size(), 2U) << item;
    EXPECT_EQ(projected->failures[0].row, 1);
    EXPECT_EQ(projected->failures[1].row, 3);
  }
  auto midnight = must_bind({"'24:00:00'::time as t"}, schema)->apply(batch);
  EXPECT_EQ(midnight->failures.size(), 4U);
}

// DuckDB sees to it itself, since 1.5.6; a table with other bytes in a text column is one that readers fail on.
TEST(Projection, TextThatIsNotUtf8IsAFailureOfItsRow) {
  const SchemaPtr schema = make_schema({{"n", type_of(TypeKind::int64)}});
  const Batch batch = make_batch(schema, {{int64_t{65}}, {int64_t{200}}, {kNull}});
  for (const char* item : {"printf('%c', n) as t", "[printf('%c', n)] as t"}) {
    auto projected = must_bind({item}, schema)->apply(batch);
    ASSERT_TRUE(projected.ok());
    ASSERT_EQ(projected->failures.size(), 1U) << item;
    EXPECT_EQ(projected->failures[0].row, 1);
  }
}

}  // namespace
}  // namespace weir::expression
