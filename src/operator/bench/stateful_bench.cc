/// \file
/// What state costs an event: dedupe by a text of 36 characters and a one-minute window by a small number, as the
/// comparison with Flink has them (bench/README.md).
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/random.h"
#include "operator/stateful_operators.h"
#include "state/tables.h"

namespace weir::operators {
namespace {

constexpr size_t kBatchRows = 8'192;
constexpr size_t kBatches = 256;
constexpr int64_t kSecond = 1'000'000;

SchemaPtr schema() {
  static const auto kSchema = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "event_id", .type = Type::primitive(TypeKind::string)},
                         {.id = 2, .name = "ts", .type = Type::primitive(TypeKind::timestamptz)},
                         {.id = 3, .name = "campaign_id", .type = Type::primitive(TypeKind::int32)},
                         {.id = 4, .name = "price", .type = Type::primitive(TypeKind::float64)}});
  return kSchema;
}

/// Two million events over twelve minutes, one of a hundred with an id that was there before.
std::vector<Batch> events() {
  SeededRandom random(42);
  std::vector<Batch> batches;
  std::string before = Uuid::random(random).to_string();
  for (size_t i = 0; i < kBatches; ++i) {
    BytesBuilder id(Type::primitive(TypeKind::string));
    FixedBuilder<int64_t> ts(Type::primitive(TypeKind::timestamptz));
    FixedBuilder<int32_t> campaign(Type::primitive(TypeKind::int32));
    FixedBuilder<double> price(Type::primitive(TypeKind::float64));
    for (size_t row = 0; row < kBatchRows; ++row) {
      if (random.next_u64() % 100 != 0) before = Uuid::random(random).to_string();
      id.append(before);
      const auto at = static_cast<int64_t>(i * kBatchRows + row);
      ts.append(at * 360 - static_cast<int64_t>(random.next_u64() % (3 * kSecond)));
      campaign.append(static_cast<int32_t>(random.next_u64() % 1'000));
      price.append(static_cast<double>(random.next_u64() % 50'000) / 10'000);
    }
    batches.emplace_back(schema(), std::vector<ColumnPtr>{id.finish(), ts.finish(), campaign.finish(), price.finish()},
                         static_cast<int64_t>(kBatchRows), nullptr);
  }
  return batches;
}

/// Runs `next` behind it, when there is one.
class Chain final : public Collector {
 public:
  Chain(Result<std::unique_ptr<Operator>> made, Chain* next) : next_(next) {
    WEIR_CHECK(made.ok());
    op_ = *std::move(made);
    tables_ = std::make_unique<state::Tables>(*state::Tables::make(op_->tables(), {}, int64_t{8} << 30));
    op_->attach(*tables_);
  }
  void process(const Batch& batch) { WEIR_CHECK(op_->process(0, batch, *this).ok()); }
  void advance_to(EventTime watermark) {
    auto step = op_->on_watermark(watermark, *this);
    while (step.ok() && *step == Step::more) step = op_->emit_more(*this);
    WEIR_CHECK(step.ok());
    if (next_ != nullptr) next_->advance_to(watermark);
  }
  Result<void> emit(OutputIndex, const Batch& batch) override {
    rows += batch.rows();
    if (next_ != nullptr) next_->process(batch);
    return {};
  }
  Result<void> reject(Rejects) override { return Error(ErrorKind::internal, "nothing is rejected here"); }
  Result<void> advance(const StreamStatus&) override { return {}; }

  int64_t memory_bytes() const { return tables_->memory_bytes(); }
  int64_t rows = 0;

 private:
  Chain* next_;
  std::unique_ptr<Operator> op_;
  std::unique_ptr<state::Tables> tables_;
};

Result<std::unique_ptr<Operator>> dedupe() {
  return make_dedupe({.name = "once", .key = {"event_id"}, .time = "ts", .ttl_us = 3'600 * kSecond}, schema());
}

Result<std::unique_ptr<Operator>> window() {
  return make_window({.name = "minutes",
                      .time = "ts",
                      .size_us = 60 * kSecond,
                      .lateness_us = 0,
                      .by = {"campaign_id"},
                      .aggregates = {{"n", "count(*)"}, {"total", "sum(price)"}}},
                     schema());
}

void run(benchmark::State& state, bool is_deduped, bool is_windowed) {
  const std::vector<Batch> batches = events();
  for (auto _ : state) {
    std::unique_ptr<Chain> second = is_windowed ? std::make_unique<Chain>(window(), nullptr) : nullptr;
    std::unique_ptr<Chain> first = is_deduped ? std::make_unique<Chain>(dedupe(), second.get()) : std::move(second);
    int64_t newest = 0;
    for (const Batch& batch : batches) {
      first->process(batch);
      newest += static_cast<int64_t>(kBatchRows) * 360;
      first->advance_to(newest - 5 * kSecond);
    }
    first->advance_to(newest + 60 * kSecond);
    state.counters["state MiB"] = static_cast<double>(first->memory_bytes()) / (1 << 20);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatches * kBatchRows));
}
BENCHMARK_CAPTURE(run, dedupe, true, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, window, false, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, dedupe_and_window, true, true)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::operators
