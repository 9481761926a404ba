#include "iceberg/value/metrics.h"
#include "lake/data_file_writer_internal.h"
#include "lake/table_writer.h"

namespace weir::lake {

/// The file's bytes on their way to the store.
class DataFileWriter::ObjectSink final : public parquet::ByteSink {
 public:
  explicit ObjectSink(std::unique_ptr<ObjectWriter> object) : object_(std::move(object)) {}
  Result<void> append(std::string_view bytes) override { return object_->append(bytes); }
  Result<void> finish() { return object_->finish(); }

 private:
  std::unique_ptr<ObjectWriter> object_;
};

namespace {

/// What the table asks for; text that is no choice counts as not given.
parquet::Encodings encodings_of(const iceberg::StringMap& properties, parquet::Encodings otherwise) {
  const auto found = properties.find(kEncodingsProperty);
  if (found == properties.end()) return otherwise;
  if (found->second == "modern") return parquet::Encodings::modern;
  return found->second == "compatible" ? parquet::Encodings::compatible : otherwise;
}

}  // namespace

DataFileLayout::DataFileLayout(SchemaPtr columns, iceberg::StringMap table_properties, parquet::WriterOptions options)
    : schema(std::move(columns)), properties(std::move(table_properties)), parquet(std::move(options)) {
  parquet.encodings = encodings_of(properties, parquet.encodings);
  parquet.bound_bytes_max = iceberg::bound_bytes_needed(*schema, properties);
}

DataFileWriter::DataFileWriter(std::string uri, const DataFileLayout& layout) : uri_(std::move(uri)), layout_(layout) {}
DataFileWriter::~DataFileWriter() = default;

Result<std::unique_ptr<DataFileWriter>> DataFileWriter::create(ObjectStore& store, std::string uri,
                                                               const DataFileLayout& layout) {
  WEIR_ASSIGN(std::unique_ptr<ObjectWriter> object, store.create(uri));
  auto writer = std::unique_ptr<DataFileWriter>(new DataFileWriter(std::move(uri), layout));
  writer->sink_ = std::make_unique<ObjectSink>(std::move(object));
  writer->parquet_ = parquet::Writer::open(layout.schema, layout.parquet, *writer->sink_);
  return writer;
}

Result<void> DataFileWriter::write(const Batch& batch) {
  return parquet_->write(batch);
}

Result<iceberg::DataFile> DataFileWriter::finish(std::vector<iceberg::Value> partition, int32_t spec_id) {
  WEIR_ASSIGN(const parquet::FileFacts facts, parquet_->finish());
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
  iceberg::metrics_of(*layout_.schema, layout_.properties, facts.columns).move_to(file);
  return file;
}

}  // namespace weir::lake
