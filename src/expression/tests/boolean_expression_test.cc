#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expression/tests/batch_fixture.h"

namespace weir::expression {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::monostate kNull;

SchemaPtr flights() {
  return make_schema({{"id", type_of(TypeKind::int64)},
                      {"origin", type_of(TypeKind::string)},
                      {"delay", type_of(TypeKind::int32)},
                      {"cancelled", type_of(TypeKind::boolean)}});
}

Batch some_flights() {
  return make_batch(flights(), {{int64_t{1}, "ATL", int64_t{10}, false},
                                {int64_t{2}, "JFK", int64_t{-3}, true},
                                {int64_t{3}, kNull, int64_t{99}, kNull},
                                {int64_t{4}, "LAX", kNull, false},
                                {int64_t{5}, "a very long airport name", int64_t{7}, true}});
}

std::unique_ptr<BooleanExpression> must_bind(std::string_view sql, const SchemaPtr& schema) {
  auto bound = BooleanExpression::bind(sql, schema);
  EXPECT_TRUE(bound.ok()) << sql << ": " << bound.error().to_string();
  return bound.ok() ? std::move(bound).value() : nullptr;
}

std::vector<int32_t> select(std::string_view sql, const Batch& batch) {
  const auto condition = must_bind(sql, batch.schema());
  if (!condition) return {-1};
  auto selected = condition->select(batch);
  EXPECT_TRUE(selected.ok()) << sql << ": " << selected.error().to_string();
  if (!selected.ok()) return {-1};
  EXPECT_THAT(selected->failures, IsEmpty()) << sql;
  return selected->rows;
}

TEST(BooleanExpression, SelectsRowsForWhichItIsTrue) {
  EXPECT_THAT(select("delay > 5", some_flights()), ElementsAre(0, 2, 4));
  EXPECT_THAT(select("not cancelled", some_flights()), ElementsAre(0, 3));
  EXPECT_THAT(select("origin like '%L%'", some_flights()), ElementsAre(0, 3));
  EXPECT_THAT(select("origin = 'a very long airport name'", some_flights()), ElementsAre(4));
  EXPECT_THAT(select("ORIGIN is null or Delay is null", some_flights()), ElementsAre(2, 3));
}

TEST(BooleanExpression, NullCountsAsFalse) {
  EXPECT_THAT(select("cancelled", some_flights()), ElementsAre(1, 4));
  EXPECT_THAT(select("cast(null as boolean)", some_flights()), IsEmpty());
}

TEST(BooleanExpression, ConstantsSelectAllOrNothing) {
  EXPECT_THAT(select("true", some_flights()), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(select("1 = 2", some_flights()), IsEmpty());
}

TEST(BooleanExpression, SelectFalseLetsNullPass) {
  const auto rule = must_bind("delay >= 0", flights());
  auto broken = rule->select_false(some_flights());
  ASSERT_TRUE(broken.ok());
  EXPECT_THAT(broken->rows, ElementsAre(1));
}

TEST(BooleanExpression, LooksOnlyAtSelectedRowsAndGivesPhysicalIndexes) {
  const Batch batch = some_flights().with_selection({1, 2, 4});
  EXPECT_THAT(select("delay > 5", batch), ElementsAre(2, 4));
  const auto rule = must_bind("delay > 50", flights());
  EXPECT_THAT(rule->select_false(batch)->rows, ElementsAre(1, 4));
}

TEST(BooleanExpression, EmptyBatchesGiveNothing) {
  EXPECT_THAT(select("delay > 5", some_flights().with_selection({})), IsEmpty());
  EXPECT_THAT(select("delay > 5", make_batch(flights(), {})), IsEmpty());
}

TEST(BooleanExpression, RowOrderHoldsOverManyChunks) {
  const SchemaPtr schema = make_schema({{"n", type_of(TypeKind::int64)}});
  std::vector<std::vector<Cell>> rows;
  std::vector<int32_t> expected;
  for (int64_t i = 0; i < 50'000; ++i) {
    rows.push_back({i});
    if (i % 7 == 3) expected.push_back(static_cast<int32_t>(i));
  }
  EXPECT_EQ(select("n % 7 = 3", make_batch(schema, rows)), expected);
}

TEST(BooleanExpression, TellsWhichColumnsItReads) {
  EXPECT_THAT(must_bind("delay > 5 and origin = 'ATL'", flights())->columns(), ElementsAre(1, 2));
  EXPECT_THAT(must_bind("true", flights())->columns(), IsEmpty());
}

TEST(BooleanExpression, ColumnsNamedLikeItsOwnOnesDoNotConfuseIt) {
  const SchemaPtr schema =
      make_schema({{"row_number_", type_of(TypeKind::int64)},
                   {"batch_", Type::structure({Field{.name = "x", .type = type_of(TypeKind::int64)}})},
                   {"select", type_of(TypeKind::int64)},
                   {"quo\"te", type_of(TypeKind::int64)},
                   {"user", type_of(TypeKind::string)}});
  const Batch batch = random_batch(schema, 100, 1);
  Oracle oracle;
  for (const std::string sql : {"row_number_ > 3 and batch_.x > 2", "\"select\" > 3", "\"quo\"\"te\" > 3 -- comment",
                                "\"user\" = 'a'", "rowid > 3"}) {
    if (sql == "rowid > 3") {
      EXPECT_FALSE(BooleanExpression::bind(sql, schema).ok());
      continue;
    }
    std::vector<int32_t> expected;
    for (const auto& row :
         oracle.query("SELECT row_ FROM " + Oracle::values(batch) + " WHERE (" + sql + "\n) ORDER BY row_"))
      expected.push_back(std::stoi(*row[0]));
    EXPECT_EQ(select(sql, batch), expected) << sql;
  }
}

// A prepared statement of DuckDB keeps the statistics it saw first, unless told otherwise: values outside of the first
// batch's range went missing.
TEST(BooleanExpression, LaterBatchesAreNotJudgedByTheFirstOnesRange) {
  const SchemaPtr schema = make_schema({{"n", type_of(TypeKind::int64)}, {"s", type_of(TypeKind::string)}});
  const auto condition = must_bind("n > 200", schema);
  const auto text = must_bind("s > 'm'", schema);
  const auto null_check = must_bind("n is null", schema);
  const auto batch_of = [&](Cell n, Cell s) { return make_batch(schema, {{n, s}, {n, s}}); };
  EXPECT_THAT(condition->select(make_batch(schema, {}))->rows, IsEmpty());
  EXPECT_THAT(condition->select(batch_of(int64_t{5}, "a"))->rows, IsEmpty());
  EXPECT_THAT(condition->select(batch_of(int64_t{500}, "z"))->rows, ElementsAre(0, 1));
  EXPECT_THAT(text->select(batch_of(int64_t{5}, "a"))->rows, IsEmpty());
  EXPECT_THAT(text->select(batch_of(int64_t{5}, "z"))->rows, ElementsAre(0, 1));
  EXPECT_THAT(null_check->select(batch_of(int64_t{5}, "a"))->rows, IsEmpty());
  EXPECT_THAT(null_check->select(batch_of(kNull, "a"))->rows, ElementsAre(0, 1));
  EXPECT_THAT(condition->select(batch_of(kNull, "a"))->rows, IsEmpty());
}

TEST(BooleanExpression, RefusesWhatIsNoCondition) {
  for (const char* sql : {"delay + 1", "origin", "null", "[true]"}) {
    const auto bound = BooleanExpression::bind(sql, flights());
    ASSERT_FALSE(bound.ok()) << sql;
    EXPECT_THAT(bound.error().message(), HasSubstr("a condition (BOOLEAN) is wanted")) << sql;
  }
}

}  // namespace
}  // namespace weir::expression
