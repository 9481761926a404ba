/// Columns to Parquet: our writer beside Arrow's on the same columns, interleaved in one run.
///
///   weir_parquet_bench [--rounds 9] [--events 300000] [--only NAME] [--columns] [--ours compatible|modern]
///
/// Prints CPU time (user + system) and bytes an event, best and median of the rounds, and the ratios of ours to
/// Arrow's; with --columns also of each column alone. `--ours NAME` writes by our writer and nothing else, for
/// profilers and for counting instructions.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "codec/bench/events.h"
#include "format/parquet/tests/arrow_writer.h"
#include "format/parquet/writer.h"

namespace {

using weir::Batch;
using weir::SchemaPtr;
namespace parquet_ = weir::parquet;

constexpr size_t kBatchEvents = 8192;

template <typename T>
T must(weir::Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "FAILED: %s\n", result.error().to_string().c_str());
  std::exit(1);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct CountingSink final : parquet_::ByteSink {
  weir::Result<void> append(std::string_view bytes) override {
    size += static_cast<int64_t>(bytes.size());
    return {};
  }
  int64_t size = 0;
};

struct Options {
  int rounds = 9;
  size_t events = 300'000;
  std::string only;
  std::string ours;
  bool columns = false;
};

/// Decoded columns of one kind of event.
struct DataSet {
  std::string name;
  SchemaPtr schema;
  std::vector<Batch> batches;
  double rows = 0;
};

DataSet decoded(std::string name, weir::codec::bench::Workload work) {
  DataSet set{.name = std::move(name), .schema = work.spec.schema};
  const auto decoder = must(weir::codec::make_json_decoder(work.spec));
  for (size_t from = 0; from < work.events.size(); from += kBatchEvents) {
    auto raw = weir::codec::bench::to_raw_batch(work.events, from, kBatchEvents);
    Batch batch = must(decoder->decode(std::move(raw))).batch.without_raw();
    set.rows += static_cast<double>(batch.rows());
    set.batches.push_back(std::move(batch));
  }
  return set;
}

DataSet column_of(const DataSet& set, size_t index) {
  DataSet one{.name = set.schema->field(index).name,
              .schema = std::make_shared<const weir::Schema>(std::vector<weir::Field>{set.schema->field(index)}),
              .rows = set.rows};
  for (const Batch& batch : set.batches)
    one.batches.emplace_back(one.schema, std::vector<weir::ColumnPtr>{batch.columns()[index]}, batch.rows(), nullptr);
  return one;
}

struct Side {
  const char* name;
  std::function<std::unique_ptr<parquet_::Writer>(SchemaPtr, parquet_::ByteSink&)> open;
  std::vector<double> ns = {};
  double bytes = 0;

  double best() const { return *std::min_element(ns.begin(), ns.end()); }
  double median() const {
    std::vector<double> sorted = ns;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

Side ours(const char* name, parquet_::Encodings encodings) {
  return {name, [encodings](SchemaPtr schema, parquet_::ByteSink& sink) {
            return parquet_::Writer::open(std::move(schema), {.encodings = encodings}, sink);
          }};
}

Side arrows() {
  return {"arrow", [](SchemaPtr schema, parquet_::ByteSink& sink) {
            return parquet_::arrow_oracle::open(std::move(schema), {}, sink);
          }};
}

/// Not inlined: count_instructions.py counts what is inside of it.
[[gnu::noinline]] void write_once(const DataSet& set, Side& side) {
  CountingSink sink;
  const double start = cpu_seconds();
  const auto writer = side.open(set.schema, sink);
  for (const Batch& batch : set.batches) {
    if (const auto written = writer->write(batch); !written.ok()) std::exit(1);
  }
  must(writer->finish());
  side.ns.push_back((cpu_seconds() - start) * 1e9 / set.rows);
  side.bytes = static_cast<double>(sink.size) / set.rows;
}

void compare(const DataSet& set, int rounds) {
  std::vector<Side> sides;
  sides.push_back(arrows());
  sides.push_back(ours("compatible", parquet_::Encodings::compatible));
  sides.push_back(ours("modern", parquet_::Encodings::modern));
  for (int round = 0; round < rounds; ++round) {
    for (Side& side : sides) write_once(set, side);
  }
  for (const Side& side : sides)
    std::printf("%-12s %-11s %8.1f / %8.1f ns  %7.2f B  ratio %.2f CPU  %.3f size\n", set.name.c_str(), side.name,
                side.best(), side.median(), side.bytes, side.median() / sides[0].median(), side.bytes / sides[0].bytes);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--columns")
      options.columns = true;
    else if (i + 1 == argc)
      return 2;
    else if (flag == "--rounds")
      options.rounds = std::atoi(argv[++i]);
    else if (flag == "--events")
      options.events = static_cast<size_t>(std::atoll(argv[++i]));
    else if (flag == "--only")
      options.only = argv[++i];
    else if (flag == "--ours")
      options.ours = argv[++i];
    else
      return 2;
  }
  using weir::codec::bench::KeyOrder;
  const std::pair<const char*, std::function<weir::codec::bench::Workload()>> sets[] = {
      {"ads", [&] { return weir::codec::bench::ad_events(options.events, KeyOrder::fixed); }},
      {"clicks", [&] { return weir::codec::bench::click_events(options.events, KeyOrder::fixed); }},
      {"sparse", [&] { return weir::codec::bench::sparse_events(options.events); }}};
  for (const auto& [name, make] : sets) {
    if (!options.only.empty() && options.only != name) continue;
    const DataSet set = decoded(name, make());
    if (!options.ours.empty()) {
      Side side = ours("", options.ours == "modern" ? parquet_::Encodings::modern : parquet_::Encodings::compatible);
      for (int round = 0; round < options.rounds; ++round) write_once(set, side);
      std::printf("%s %.2f B %.1f ns\n", name, side.bytes, side.median());
      continue;
    }
    compare(set, options.rounds);
    for (size_t c = 0; options.columns && c < set.schema->size(); ++c) compare(column_of(set, c), options.rounds);
  }
  return 0;
}
