#include <random>

#include <benchmark/benchmark.h>

#include "columnar/column_builder.h"
#include "contract/rule_kernels.h"

namespace weir::contract {
namespace {

constexpr int64_t kRows = 8192;

/// A batch of one long, one double, one decimal and three text columns; `nulls` in 100 values absent, 1 in 1000
/// breaking its rule.
Batch make_batch(const SchemaPtr& schema, int nulls) {
  std::mt19937 random(7);
  std::vector<std::unique_ptr<ColumnBuilder>> builders;
  for (const Field& field : schema->fields()) builders.push_back(make_column_builder(field.type));
  static const char* const kCodes[] = {"ATL", "ORD", "DFW", "DEN", "LAX", "SFO", "SEA", "MIA"};
  for (int64_t row = 0; row < kRows; ++row) {
    for (const auto& builder : builders) {
      const bool bad = random() % 1000 == 0;
      if (static_cast<int>(random() % 100) < nulls) {
        builder->append_null();
      } else if (builder->type()->kind() == TypeKind::int64) {
        static_cast<FixedBuilder<int64_t>&>(*builder).append(bad ? 100'000 : static_cast<int64_t>(random() % 3000));
      } else if (builder->type()->kind() == TypeKind::float64) {
        static_cast<FixedBuilder<double>&>(*builder).append(bad ? 1e6 : static_cast<double>(random() % 90));
      } else if (builder->type()->kind() == TypeKind::decimal) {
        static_cast<FixedBuilder<Int128>&>(*builder).append(bad ? 100'000'000 : static_cast<Int128>(random() % 90));
      } else {
        static_cast<BytesBuilder&>(*builder).append(bad ? "x" : kCodes[random() % 8]);
      }
    }
  }
  std::vector<ColumnPtr> columns;
  for (const auto& builder : builders) columns.push_back(builder->finish());
  return Batch(schema, std::move(columns), kRows, nullptr);
}

std::string forty_codes() {
  std::string out = "[ATL, ORD, DFW, DEN, LAX, SFO, SEA, MIA";
  for (int i = 0; i < 32; ++i) out += ", X" + std::to_string(10 + i);
  return out + "]";
}

void evaluate(benchmark::State& state, const std::string& rule) {
  const std::string text = R"y(contract: c
columns:
- {name: delay, type: long}
- {name: lat, type: double}
- {name: fare, type: "decimal(18, 2)"}
- {name: origin, type: string}
rules:
- )y" + rule + "\n";
  config::Diagnostics diagnostics;
  const auto contract = load("c.yaml", text, config::References::none(), diagnostics);
  WEIR_CHECK_MSG(contract.has_value(), diagnostics.render());
  const RuleSet rules = RuleSet::make(*contract).value();
  const Batch batch = make_batch(contract->schema, static_cast<int>(state.range(0)));
  RuleOutcome outcome;
  for (auto _ : state) {
    rules.evaluate(batch, outcome);
    benchmark::DoNotOptimize(outcome.failing(0).data());
  }
  state.counters["per_value"] = benchmark::Counter(
      static_cast<double>(kRows), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

#define WEIR_RULE_BENCH(name, rule) BENCHMARK_CAPTURE(evaluate, name, rule)->Arg(0)->Arg(10)->ArgName("null_percent")

WEIR_RULE_BENCH(not_null, "{column: delay, not_null: true}");
WEIR_RULE_BENCH(range_long, "{column: delay, range: {min: -120, max: 3000}}");
WEIR_RULE_BENCH(range_double, "{column: lat, range: {min: -90, max: 90}}");
WEIR_RULE_BENCH(range_decimal, "{column: fare, range: {min: 0, max: 1000}}");
WEIR_RULE_BENCH(accepted_8_texts, "{column: origin, accepted_values: [ATL, ORD, DFW, DEN, LAX, SFO, SEA, MIA]}");
WEIR_RULE_BENCH(accepted_3_long_texts, "{column: origin, accepted_values: [ATL, ORD, a-text-of-many-bytes]}");
WEIR_RULE_BENCH(accepted_40_texts, "{column: origin, accepted_values: " + forty_codes() + "}");
WEIR_RULE_BENCH(accepted_3_longs, "{column: delay, accepted_values: [1, 2, 3]}");
WEIR_RULE_BENCH(length, "{column: origin, length: {min: 1, max: 3}}");
WEIR_RULE_BENCH(length_counted, "{column: origin, length: {min: 3, max: 3}}");
WEIR_RULE_BENCH(regex_anchored, "{column: origin, regex: \"^[A-Z]{3}$\"}");

}  // namespace
}  // namespace weir::contract
