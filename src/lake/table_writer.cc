#include "lake/table_writer.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>

#include "format/parquet/leaf.h"
#include "lake/data_file_writer_internal.h"
#include "lake/file_part.h"
#include "lake/partition_groups.h"
#include "lake/pending_rows.h"

namespace weir::lake {
namespace {

/// Groups of so many rows go to their file at once; smaller ones wait for more of their partition.
constexpr int64_t kDirectRows = 2048;
/// At most so much waits, and an eighth of the budget: handing it to the files takes twice as much for a moment.
constexpr int64_t kPendingBytesMax = int64_t{64} * 1024 * 1024;
/// A file that holds so much in memory ends its row group when memory is short; a smaller one is closed, since row
/// groups should not become too small to be worth their metadata.
constexpr int64_t kRowGroupBytesMin = int64_t{1} * 1024 * 1024;
/// What a dictionary of few values takes, which a column may have whatever the budget is.
constexpr int64_t kDictionaryBytesMin = int64_t{4} * 1024;
/// Of files that are open at once; each takes one of the process's file descriptors.
constexpr int kOpenFilesMax = 512;
/// What a partition and a run of rows take beside what they hold: nodes of maps, the allocator's own.
constexpr int64_t kPartitionBytes = 256;
constexpr int64_t kRunBytes = 48;

/// What is open for one partition.
struct OpenPartition {
  std::vector<iceberg::Value> partition;
  std::string path;  ///< below data/, with a slash at the end; empty when unpartitioned
  std::vector<PendingRun> pending;
  std::unique_ptr<DataFileWriter> file;
  int64_t own_bytes = 0;      ///< of all but `file`
  int64_t counted_bytes = 0;  ///< how much of this is in the writer's sum

  bool is_idle() const { return pending.empty() && !file; }
  int64_t memory_bytes() const { return own_bytes + (file ? file->memory_bytes() : 0); }
};

/// The properties of `table`, and those that go before them.
iceberg::StringMap merged(iceberg::StringMap table, const iceberg::StringMap& before) {
  for (const auto& [key, value] : before) table[key] = value;
  return table;
}

/// Row groups and dictionaries that leave room in the budget for the buffers that they are encoded in.
parquet::WriterOptions within(int64_t budget_bytes, const Schema& schema, parquet::WriterOptions options) {
  const auto leaves = static_cast<int64_t>(parquet::leaves_of(schema).size());
  options.row_group_bytes = std::min(options.row_group_bytes, std::max(budget_bytes / 2, kRowGroupBytesMin));
  options.dictionary_memory_max =
      std::min(options.dictionary_memory_max, std::max(budget_bytes / 2 / leaves, kDictionaryBytesMin));
  return options;
}

class PartitionedWriter final : public TableWriter {
 public:
  PartitionedWriter(ObjectStore& store, const iceberg::TableMetadata& table, FilePartWriter closed,
                    TableWriterOptions options)
      : store_(store),
        options_(std::move(options)),
        schema_(table.current_schema().schema),
        spec_(table.default_spec()),
        data_location_(std::string(table.property("write.data.path", table.location + "/data"))),
        layout_(schema_, merged(table.properties, options_.properties),
                within(options_.memory_bytes_max, *schema_, options_.parquet)),
        splitter_(schema_, spec_),
        pending_bytes_max_(std::min({kPendingBytesMax, options_.memory_bytes_max / 8, options_.target_file_bytes})),
        pending_(schema_),
        closed_(std::move(closed)) {
    for (const iceberg::PartitionField& field : spec_.fields) {
      partition_types_.push_back(*field.transform.result_type(schema_->find_by_id(field.source_id)->type));
    }
  }

  Result<void> write(const Batch& batch) override {
    if (batch.empty()) return {};
    const Batch dense = batch.compact();
    WEIR_TRY(spec_.is_unpartitioned() ? write_unpartitioned(dense) : write_partitioned(dense));
    if (pending_.memory_bytes() + pending_runs_bytes_ > pending_bytes_max_) WEIR_TRY(flush_all());
    WEIR_TRY(keep_within_budget());
    if (has_idle_) drop_idle();
    return {};
  }

  Result<std::string> close_files() override {
    // One after the other, so that at most one file is open that was not before.
    for (auto& [key, open] : open_) {
      WEIR_TRY(flush(open));
      if (open.file) WEIR_TRY(finish_file(open));
    }
    drop_idle();
    return closed_.finish();
  }

  int64_t memory_bytes() const override { return open_bytes() + closed_.memory_bytes(); }

 private:
  using Partitions = std::map<std::string, OpenPartition>;

