#include "lake/table_writer.h"

#include <algorithm>
#include <map>

#include "columnar/batch_builder.h"
#include "lake/data_file_writer_internal.h"
#include "lake/partition_groups.h"

namespace weir::lake {
namespace {

/// Rows of a partition that wait in memory before a file is opened for them: opening one costs more memory than few
/// rows do.
constexpr int64_t kPendingBytesMax = int64_t{4} * 1024 * 1024;
/// Groups of so many rows go to the file as one batch, without waiting.
constexpr int64_t kDirectRows = 2048;

/// What is open for one partition.
struct OpenPartition {
  std::vector<iceberg::Value> partition;
  std::string path;  ///< below data/, with a slash at the end; empty when unpartitioned
  BatchBuilder pending;
  std::unique_ptr<DataFileWriter> file;

  int64_t memory_bytes() const { return pending.memory_bytes() + (file ? file->memory_bytes() : 0); }
};

/// The properties of `table`, and those that go before them.
iceberg::StringMap merged(iceberg::StringMap table, const iceberg::StringMap& before) {
  for (const auto& [key, value] : before) table[key] = value;
  return table;
}

class PartitionedWriter final : public TableWriter {
 public:
  PartitionedWriter(ObjectStore& store, const iceberg::TableMetadata& table, TableWriterOptions options)
      : store_(store),
        options_(std::move(options)),
        schema_(table.current_schema().schema),
        spec_(table.default_spec()),
        data_location_(std::string(table.property("write.data.path", table.location + "/data"))),
        layout_(schema_, merged(table.properties, options_.properties), options_.parquet),
        splitter_(schema_, spec_) {
    for (const iceberg::PartitionField& field : spec_.fields) {
      partition_types_.push_back(*field.transform.result_type(schema_->find_by_id(field.source_id)->type));
    }
  }

  Result<void> write(const Batch& batch) override {
    if (batch.empty()) return {};
    const Batch dense = batch.compact();
    if (spec_.is_unpartitioned()) return write_rows(partition_for({}), dense, nullptr);
    std::vector<PartitionGroup> groups = splitter_.split(dense);
    const bool is_whole = groups.size() == 1;
    for (PartitionGroup& group : groups) {
      OpenPartition& open = partition_for(std::move(group.partition));
      WEIR_TRY(write_rows(open, dense, is_whole ? nullptr : &group.rows));
    }
    return keep_within_budget();
  }

  Result<std::vector<iceberg::DataFile>> close_files() override {
    // One after the other, so that at most one file is open that was not before.
    for (auto& [key, open] : open_) WEIR_TRY(close(open));
    open_.clear();
    return std::exchange(files_, {});
  }

  int64_t memory_bytes() const override {
    int64_t bytes = 0;
    for (const auto& [key, open] : open_) bytes += open.memory_bytes();
    return bytes;
  }

 private:
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
    std::string path;
    if (!partition.empty()) path = iceberg::partition_path(spec_, *schema_, partition) + "/";
    OpenPartition open{
        .partition = std::move(partition), .path = std::move(path), .pending = BatchBuilder(schema_), .file = nullptr};
    return open_.emplace(std::move(key), std::move(open)).first->second;
  }

  /// Adds `rows` of a dense batch, all of them when null.
  Result<void> write_rows(OpenPartition& open, const Batch& dense, const std::vector<int32_t>* rows) {
    const int64_t count = rows == nullptr ? dense.rows() : static_cast<int64_t>(rows->size());
    if (count >= kDirectRows) {
      WEIR_TRY(flush_pending(open));
      return write_batch(open, rows == nullptr ? dense : dense.with_selection(*rows).compact());
    }
    if (rows == nullptr) {
      std::vector<int32_t> all(static_cast<size_t>(count));
      for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
      open.pending.append(dense, all);
    } else {
      open.pending.append(dense, *rows);
    }
    return open.pending.memory_bytes() >= kPendingBytesMax ? flush_pending(open) : Result<void>();
  }

  Result<void> flush_pending(OpenPartition& open) {
    if (open.pending.rows() == 0) return {};
    return write_batch(open, open.pending.finish());
  }

  Result<void> write_batch(OpenPartition& open, const Batch& dense) {
    if (!open.file) {
      WEIR_ASSIGN(open.file, DataFileWriter::create(store_, next_uri(open), layout_));
    }
    WEIR_TRY(open.file->write(dense));
    return open.file->estimated_size_bytes() >= options_.target_file_bytes ? finish_file(open) : Result<void>();
  }

  Result<void> finish_file(OpenPartition& open) {
    WEIR_ASSIGN(iceberg::DataFile file, open.file->finish(open.partition, spec_.spec_id));
    open.file = nullptr;
    files_.push_back(std::move(file));
    return {};
  }

  Result<void> close(OpenPartition& open) {
    WEIR_TRY(flush_pending(open));
    return open.file ? finish_file(open) : Result<void>();
  }

  /// Closes the largest partitions first until the budget holds again.
  Result<void> keep_within_budget() {
    while (memory_bytes() > options_.memory_bytes_max) {
      const auto largest = std::max_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
        return a.second.memory_bytes() < b.second.memory_bytes();
      });
      WEIR_TRY(close(largest->second));
      open_.erase(largest);
    }
    return {};
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
  std::map<std::string, OpenPartition> open_;
  std::vector<iceberg::DataFile> files_;
  int file_count_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableWriter>> TableWriter::make(ObjectStore& store, const iceberg::TableMetadata& table,
                                                       TableWriterOptions options) {
  WEIR_TRY(iceberg::check_writable(table));
  return std::unique_ptr<TableWriter>(std::make_unique<PartitionedWriter>(store, table, std::move(options)));
}

}  // namespace weir::lake
