#include "lake/data_file_writer_internal.h"

namespace weir::lake {

/// The file's bytes on their way to the store.
class DataFileWriter::ObjectSink final : public codec::ByteSink {
 public:
  explicit ObjectSink(std::unique_ptr<ObjectWriter> object) : object_(std::move(object)) {}
  Result<void> append(std::string_view bytes) override { return object_->append(bytes); }
  Result<void> finish() { return object_->finish(); }

 private:
  std::unique_ptr<ObjectWriter> object_;
};

DataFileWriter::DataFileWriter(std::string uri, SchemaPtr schema, const iceberg::StringMap& properties)
    : uri_(std::move(uri)), metrics_(std::move(schema), properties) {}
DataFileWriter::~DataFileWriter() = default;

Result<std::unique_ptr<DataFileWriter>> DataFileWriter::create(ObjectStore& store, std::string uri, SchemaPtr schema,
                                                               const iceberg::StringMap& properties,
                                                               const codec::ParquetOptions& options) {
  WEIR_ASSIGN(std::unique_ptr<ObjectWriter> object, store.create(uri));
  auto writer = std::unique_ptr<DataFileWriter>(new DataFileWriter(std::move(uri), schema, properties));
  writer->sink_ = std::make_unique<ObjectSink>(std::move(object));
  writer->parquet_ = codec::ParquetWriter::open(std::move(schema), options, *writer->sink_);
  return writer;
}

Result<void> DataFileWriter::write(const Batch& batch) {
  metrics_.add(batch);
  return parquet_->write(batch);
}

Result<iceberg::DataFile> DataFileWriter::finish(std::vector<iceberg::Value> partition, int32_t spec_id) {
  WEIR_ASSIGN(const codec::ParquetFileFacts facts, parquet_->finish());
  WEIR_TRY(sink_->finish());
  iceberg::DataFile file;
  file.path = uri_;
  file.spec_id = spec_id;
  file.partition = std::move(partition);
  file.record_count = facts.rows;
  file.size_bytes = facts.size_bytes;
  file.split_offsets = facts.split_offsets;
  file.column_sizes.emplace();
  for (const auto& [id, bytes] : facts.column_sizes) file.column_sizes->set(id, bytes);
  metrics_.finish().move_to(file);
  return file;
}

}  // namespace weir::lake
