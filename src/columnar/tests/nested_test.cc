#include "columnar/nested.h"

#include <gtest/gtest.h>

#include "columnar/column_builder.h"
#include "columnar/tests/random_column.h"

namespace weir {
namespace {

Batch batch_of(const ColumnPtr& column) {
  return Batch(std::make_shared<const Schema>(std::vector<Field>{field("c", column->type)}), {column}, column->length,
               nullptr);
}

TEST(FieldPath, LeadsThroughStructsAlone) {
  const TypePtr inner = Type::structure({{.id = 4, .name = "n", .type = primitive(TypeKind::int64)},
                                         {.id = 5, .name = "with.dot", .type = primitive(TypeKind::int64)}});
  const std::vector<Field> fields = {
      {.id = 1, .name = "a", .type = primitive(TypeKind::boolean)},
      {.id = 2, .name = "s", .type = inner},
      {.id = 3, .name = "l", .type = Type::list({.id = 6, .name = "element", .type = inner})},
      {.id = 7, .name = "s.n", .type = primitive(TypeKind::int64)}};
  EXPECT_EQ(find_field_path(fields, 5), (FieldPath{1, 1}));
  EXPECT_EQ(find_field_path(fields, 3), FieldPath{2});
  EXPECT_EQ(find_field_path(fields, 6), std::nullopt) << "inside of a list";
  EXPECT_EQ(find_field_path(fields, 9), std::nullopt);
  EXPECT_EQ(find_field_path(fields, "s.with.dot"), (FieldPath{1, 1}));
  EXPECT_EQ(find_field_path(fields, "s.n"), FieldPath{3}) << "the whole name goes first";
  EXPECT_EQ(find_field_path(fields, "l.element"), std::nullopt);
  EXPECT_EQ(find_field_path(fields, "a.n"), std::nullopt);
  EXPECT_EQ(field_at(fields, FieldPath{1, 1}).id, 5);
}

TEST(ColumnAt, AFieldIsNullWhereTheFieldOrAnyStructAroundItIs) {
  const TypePtr inner = Type::structure({field("n", primitive(TypeKind::int64))});
  const TypePtr outer = Type::structure({field("a", primitive(TypeKind::boolean)), field("s", inner)});
  const std::unique_ptr<ColumnBuilder> made = make_column_builder(outer);
  auto& rows = static_cast<StructBuilder&>(*made);
  auto& flags = static_cast<BooleanBuilder&>(rows.child(0));
  auto& structs = static_cast<StructBuilder&>(rows.child(1));
  auto& numbers = static_cast<FixedBuilder<int64_t>&>(structs.child(0));
  for (int64_t i = 0; i < 21; ++i) {  // nulls of three kinds, also in the last byte of the bits
    if (i % 5 == 0) {
      rows.append_null();
      continue;
    }
    flags.append(true);
    if (i % 3 == 0) {
      structs.append_null();
    } else {
      i % 2 == 0 ? numbers.append_null() : numbers.append(i);
      structs.close_row();
    }
    rows.close_row();
  }
  const ColumnPtr column = column_at(batch_of(made->finish()), std::vector<int>{0, 1, 0});
  ASSERT_EQ(column->length, 21);
  int64_t nulls = 0;
  for (int64_t i = 0; i < column->length; ++i) {
    const bool is_null = i % 5 == 0 || i % 3 == 0 || i % 2 == 0;
    nulls += is_null ? 1 : 0;
    EXPECT_EQ(column->is_null(i), is_null) << i;
    if (!is_null) {
      EXPECT_EQ(column->values_as<int64_t>()[static_cast<size_t>(i)], i);
    }
  }
  EXPECT_EQ(column->null_count, nulls);
}

TEST(ColumnAt, WhatAStructHidesIsNullThoughTheFieldHasAValue) {
  auto numbers = std::make_shared<Column>(*null_column(primitive(TypeKind::int64), 2));
  numbers->null_count = 0;
  numbers->validity = {};
  auto structs = std::make_shared<Column>(*null_column(Type::structure({field("n", primitive(TypeKind::int64))}), 2));
  structs->children = {numbers};
  EXPECT_EQ(column_at(batch_of(structs), std::vector<int>{0, 0})->null_count, 2);
}

TEST(ColumnAt, WithoutNullStructsTheFieldItselfIsHandedOut) {
  const ColumnPtr numbers = null_column(primitive(TypeKind::int64), 3);
  StructBuilder builder(Type::structure({field("n", primitive(TypeKind::int64))}));
  builder.child(0).append_null();
  builder.close_row();
  const ColumnPtr structs = builder.finish();
  EXPECT_EQ(column_at(batch_of(structs), std::vector<int>{0, 0}), structs->children[0]);
  EXPECT_EQ(column_at(batch_of(numbers), std::vector<int>{0}), numbers);
}

}  // namespace
}  // namespace weir
