/// \file
/// weir_table_edits FOLDER: a warehouse in FOLDER whose table t.rows was changed by edits of every shape, through the
/// committer of a pipeline. Prints the ids that readers must see after each commit, a JSON array a line. The table is
/// partitioned by the id's parity, so that a file is of one partition.
#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/file_env.h"
#include "columnar/column_builder.h"
#include "lake/catalog/sqlite_catalog.h"
#include "lake/commit/pipeline_committer.h"
#include "lake/file_part.h"
#include "lake/table_writer.h"
#include "lake/tests/write_mask.h"

namespace weir {
namespace {

using iceberg::DataFile;

class Edits {
 public:
  explicit Edits(const std::string& folder)
      : store_(make_local_store(posix_file_env())),
        catalog_(lake::open_sqlite_catalog({.directory = folder}, *store_, posix_file_env(), system_clock_source(),
                                           system_random())
                     .value()) {
    lake::TableDefinition wanted{.table = table_, .schema = schema(), .spec = {}, .properties = {}};
    wanted.spec.fields = {{.source_id = 2, .field_id = 1000, .name = "odd", .transform = {}}};
    WEIR_CHECK(catalog_->create(wanted).ok());
    committer_ = std::make_unique<lake::PipelineCommitter>(
        lake::CommitterOptions{.pipeline = "edits", .targets = {{.sink = "rows", .table = table_}}}, *catalog_, *store_,
        system_clock_source(), system_random());
    WEIR_CHECK(committer_->open().ok());
  }

  void run() {
    const std::vector<DataFile> even = add(0, 20, false);
    const std::vector<DataFile> odd = add(0, 20, true);
    const std::vector<DataFile> more = add(20, 30, false);
    change("rows by position", [&](lake::FilePartWriter& part) {
      mask(part, even.front(), {0, 9}, {0, 18});
      mask(part, odd.front(), {3}, {7});
    });
    change("a file, and rows that take its place", [&](lake::FilePartWriter& part) {
      remove(part, more.front());
      put(part, write(100, 106, false));
    });
    change("rows of a file that has some masked already, beside new ones", [&](lake::FilePartWriter& part) {
      mask(part, even.front(), {1}, {2});
      put(part, write(200, 202, true));
    });
    change("a file and what masks its rows", [&](lake::FilePartWriter& part) { remove(part, odd.front()); });
  }

 private:
  static SchemaPtr schema() {
    return std::make_shared<const Schema>(
        assign_ids(std::vector<Field>{{.name = "id", .required = true, .type = Type::primitive(TypeKind::int64)},
                                      {.name = "odd", .type = Type::primitive(TypeKind::boolean)}}));
  }

  iceberg::TableMetadata table() { return *catalog_->load(table_).value().metadata; }

  /// A file of the ids from `first` to before `end` that are odd, or even.
  std::vector<DataFile> write(int64_t first, int64_t end, bool odd) {
    FixedBuilder<int64_t> ids(Type::primitive(TypeKind::int64));
    BooleanBuilder parity(Type::primitive(TypeKind::boolean));
    for (int64_t id = first; id < end; ++id) {
      if ((id % 2 == 1) != odd) continue;
      ids.append(id);
      parity.append(odd);
    }
    const int64_t rows = ids.length();
    auto writer =
        lake::TableWriter::make(*store_, table(), {.file_prefix = "edits-" + std::to_string(++files_)}).value();
    WEIR_CHECK(writer->write(Batch(schema(), {ids.finish(), parity.finish()}, rows, nullptr)).ok());
    const std::string part = writer->close_files().value();
    lake::FilePartReader reader = lake::FilePartReader::open(part).value();
    std::vector<DataFile> files;
    for (lake::FileChange change; reader.next(change).value();) files.push_back(change.file);
    for (int64_t id = first; id < end; ++id) {
      if ((id % 2 == 1) == odd) ids_of_[files.front().path].insert(id);
    }
    return files;
  }

  void put(lake::FilePartWriter& part, const std::vector<DataFile>& files) {
    for (const DataFile& file : files) {
      WEIR_CHECK(part.add(file).ok());
      seen_.insert(ids_of_[file.path].begin(), ids_of_[file.path].end());
    }
  }
  void remove(lake::FilePartWriter& part, const DataFile& file) {
    WEIR_CHECK(part.add(file, lake::FileAction::remove).ok());
    for (const int64_t id : ids_of_[file.path]) seen_.erase(id);
  }
  void mask(lake::FilePartWriter& part, const DataFile& file, const std::vector<int64_t>& positions,
            const std::vector<int64_t>& ids) {
    WEIR_CHECK(part.add(lake::write_mask(*store_, table(), file, positions), lake::FileAction::mask).ok());
    for (const int64_t id : ids) WEIR_CHECK(seen_.erase(id) == 1);
  }

  std::vector<DataFile> add(int64_t first, int64_t end, bool odd) {
    std::vector<DataFile> files;
    change("rows", [&](lake::FilePartWriter& part) { put(part, files = write(first, end, odd)); });
    return files;
  }

  /// Commits an edit, as a process that finds it prepared would.
  void change(const char* what, const std::function<void(lake::FilePartWriter&)>& fill) {
    lake::FilePartWriter part = lake::FilePartWriter::make(table()).value();
    fill(part);
    Progress progress;
    progress.sources["s"].partitions["p/0"] = {.next = ++epoch_};
    const auto prepared = committer_->prepare({{.sink = "rows", .parts = {part.finish()}}}, progress, {});
    WEIR_CHECK_MSG(prepared.ok(), prepared.error().to_string());
    const auto read = lake::PreparedCommit::from_bytes(prepared->to_bytes());
    const auto outcome = committer_->commit(*read, {.uri = "memory://prepared", .size_bytes = 1, .hash = 1});
    WEIR_CHECK_MSG(outcome.ok() && *outcome == CommitOutcome::applied, what);
    std::string line = "{\"edit\":\"" + std::string(what) +
                       "\",\"snapshot\":" + std::to_string(*table().current_snapshot_id) + ",\"ids\":[";
    for (const int64_t id : seen_) line += (line.back() == '[' ? "" : ",") + std::to_string(id);
    std::puts((line + "]}").c_str());
  }

  const lake::TableIdentifier table_ = lake::TableIdentifier::parse("t.rows").value();
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<lake::Catalog> catalog_;
  std::unique_ptr<lake::PipelineCommitter> committer_;
  std::map<std::string, std::set<int64_t>> ids_of_;  ///< by file
  std::set<int64_t> seen_;
  int64_t epoch_ = 0;
  int files_ = 0;
};

}  // namespace
}  // namespace weir

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: weir_table_edits FOLDER\n", stderr);
    return 2;
  }
  weir::Edits(arguments[1]).run();
  return 0;
}
