/// \file
/// Writes one data file: Parquet bytes, statistics, and the manifest entry that describes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/parquet/writer.h"
#include "iceberg/manifest/data_file.h"
#include "iceberg/metadata/snapshot.h"
#include "storage/object_store.h"

namespace weir::lake {

/// How all data files of a table are written.
struct DataFileLayout {
  /// `table_properties` say which encodings files may use and which metrics to gather.
  DataFileLayout(SchemaPtr columns, iceberg::StringMap table_properties, parquet::WriterOptions options);

  SchemaPtr schema;
  iceberg::StringMap properties;
  parquet::WriterOptions parquet;
};

/// One file. One thread.
class DataFileWriter {
 public:
  ~DataFileWriter();
  /// `layout` outlives the writer.
  static Result<std::unique_ptr<DataFileWriter>> create(ObjectStore& store, std::string uri,
                                                        const DataFileLayout& layout);

  /// `batch` is dense.
  Result<void> write(const Batch& batch);
  /// Hands the open row group to the store, which frees the memory that it took.
  Result<void> end_row_group() { return parquet_->end_row_group(); }
  /// Closes the file durably. `partition` and `spec_id` are the caller's to know.
  Result<iceberg::DataFile> finish(std::vector<iceberg::Value> partition, int32_t spec_id);

  int64_t memory_bytes() const { return parquet_->memory_bytes(); }
  int64_t estimated_size_bytes() const { return parquet_->estimated_size_bytes(); }

 private:
  class ObjectSink;
  DataFileWriter(std::string uri, const DataFileLayout& layout);

  std::string uri_;
  const DataFileLayout& layout_;
  std::unique_ptr<ObjectSink> sink_;
  std::unique_ptr<parquet::Writer> parquet_;
};

}  // namespace weir::lake
