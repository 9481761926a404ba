#include "format/parquet/tests/arrow_writer.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/file_writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include "base/hash.h"
#include "columnar/arrow_internal.h"
#include "format/parquet/tests/arrow_schema.h"

namespace weir::parquet::arrow_oracle {
namespace {

constexpr int64_t kSampleRows = 4096;
constexpr int64_t kDictionaryPageBytes = int64_t{1024} * 1024;

Error to_error(const ::arrow::Status& status) {
  return Error(ErrorKind::internal, "Parquet: " + status.ToString());
}

/// Arrow's output stream over our sink. Keeps the sink's own error, which Arrow's status cannot carry.
class SinkStream final : public arrow::io::OutputStream {
 public:
  explicit SinkStream(ByteSink& sink) : sink_(sink) {}

  ::arrow::Status Write(const void* data, int64_t size) override {
    if (error_.ok()) error_ = sink_.append({static_cast<const char*>(data), static_cast<size_t>(size)});
    if (!error_.ok()) return ::arrow::Status::IOError(error_.error().message());
    position_ += size;
    return ::arrow::Status::OK();
  }
  ::arrow::Status Close() override {
    closed_ = true;
    return ::arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  bool closed() const override { return closed_; }

  int64_t position() const { return position_; }
  /// The sink's error when it had one, else what Arrow says.
  Error explain(const ::arrow::Status& status) const { return error_.ok() ? to_error(status) : error_.error(); }

 private:
  ByteSink& sink_;
  Result<void> error_;
  int64_t position_ = 0;
  bool closed_ = false;
};

uint64_t value_hash(const Column& column, int64_t i) {
  if (column.type->width_bytes() != 0 || column.type->kind() == TypeKind::string ||
      column.type->kind() == TypeKind::binary) {
    if (column.type->kind() == TypeKind::string || column.type->kind() == TypeKind::binary ||
        column.type->width_bytes() > 8)
      return hash64(column.bytes_at(i));
    uint64_t bits = 0;
    const auto width = static_cast<size_t>(column.type->width_bytes());
    std::memcpy(&bits, column.values.data() + static_cast<size_t>(i) * width, std::min<size_t>(width, 8));
    return bits;
  }
  return static_cast<uint64_t>(column.boolean_at(i));
}

/// A dictionary pays when values repeat. Most values of the sample being distinct, building one would be time spent on
/// a dictionary that Parquet gives up at its page limit.
bool repeats(const Column& column) {
  const int64_t rows = std::min(column.length, kSampleRows);
  if (rows < 64) return true;
  std::unordered_set<uint64_t> seen;
  for (int64_t i = 0; i < rows; ++i) {
    if (!column.is_null(i)) seen.insert(value_hash(column, i));
  }
  return static_cast<int64_t>(seen.size()) * 2 <= rows;
}

void advise_column(const Column& column, const std::string& path, ::parquet::WriterProperties::Builder& properties) {
  switch (column.type->kind()) {
    case TypeKind::structure:
      for (size_t i = 0; i < column.children.size(); ++i) {
        advise_column(*column.children[i], path + "." + column.type->fields()[i].name, properties);
      }
      return;
    case TypeKind::list: return advise_column(*column.children[0], path + ".list.element", properties);
    case TypeKind::map:
      advise_column(*column.children[0], path + ".key_value.key", properties);
      return advise_column(*column.children[1], path + ".key_value.value", properties);
    default:
      if (!repeats(column)) properties.disable_dictionary(path);
  }
}

/// Turns any exception of the library into an error.
template <typename Body>
Result<void> guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::resource_exhausted, "out of memory while writing Parquet");
  } catch (const std::exception& exception) {
    return Error(ErrorKind::internal, std::string("Parquet: ") + exception.what());
  }
}

class ArrowWriter final : public Writer {
 public:
  ArrowWriter(SchemaPtr schema, const WriterOptions& options, ByteSink& sink)
      : schema_(std::move(schema)), options_(options), stream_(std::make_shared<SinkStream>(sink)) {}

  Result<void> write(const Batch& batch) override {
    return guarded([&]() -> Result<void> {
      if (!writer_) WEIR_TRY(start(batch));
      if (group_bytes_ >= options_.row_group_bytes) WEIR_TRY(next_row_group());
      const ::arrow::Status status = writer_->WriteRecordBatch(*to_arrow(batch));
      if (!status.ok()) return stream_->explain(status);
      rows_ += batch.rows();
      group_bytes_ += static_cast<int64_t>(batch.memory_bytes());
      return {};
    });
  }

