/// What one commit costs after another: weir_lake_bench DIRECTORY COUNT [FILES]
///
/// Each commit adds a file of 100 rows to a table of a local warehouse, and the progress with it; a dead letter gets
/// nothing. With FILES it adds so many files of a row, each of a source file that is read to its end and stays in the
/// progress. Prints a line a commit: its number, then microseconds of wall and of CPU time from the manifests to the
/// catalog's answer. Writing the data file does not count: it does not depend on what the table holds.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/resource.h>

#include "base/file_env.h"
#include "columnar/column_builder.h"
#include "lake/catalog/sqlite_catalog.h"
#include "lake/commit/pipeline_committer.h"
#include "lake/table_writer.h"

namespace weir::lake::bench {
namespace {

constexpr int64_t kRows = 100;
constexpr int64_t kKeepSnapshots = 300;  // what a pipeline file has by default

template <typename T>
T must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "FAILED: %s\n", result.error().to_string().c_str());
  std::exit(1);
}

int64_t cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

SchemaPtr schema() {
  return std::make_shared<const Schema>(
      assign_ids(std::vector<Field>{{.name = "id", .required = true, .type = Type::primitive(TypeKind::int64)},
                                    {.name = "name", .type = Type::primitive(TypeKind::string)}}));
}

Batch rows(int64_t first, int64_t count) {
  FixedBuilder<int64_t> ids(Type::primitive(TypeKind::int64));
  BytesBuilder names(Type::primitive(TypeKind::string));
  for (int64_t i = first; i < first + count; ++i) {
    ids.append(i);
    names.append("row " + std::to_string(i));
  }
  return Batch(schema(), {ids.finish(), names.finish()}, count, nullptr);
}

class Series {
 public:
  Series(const std::string& directory, int64_t files)
      : files_(files),
        store_(make_local_store(posix_file_env())),
        remover_(make_local_remover(posix_file_env())),
        catalog_(must(open_sqlite_catalog({.directory = directory, .remover = remover_.get()}, *store_,
                                          posix_file_env(), system_clock_source(), system_random()))),
        table_(*TableIdentifier::parse("bench.rows")),
        committer_({.pipeline = "bench",
                    .targets = targets(),
                    .keep_snapshots = kKeepSnapshots,
                    .store_folder = file_uri(directory + "/state", "/")},
                   *catalog_, *store_, system_clock_source(), system_random()) {
    for (const TargetTable& target : targets())
      must(catalog_->create({.table = target.table, .schema = schema(), .spec = {}, .properties = {}}));
    must(committer_.open());
    const LoadedTable loaded = must(catalog_->load(table_));
    writer_ = must(TableWriter::make(*store_, *loaded.metadata, {.file_prefix = "bench", .parquet = {}}));
  }

  void commit(int64_t number) {
    EpochFiles epoch{.sink = "table", .parts = {}};
    if (files_ == 0) {
      epoch.parts.push_back(write(number * kRows, kRows));
      progress_.sources["source"].partitions["topic/0"] = {.next = (number + 1) * kRows};
    }
    for (int64_t i = number * files_; i < (number + 1) * files_; ++i) {
      epoch.parts.push_back(write(i, 1));
      progress_.sources["source"].finish("/data/incoming/2026-11-30/events-" + std::to_string(i) + ".ndjson");
    }
    const std::vector<EpochFiles> files = {std::move(epoch)};
    const int64_t wall = system_clock_source().monotonic_us();
    const int64_t cpu = cpu_us();
    const PreparedCommit prepared = must(committer_.prepare(files, progress_, {}));
    const PreparedCommit stored = must(PreparedCommit::from_bytes(prepared.to_bytes()));
    if (must(committer_.commit(stored, {})) != CommitOutcome::applied) std::exit(1);
    std::printf("%lld %lld %lld\n", static_cast<long long>(number),
                static_cast<long long>(system_clock_source().monotonic_us() - wall),
                static_cast<long long>(cpu_us() - cpu));
  }

 private:
  std::string write(int64_t first, int64_t count) {
    const Result<void> written = writer_->write(rows(first, count));
    if (!written.ok()) std::exit(1);
    return must(writer_->close_files());
  }

  static std::vector<TargetTable> targets() {
    return {{.sink = "table", .table = *TableIdentifier::parse("bench.rows")},
            {.sink = "dead_letter", .table = *TableIdentifier::parse("bench.rejects"), .is_dead_letter = true}};
  }

  int64_t files_;
  Progress progress_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<ObjectRemover> remover_;
  std::unique_ptr<Catalog> catalog_;
  TableIdentifier table_;
  PipelineCommitter committer_;
  std::unique_ptr<TableWriter> writer_;
};

}  // namespace
}  // namespace weir::lake::bench

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: weir_lake_bench DIRECTORY COUNT [FILES]\n");
    return 2;
  }
  weir::lake::bench::Series series(std::filesystem::absolute(argv[1]).string(), argc == 4 ? std::atoll(argv[3]) : 0);
  const int64_t count = std::atoll(argv[2]);
  for (int64_t number = 1; number <= count; ++number) series.commit(number);
  return 0;
}
