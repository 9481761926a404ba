/// \file
/// Descriptions of closed files on their way from a writer to the committer, as bytes that any host can carry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iceberg/data_file.h"
#include "iceberg/manifest_stream.h"
#include "iceberg/table_metadata.h"

namespace weir::lake {

/// Packs descriptions as files close: a part is a manifest that no snapshot has added yet. One thread.
class FilePartWriter {
 public:
  /// For files of the current schema and the default spec of `table`. Errors: as ManifestFormat::make().
  static Result<FilePartWriter> make(const iceberg::TableMetadata& table);

  /// Errors: as ManifestWriter::add().
  Result<void> add(iceberg::DataFile file);
  /// Hands out a part of all files since the last call; it is empty when there are none.
  std::string finish();

  /// Bytes held, about: 100 to 300 a file.
  int64_t memory_bytes() const { return writer_ ? writer_->memory_bytes() : 0; }

 private:
  explicit FilePartWriter(iceberg::ManifestFormat format) : format_(std::move(format)) {}

  iceberg::ManifestFormat format_;
  std::optional<iceberg::ManifestWriter> writer_;  ///< none before the first file
};

/// Reads the files of a part one after the other. One thread.
class FilePartReader {
 public:
  /// `part` is not empty and outlives the reader. Errors: corrupt; unsupported.
  static Result<FilePartReader> open(std::string_view part);

  /// Reads the next file into `file`; false after the last one. Errors: corrupt.
  Result<bool> next(iceberg::DataFile& file);

 private:
  FilePartReader(iceberg::ManifestReader entries, int32_t spec_id) : entries_(std::move(entries)), spec_id_(spec_id) {}

  iceberg::ManifestReader entries_;
  int32_t spec_id_;
};

}  // namespace weir::lake
