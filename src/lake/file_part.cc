#include "lake/file_part.h"

namespace weir::lake {
namespace {

constexpr int64_t kNoSnapshot = 1;  // the format wants one; the committer draws the true one

}  // namespace

Result<FilePartWriter> FilePartWriter::make(const iceberg::TableMetadata& table) {
  const iceberg::StoredSchema& schema = table.current_schema();
  WEIR_ASSIGN(iceberg::ManifestFormat format,
              iceberg::ManifestFormat::make(*schema.schema, schema.json, table.default_spec()));
  return FilePartWriter(std::move(format));
}

Result<void> FilePartWriter::add(iceberg::DataFile file) {
  if (!writer_) writer_.emplace(format_, iceberg::ManifestContent::data, kNoSnapshot);
  iceberg::ManifestEntry entry;
  entry.file = std::move(file);
  return writer_->add(entry);
}

std::string FilePartWriter::finish() {
  if (!writer_) return {};
  std::string part = std::move(*writer_).finish().bytes;
  writer_.reset();
  return part;
}

Result<FilePartReader> FilePartReader::open(std::string_view part) {
  WEIR_ASSIGN(iceberg::ManifestReader entries, iceberg::ManifestReader::open(part, {}));
  const std::optional<int32_t> spec_id = entries.header_spec_id();
  if (!spec_id) return Error(ErrorKind::corrupt, "a part of an epoch names no partition spec");
  return FilePartReader(std::move(entries), *spec_id);
}

Result<bool> FilePartReader::next(iceberg::DataFile& file) {
  iceberg::ManifestEntry entry;
  WEIR_ASSIGN(const bool more, entries_.next(entry));
  if (!more) return false;
  file = std::move(entry.file);
  file.spec_id = spec_id_;
  return true;
}

}  // namespace weir::lake
