/// \file
/// What evaluation costs: the engine, binding, and a row of a batch.
#include <string>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "columnar/column_builder.h"
#include "expression/expression.h"

namespace weir::expression {
namespace {

TypePtr type_of(TypeKind kind) {
  return Type::primitive(kind);
}

/// Twelve columns like a flight's.
SchemaPtr flights() {
  std::vector<Field> fields;
  for (const char* name : {"id", "ts", "distance", "revenue"})
    fields.push_back({.name = name, .type = type_of(TypeKind::int64)});
  for (const char* name : {"delay", "taxi", "seats", "day"})
    fields.push_back({.name = name, .type = type_of(TypeKind::int32)});
  for (const char* name : {"origin", "dest", "tail", "remark"})
    fields.push_back({.name = name, .type = type_of(TypeKind::string)});
  return std::make_shared<const Schema>(assign_ids(fields));
}

Batch make_batch(const SchemaPtr& schema, int64_t rows) {
  SeededRandom random(1);
  std::vector<ColumnPtr> columns;
  for (const Field& field : schema->fields()) {
    const auto builder = make_column_builder(field.type);
    for (int64_t i = 0; i < rows; ++i) {
      const uint64_t draw = random.next_u64();
      if (draw % 50 == 0 && field.name != "id") {
        builder->append_null();
      } else if (field.type->kind() == TypeKind::int64) {
        static_cast<FixedBuilder<int64_t>&>(*builder).append(static_cast<int64_t>((draw >> 8) % 10'000));
      } else if (field.type->kind() == TypeKind::int32) {
        static_cast<FixedBuilder<int32_t>&>(*builder).append(static_cast<int32_t>((draw >> 8) % 1000) - 100);
      } else {
        const std::string code = {static_cast<char>('A' + (draw >> 8) % 26), static_cast<char>('A' + (draw >> 16) % 26),
                                  static_cast<char>('A' + (draw >> 24) % 26)};
        static_cast<BytesBuilder&>(*builder).append(
            field.name == "remark" ? "a longer remark about " + code + " that is not inlined" : code);
      }
    }
    columns.push_back(builder->finish());
  }
  return Batch(schema, std::move(columns), rows, nullptr);
}

void per_row(benchmark::State& state, int64_t rows) {
  const auto flags = benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert;
  state.counters["per_row"] = benchmark::Counter(static_cast<double>(rows), flags);
}

/// Half of the rows, so that neither side of a filter is cheap.
std::vector<int32_t> every_second(int64_t rows) {
  std::vector<int32_t> selection;
  for (int64_t i = 0; i < rows; i += 2) selection.push_back(static_cast<int32_t>(i));
  return selection;
}

void open_engine(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Engine::open());
}
BENCHMARK(open_engine)->Unit(benchmark::kMillisecond);

void bind_filter(benchmark::State& state) {
  const auto engine = Engine::shared().value();
  const SchemaPtr schema = flights();
  for (auto _ : state)
    benchmark::DoNotOptimize(BooleanExpression::bind("delay > 15 and origin = 'ATL'", schema, {.engine = engine}));
}
BENCHMARK(bind_filter)->Unit(benchmark::kMillisecond);

void filter(benchmark::State& state, const char* sql) {
  const SchemaPtr schema = flights();
  const Batch batch = make_batch(schema, state.range(0));
  const auto condition = BooleanExpression::bind(sql, schema).value();
  for (auto _ : state) benchmark::DoNotOptimize(condition->select(batch));
  per_row(state, state.range(0));
}
BENCHMARK_CAPTURE(filter, integer, "delay > 400")->Arg(1)->Arg(100)->Arg(2048)->Arg(8192);
BENCHMARK_CAPTURE(filter, text, "origin >= 'M'")->Arg(2048)->Arg(8192);
BENCHMARK_CAPTURE(filter, mixed, "delay > 15 and origin <> dest and remark like '%about A%'")->Arg(2048)->Arg(8192);

void filter_selected(benchmark::State& state) {
  const SchemaPtr schema = flights();
  const Batch batch = make_batch(schema, state.range(0)).with_selection(every_second(state.range(0)));
  const auto condition = BooleanExpression::bind("delay > 400", schema).value();
  for (auto _ : state) benchmark::DoNotOptimize(condition->select(batch));
  per_row(state, batch.rows());
}
BENCHMARK(filter_selected)->Arg(8192);

void project(benchmark::State& state) {
  const SchemaPtr schema = flights();
  const Batch batch = make_batch(schema, state.range(0));
  const std::vector<SelectItem> items = {{.sql = "id"},
                                         {.sql = "delay * 60 as seconds"},
                                         {.sql = "origin || '-' || dest as route"},
                                         {.sql = "coalesce(revenue, 0) + distance as score"}};
  const auto projection = Projection::bind(items, schema).value();
  for (auto _ : state) benchmark::DoNotOptimize(projection->apply(batch));
  per_row(state, state.range(0));
}
BENCHMARK(project)->Arg(1)->Arg(2048)->Arg(8192);

void project_plain(benchmark::State& state) {
  const SchemaPtr schema = flights();
  const Batch batch = make_batch(schema, state.range(0));
  const std::vector<SelectItem> items = {{.sql = "* exclude (remark, tail)"}};
  const auto projection = Projection::bind(items, schema).value();
  for (auto _ : state) benchmark::DoNotOptimize(projection->apply(batch));
  per_row(state, state.range(0));
}
BENCHMARK(project_plain)->Arg(8192);

const std::vector<std::string>& eight_rules() {
  static const std::vector<std::string> kRules = {
      "id is not null",
      "delay between -120 and 2000",
      "origin in ('ATL', 'BOS', 'CLT', 'DEN', 'DFW', 'JFK', 'LAX', 'ORD', 'SEA', 'SFO') or delay < 5000",
      "length(origin) = 3",
      "distance >= 0 and distance < 20000",
      "origin <> dest",
      "regexp_matches(tail, '^[A-Z]{3}$')",
      "seats > -101 or revenue is null"};
  return kRules;
}

void rules(benchmark::State& state) {
  const SchemaPtr schema = flights();
  const Batch batch = make_batch(schema, state.range(0));
  const auto bound = RuleExpressions::bind(eight_rules(), schema).value();
  for (auto _ : state) benchmark::DoNotOptimize(bound->evaluate(batch));
  per_row(state, state.range(0));
}
BENCHMARK(rules)->Arg(1)->Arg(2048)->Arg(8192);

/// Every hundredth row has no value.
void filter_with_failures(benchmark::State& state) {
  const SchemaPtr schema =
      std::make_shared<const Schema>(assign_ids(std::vector<Field>{{.name = "s", .type = type_of(TypeKind::string)}}));
  const auto builder = make_column_builder(schema->field(0).type);
  for (int64_t i = 0; i < state.range(0); ++i)
    static_cast<BytesBuilder&>(*builder).append(i % 100 == 7 ? "none" : std::to_string(i));
  const Batch batch(schema, {builder->finish()}, state.range(0), nullptr);
  const auto condition = BooleanExpression::bind("cast(s as int) > 50", schema).value();
  for (auto _ : state) benchmark::DoNotOptimize(condition->select(batch));
  per_row(state, state.range(0));
}
BENCHMARK(filter_with_failures)->Arg(8192);

}  // namespace
}  // namespace weir::expression
