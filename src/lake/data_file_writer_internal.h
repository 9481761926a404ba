/// \file
/// Writes one data file: Parquet bytes, statistics, and the manifest entry that describes it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codec/parquet_writer.h"
#include "iceberg/data_file.h"
#include "iceberg/metrics.h"
#include "storage/object_store.h"

namespace weir::lake {

/// One file. One thread.
class DataFileWriter {
 public:
  ~DataFileWriter();
  /// `properties` are the table's: they say which metrics to gather.
  static Result<std::unique_ptr<DataFileWriter>> create(ObjectStore& store, std::string uri, SchemaPtr schema,
                                                        const iceberg::StringMap& properties,
                                                        const codec::ParquetOptions& options);

  /// `batch` is dense.
  Result<void> write(const Batch& batch);
  /// Closes the file durably. `partition` and `spec_id` are the caller's to know.
  Result<iceberg::DataFile> finish(std::vector<iceberg::Value> partition, int32_t spec_id);

  int64_t memory_bytes() const { return parquet_->memory_bytes(); }
  int64_t estimated_size_bytes() const { return parquet_->estimated_size_bytes(); }

 private:
  class ObjectSink;
  DataFileWriter(std::string uri, SchemaPtr schema, const iceberg::StringMap& properties);

  std::string uri_;
  iceberg::MetricsCollector metrics_;
  std::unique_ptr<ObjectSink> sink_;
  std::unique_ptr<codec::ParquetWriter> parquet_;
};

}  // namespace weir::lake