  OpenPartition& partition_for(std::vector<iceberg::Value> partition) {
    std::string key;
    for (size_t f = 0; f < partition.size(); ++f) {
      // The key is exact where the path is for people: null and the text "null" differ.
      const iceberg::Value& value = partition[f];
      const std::string bytes = value.is_null() ? "" : iceberg::value_to_bytes(*partition_types_[f], value);
      key += (value.is_null() ? 'n' : 'v') + std::to_string(bytes.size()) + ":" + bytes;
    }
    const auto found = open_.find(key);
    if (found != open_.end()) return found->second;
    OpenPartition open;
    if (!partition.empty()) open.path = iceberg::partition_path(spec_, *schema_, partition) + "/";
    open.own_bytes = kPartitionBytes + static_cast<int64_t>(2 * key.size() + open.path.size() +
                                                            partition.size() * sizeof(iceberg::Value));
    open.partition = std::move(partition);
    OpenPartition& placed = open_.emplace(std::move(key), std::move(open)).first->second;
    count(placed);
    return placed;
  }

  /// Brings the sum up to date with what `open` holds now.
  void count(OpenPartition& open) {
    const int64_t bytes = open.memory_bytes();
    partitions_bytes_ += bytes - std::exchange(open.counted_bytes, bytes);
  }

  /// Whether rows go to their file at once. What is large in bytes would not wait long, and cost a copy.
  bool is_worth_writing(int64_t rows, int64_t bytes) const {
    return rows >= kDirectRows || bytes >= pending_bytes_max_ / 4;
  }

  Result<void> write_unpartitioned(const Batch& dense) {
    OpenPartition& open = partition_for({});
    if (is_worth_writing(dense.rows(), static_cast<int64_t>(dense.memory_bytes()))) return write_direct(open, dense);
    std::vector<int32_t> all(static_cast<size_t>(dense.rows()));
    std::iota(all.begin(), all.end(), 0);
    hold(open, pending_.add(dense), std::move(all));
    return {};
  }

  Result<void> write_partitioned(const Batch& dense) {
    std::vector<PartitionGroup> groups = splitter_.split(dense);
    const auto bytes_a_row = static_cast<int64_t>(dense.memory_bytes()) / dense.rows();
    const auto is_large = [&](const PartitionGroup& group) {
      const auto rows = static_cast<int64_t>(group.rows.size());
      return is_worth_writing(rows, rows * bytes_a_row);
    };
    const auto small = std::stable_partition(groups.begin(), groups.end(), is_large);
    for (auto group = groups.begin(); group != small; ++group)
      WEIR_TRY(write_direct(partition_for(std::move(group->partition)),
                            groups.size() == 1 ? dense : dense.with_selection(group->rows).compact()));
    if (small == groups.end()) return {};
    const uint32_t number = pending_.add(small == groups.begin() ? dense : only_rows_of(dense, {small, groups.end()}));
    for (auto group = small; group != groups.end(); ++group)
      hold(partition_for(std::move(group->partition)), number, std::move(group->rows));
    return {};
  }

  /// The rows of `groups` as a batch of their own, to which their numbers are changed.
  static Batch only_rows_of(const Batch& dense, std::span<PartitionGroup> groups) {
    std::vector<int32_t> rows;
    for (const PartitionGroup& group : groups) rows.insert(rows.end(), group.rows.begin(), group.rows.end());
    std::sort(rows.begin(), rows.end());
    std::vector<int32_t> number_of(static_cast<size_t>(dense.rows()));
    for (size_t i = 0; i < rows.size(); ++i) number_of[static_cast<size_t>(rows[i])] = static_cast<int32_t>(i);
    for (PartitionGroup& group : groups) {
      for (int32_t& row : group.rows) row = number_of[static_cast<size_t>(row)];
    }
    return dense.with_selection(std::move(rows)).compact();
  }

  void hold(OpenPartition& open, uint32_t batch, std::vector<int32_t> rows) {
    const auto bytes = kRunBytes + static_cast<int64_t>(sizeof(PendingRun) + rows.capacity() * sizeof(int32_t));
    open.own_bytes += bytes;
    pending_runs_bytes_ += bytes;
    open.pending.push_back({batch, std::move(rows)});
    count(open);
  }

  /// Hands the waiting rows of a partition to its file.
  Result<void> flush(OpenPartition& open) {
    if (open.pending.empty()) return {};
    const Batch taken = pending_.take(open.pending);
    for (const PendingRun& run : open.pending) {
      const auto bytes = kRunBytes + static_cast<int64_t>(sizeof(PendingRun) + run.rows.capacity() * sizeof(int32_t));
      open.own_bytes -= bytes;
      pending_runs_bytes_ -= bytes;
    }
    open.pending = std::vector<PendingRun>();
    return write_batch(open, taken);
  }

