/// \file
/// Keyed state against a flat hash map (keyed read-modify-write, batches of 8,192 rows over `keys` keys in random
/// order), what a checkpoint costs, and what a key costs.
#include <cstring>
#include <memory>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/random.h"
#include "state/bench/flat_map.h"
#include "state/part.h"
#include "state/tables.h"

namespace weir::state::bench {
namespace {

constexpr size_t kBatchRows = 8'192;
constexpr size_t kBatches = 64;

/// Rows of a long column, as batches, with their numbers.
struct Rows {
  std::vector<std::vector<uint64_t>> numbers;
  std::vector<KeyBatch> keys;
};

KeyBatch encode(const std::vector<uint64_t>& numbers) {
  FixedBuilder<int64_t> builder(Type::primitive(TypeKind::int64));
  for (const uint64_t number : numbers) builder.append(static_cast<int64_t>(number));
  auto schema = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "k", .type = Type::primitive(TypeKind::int64)}});
  const Batch batch(schema, {builder.finish()}, static_cast<int64_t>(numbers.size()), nullptr);
  const Result<KeyLayout> layout = KeyLayout::bind(*schema, {0});
  KeyBatch keys;
  WEIR_CHECK(layout->encode(batch, keys).ok());
  return keys;
}

Rows random_rows(uint64_t key_count) {
  SeededRandom random(7);
  Rows rows;
  for (size_t i = 0; i < kBatches; ++i) {
    std::vector<uint64_t>& numbers = rows.numbers.emplace_back(kBatchRows);
    for (uint64_t& number : numbers) number = 1 + random.next_u64() % key_count;
    rows.keys.push_back(encode(numbers));
  }
  return rows;
}

StateTableSpec spec() {
  return {.name = "counts", .codec = "bench", .key_layout = "i", .value_bytes = 8};
}

void add_one(const Entry& entry) {
  uint64_t value;
  std::memcpy(&value, entry.value, 8);
  ++value;
  std::memcpy(entry.value, &value, 8);
}

/// Tables with a table of `key_count` keys.
std::unique_ptr<Tables> filled(uint64_t key_count) {
  auto tables = std::make_unique<Tables>(*Tables::make(std::vector{spec()}, {}, int64_t{1} << 40));
  std::vector<Entry> entries;
  std::vector<uint64_t> numbers;
  for (uint64_t key = 1; key <= key_count; ++key) {
    numbers.push_back(key);
    if (numbers.size() < kBatchRows && key != key_count) continue;
    WEIR_CHECK(tables->keyed(0).find_or_insert(encode(numbers), {}, entries).ok());
    for (const Entry& entry : entries) add_one(entry);
    numbers.clear();
  }
  return tables;
}

void flat_map(benchmark::State& state, bool is_prefetched) {
  const auto key_count = static_cast<uint64_t>(state.range(0));
  const Rows rows = random_rows(key_count);
  FlatMap map(key_count);
  for (uint64_t key = 1; key <= key_count; ++key) map(hash64({reinterpret_cast<const char*>(&key), 8}), key) = 1;
  std::vector<std::vector<uint64_t>> hashes;
  for (const auto& numbers : rows.numbers) {
    auto& list = hashes.emplace_back();
    for (const uint64_t key : numbers) list.push_back(hash64({reinterpret_cast<const char*>(&key), 8}));
  }
  size_t batch = 0;
  for (auto _ : state) {
    const std::vector<uint64_t>& numbers = rows.numbers[batch % kBatches];
    const std::vector<uint64_t>& list = hashes[batch++ % kBatches];
    for (size_t begin = 0; begin < numbers.size(); begin += 32) {
      if (is_prefetched) {
        for (size_t i = begin; i < begin + 32; ++i) map.prefetch(list[i]);
      }
      for (size_t i = begin; i < begin + 32; ++i) ++map(list[i], numbers[i]);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatchRows));
}
BENCHMARK_CAPTURE(flat_map, plain, false)->Arg(100'000)->Arg(10'000'000);
BENCHMARK_CAPTURE(flat_map, prefetched, true)->Arg(100'000)->Arg(10'000'000);

void read_modify_write(benchmark::State& state) {
  const Rows rows = random_rows(static_cast<uint64_t>(state.range(0)));
  const auto tables = filled(static_cast<uint64_t>(state.range(0)));
  std::vector<Entry> entries;
  size_t batch = 0;
  for (auto _ : state) {
    WEIR_CHECK(tables->keyed(0).find_or_insert(rows.keys[batch++ % kBatches], {}, entries).ok());
    for (const Entry& entry : entries) add_one(entry);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatchRows));
  state.counters["bytes/key"] =
      static_cast<double>(tables->memory_bytes()) / static_cast<double>(tables->keyed(0).size());
}
BENCHMARK(read_modify_write)->Arg(100'000)->Arg(10'000'000);

void encode_and_hash(benchmark::State& state) {
  SeededRandom random(7);
  std::vector<uint64_t> numbers(kBatchRows);
  for (uint64_t& number : numbers) number = random.next_u64();
  FixedBuilder<int64_t> builder(Type::primitive(TypeKind::int64));
  for (const uint64_t number : numbers) builder.append(static_cast<int64_t>(number));
  auto schema = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "k", .type = Type::primitive(TypeKind::int64)}});
  const Batch batch(schema, {builder.finish()}, static_cast<int64_t>(kBatchRows), nullptr);
  const Result<KeyLayout> layout = KeyLayout::bind(*schema, {0});
  KeyBatch keys;
  for (auto _ : state) WEIR_CHECK(layout->encode(batch, keys).ok());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatchRows));
}
BENCHMARK(encode_and_hash);

/// What the task's thread pays at a barrier.
void freeze(benchmark::State& state) {
  const auto tables = filled(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(tables->freeze());
}
BENCHMARK(freeze)->Arg(100'000)->Arg(10'000'000);

/// What the task pays afterwards while everything is still frozen: each page is copied at its first touch.
void read_modify_write_while_frozen(benchmark::State& state) {
  const Rows rows = random_rows(static_cast<uint64_t>(state.range(0)));
  const auto tables = filled(static_cast<uint64_t>(state.range(0)));
  std::vector<Entry> entries;
  size_t batch = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const FrozenTables frozen = tables->freeze();
    state.ResumeTiming();
    for (int i = 0; i < 100; ++i) {
      WEIR_CHECK(tables->keyed(0).find_or_insert(rows.keys[batch++ % kBatches], {}, entries).ok());
      for (const Entry& entry : entries) add_one(entry);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(100 * kBatchRows));
}
BENCHMARK(read_modify_write_while_frozen)->Arg(10'000'000);

/// Bytes of checkpoint that one thread makes (without the disk).
void snapshot(benchmark::State& state) {
  class Nowhere final : public PartSink {
   public:
    uint64_t bytes = 0;
    Result<void> begin() override { return {}; }
    Result<void> append(std::string_view more) override {
      bytes += more.size();
      return {};
    }
    Result<void> end(const PartHeader&, uint64_t, uint64_t) override { return {}; }
  };
  const auto tables = filled(static_cast<uint64_t>(state.range(0)));
  Nowhere nowhere;
  for (auto _ : state) WEIR_CHECK(write_parts("bench", {}, tables->freeze(), nowhere).ok());
  state.SetBytesProcessed(static_cast<int64_t>(nowhere.bytes));
}
BENCHMARK(snapshot)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::state::bench
