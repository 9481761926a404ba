/// \file
/// Any text as a condition, a rule and an item of a select list: bind it, and when it binds, evaluate it.
///
/// Conditions and rules agree on every row; a select list keeps all rows that it has values for.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "columnar/column_builder.h"
#include "expression/expression.h"

namespace {

using namespace weir;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "expression_fuzz: %s\n", what);
  std::abort();
}

const SchemaPtr& input() {
  static const SchemaPtr kInput = [] {
    const auto column = [](const char* name, TypeKind kind) {
      return Field{.name = name, .type = Type::primitive(kind)};
    };
    return std::make_shared<const Schema>(assign_ids(
        std::vector<Field>{column("n", TypeKind::int64), column("i", TypeKind::int32), column("s", TypeKind::string),
                           column("b", TypeKind::boolean), column("ts", TypeKind::timestamp),
                           Field{.name = "g", .type = Type::structure({column("x", TypeKind::float64)})},
                           Field{.name = "l", .type = Type::list(column("element", TypeKind::string))}}));
  }();
  return kInput;
}

void append_value(ColumnBuilder& builder, int64_t row) {
  if (row % 5 == 4) return builder.append_null();
  switch (builder.type()->kind()) {
    case TypeKind::int32: return static_cast<FixedBuilder<int32_t>&>(builder).append(static_cast<int32_t>(row - 3));
    case TypeKind::int64:
    case TypeKind::timestamp: return static_cast<FixedBuilder<int64_t>&>(builder).append(row * 1'000'003 - 7);
    case TypeKind::float64: return static_cast<FixedBuilder<double>&>(builder).append(static_cast<double>(row) / 4);
    case TypeKind::boolean: return static_cast<BooleanBuilder&>(builder).append(row % 2 == 0);
    case TypeKind::string:
      return static_cast<BytesBuilder&>(builder).append(row % 3 == 0 ? std::to_string(row)
                                                                     : std::string(static_cast<size_t>(row), 'x'));
    case TypeKind::structure:
      append_value(static_cast<StructBuilder&>(builder).child(0), row + 1);
      return static_cast<StructBuilder&>(builder).close_row();
    default:
      for (int64_t k = 0; k < row % 3; ++k) append_value(static_cast<RepeatedBuilder&>(builder).child(0), row + k);
      return static_cast<RepeatedBuilder&>(builder).close_row();
  }
}

const Batch& rows() {
  static const Batch kRows = [] {
    std::vector<ColumnPtr> columns;
    for (const Field& field : input()->fields()) {
      const auto builder = make_column_builder(field.type);
      for (int64_t row = 0; row < 23; ++row) append_value(*builder, row);
      columns.push_back(builder->finish());
    }
    return Batch(input(), std::move(columns), 23, nullptr)
        .with_selection({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 22});
  }();
  return kRows;
}

void check_rows(const expression::Selected& selected) {
  if (!std::is_sorted(selected.rows.begin(), selected.rows.end())) fail("rows are out of order");
  for (const int32_t row : selected.rows) {
    if (!std::binary_search(rows().selection().begin(), rows().selection().end(), row))
      fail("a row that was not selected");
    for (const expression::RowFailure& failure : selected.failures) {
      if (failure.row == row) fail("a row with and without a value");
    }
  }
  for (const expression::RowFailure& failure : selected.failures) {
    if (failure.message.empty() || failure.message.size() > expression::kFailureBytesMax)
      fail("a failure without a proper reason");
  }
}

void evaluate(expression::BooleanExpression& condition) {
  const auto is_true = condition.select(rows());
  const auto is_false = condition.select_false(rows());
  if (!is_true.ok() || !is_false.ok()) return;  // out of memory, or a bug of DuckDB
  check_rows(*is_true);
  check_rows(*is_false);
  for (const int32_t row : is_true->rows) {
    if (std::binary_search(is_false->rows.begin(), is_false->rows.end(), row)) fail("true and false at once");
  }
}

void evaluate(expression::Projection& projection) {
  const auto projected = projection.apply(rows());
  if (!projected.ok()) return;
  if (projected->batch.rows() + static_cast<int64_t>(projected->failures.size()) != rows().rows())
    fail("a row is gone");
  if (projected->batch.columns().size() != projection.schema()->size()) fail("a column is gone");
  for (const ColumnPtr& column : projected->batch.columns()) {
    if (column->length != projected->batch.physical_rows()) fail("columns of different lengths");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto kEngine = expression::Engine::open().value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expression::TextPlace place;
  const expression::BindOptions options{.engine = kEngine, .place = &place};
  auto condition = expression::BooleanExpression::bind(text, input(), options);
  if (condition.ok()) {
    evaluate(**condition);
  } else if (place.offset > size || condition.error().message().empty()) {
    fail("an error without a place or a reason");
  }
  const std::vector<expression::SelectItem> items = {{.sql = "n"}, {.sql = std::string(text)}};
  auto projection = expression::Projection::bind(items, input(), options);
  if (projection.ok()) {
    evaluate(**projection);
  } else if (place.item > 1 || (place.item == 1 && place.offset > size)) {
    fail("an error without a place");
  }
  return 0;
}