  Result<void> flush_all() {
    for (auto& [key, open] : open_) WEIR_TRY(flush(open));
    has_idle_ = true;
    return {};
  }

  Result<void> write_direct(OpenPartition& open, const Batch& dense) {
    WEIR_TRY(flush(open));
    return write_batch(open, dense);
  }

  Result<void> write_batch(OpenPartition& open, const Batch& dense) {
    if (!open.file) {
      WEIR_ASSIGN(open.file, DataFileWriter::create(store_, next_uri(open), layout_));
      ++open_files_;
    }
    WEIR_TRY(open.file->write(dense));
    count(open);
    if (open.file->estimated_size_bytes() >= options_.target_file_bytes) WEIR_TRY(finish_file(open));
    return keep_within_budget();
  }

  Result<void> finish_file(OpenPartition& open) {
    WEIR_ASSIGN(iceberg::DataFile file, open.file->finish(open.partition, spec_.spec_id));
    open.file = nullptr;
    --open_files_;
    has_idle_ = true;
    count(open);
    return closed_.add(std::move(file));
  }

  /// Ends the row group of a file where that frees most of its memory, else closes the file.
  Result<void> shrink_file(OpenPartition& open) {
    const int64_t bytes = open.file->memory_bytes();
    if (bytes < kRowGroupBytesMin) return finish_file(open);
    WEIR_TRY(open.file->end_row_group());
    count(open);
    return open.file->memory_bytes() > bytes / 2 ? finish_file(open) : Result<void>();
  }

  int64_t open_bytes() const { return pending_.memory_bytes() + partitions_bytes_; }

  /// What may be open: closing files does not free the descriptions of those that are closed.
  int64_t open_bytes_max() const {
    return std::max(options_.memory_bytes_max - closed_.memory_bytes(), options_.memory_bytes_max / 4);
  }

  bool is_within(int64_t open_bytes_max, int open_files_max) const {
    return open_bytes() <= open_bytes_max && open_files_ <= open_files_max;
  }

  /// Frees a quarter of what there may be when it is passed, the largest files first: by the quarter, so that looking
  /// for them costs little.
  Result<void> keep_within_budget() {
    if (is_within(open_bytes_max(), kOpenFilesMax)) return {};
    std::vector<OpenPartition*> largest;
    for (auto& [key, open] : open_) {
      if (open.file) largest.push_back(&open);
    }
    std::sort(largest.begin(), largest.end(), [](const OpenPartition* a, const OpenPartition* b) {
      return a->file->memory_bytes() > b->file->memory_bytes();
    });
    const bool are_many = open_files_ > kOpenFilesMax;
    for (OpenPartition* open : largest) {
      if (is_within(open_bytes_max() / 4 * 3, kOpenFilesMax / 4 * 3)) break;
      WEIR_TRY(are_many ? finish_file(*open) : shrink_file(*open));
    }
    return {};
  }

  /// Forgets partitions that have nothing open.
  void drop_idle() {
    has_idle_ = false;
    for (auto at = open_.begin(); at != open_.end();) {
      if (!at->second.is_idle()) {
        ++at;
        continue;
      }
      partitions_bytes_ -= at->second.counted_bytes;
      at = open_.erase(at);
    }
  }

  std::string next_uri(const OpenPartition& open) {
    char number[16];
    std::snprintf(number, sizeof number, "-%05d", ++file_count_);
    return data_location_ + "/" + open.path + options_.file_prefix + number + ".parquet";
  }

  ObjectStore& store_;
  TableWriterOptions options_;
  SchemaPtr schema_;
  iceberg::PartitionSpec spec_;
  std::string data_location_;
  DataFileLayout layout_;
  PartitionSplitter splitter_;
  std::vector<TypePtr> partition_types_;
  int64_t pending_bytes_max_;
  PendingBatches pending_;
  int64_t pending_runs_bytes_ = 0;  ///< of the lists of waiting rows; part of partitions_bytes_
  int64_t partitions_bytes_ = 0;    ///< of open_, about
  int open_files_ = 0;
  Partitions open_;
  bool has_idle_ = false;  ///< whether open_ may name partitions that have nothing open
  FilePartWriter closed_;
  int file_count_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableWriter>> TableWriter::make(ObjectStore& store, const iceberg::TableMetadata& table,
                                                       TableWriterOptions options) {
  WEIR_TRY(iceberg::check_writable(table));
  WEIR_ASSIGN(FilePartWriter closed, FilePartWriter::make(table));
  return std::unique_ptr<TableWriter>(
      std::make_unique<PartitionedWriter>(store, table, std::move(closed), std::move(options)));
}

}  // namespace weir::lake