  Result<void> end_row_group() override { return Error(ErrorKind::unsupported, "Arrow's writer ends them itself"); }
  Result<void> copy_row_group(ByteSource&, const FileMetadata&, size_t) override {
    return Error(ErrorKind::unsupported, "Arrow's writer does not copy row groups");
  }

  Result<FileFacts> finish() override {
    WEIR_CHECK(writer_ != nullptr);
    WEIR_TRY(guarded([&]() -> Result<void> {
      const ::arrow::Status status = writer_->Close();
      if (!status.ok()) return stream_->explain(status);
      return {};
    }));
    return facts();
  }

  int64_t memory_bytes() const override {
    return static_cast<int64_t>(static_cast<double>(group_bytes_) * ratio_) + kDictionaryPageBytes;
  }

  int64_t estimated_size_bytes() const override {
    return stream_->position() + static_cast<int64_t>(static_cast<double>(group_bytes_) * ratio_);
  }

 private:
  Result<void> start(const Batch& first) {
    ::parquet::WriterProperties::Builder properties;
    properties.compression(::parquet::Compression::ZSTD)
        ->compression_level(options_.compression_level)
        ->data_page_version(::parquet::ParquetDataPageVersion::V1)
        ->data_pagesize(options_.page_bytes)
        ->dictionary_pagesize_limit(kDictionaryPageBytes)
        ->max_row_group_length(INT64_MAX)
        ->enable_write_page_index()
        ->created_by("weir");
    for (size_t i = 0; i < schema_->size(); ++i) advise_column(first.column(i), schema_->field(i).name, properties);
    auto file = ::parquet::ParquetFileWriter::Open(stream_, to_parquet(*schema_), properties.build());
    const auto arrow_properties = ::parquet::ArrowWriterProperties::Builder().set_use_threads(false)->build();
    const ::arrow::Status status = ::parquet::arrow::FileWriter::Make(arrow::default_memory_pool(), std::move(file),
                                                                      to_arrow(*schema_), arrow_properties, &writer_);
    if (!status.ok()) return stream_->explain(status);
    return open_row_group();
  }

  Result<void> open_row_group() {
    const ::arrow::Status status = writer_->NewBufferedRowGroup();
    if (!status.ok()) return stream_->explain(status);
    return {};
  }

  Result<void> next_row_group() {
    const int64_t before = stream_->position();
    WEIR_TRY(open_row_group());  // closes the one before
    ratio_ =
        std::clamp(static_cast<double>(stream_->position() - before) / static_cast<double>(group_bytes_), 0.01, 1.5);
    group_bytes_ = 0;
    return {};
  }

  Result<FileFacts> facts() const {
    const std::shared_ptr<::parquet::FileMetaData> metadata = writer_->metadata();
    FileFacts facts{.rows = rows_, .size_bytes = stream_->position(), .split_offsets = {}, .column_sizes = {}};
    for (int g = 0; g < metadata->num_row_groups(); ++g) {
      const auto group = metadata->RowGroup(g);
      facts.split_offsets.push_back(group->ColumnChunk(0)->has_dictionary_page()
                                        ? group->ColumnChunk(0)->dictionary_page_offset()
                                        : group->ColumnChunk(0)->data_page_offset());
      for (int c = 0; c < group->num_columns(); ++c) {
        facts.column_sizes[metadata->schema()->Column(c)->schema_node()->field_id()] +=
            group->ColumnChunk(c)->total_compressed_size();
      }
    }
    return facts;
  }

  SchemaPtr schema_;
  WriterOptions options_;
  std::shared_ptr<SinkStream> stream_;
  std::unique_ptr<::parquet::arrow::FileWriter> writer_;
  int64_t rows_ = 0;
  int64_t group_bytes_ = 0;
  double ratio_ = 0.3;  // compressed bytes a byte of columns, until the first row group tells
};

}  // namespace

std::unique_ptr<Writer> open(SchemaPtr schema, const WriterOptions& options, ByteSink& sink) {
  return std::make_unique<ArrowWriter>(std::move(schema), options, sink);
}

}  // namespace weir::parquet::arrow_oracle
