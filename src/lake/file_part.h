/// \file
/// A writer's share of an edit on its way to the committer, as bytes that any host can carry.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest/data_file.h"
#include "iceberg/manifest/manifest_stream.h"
#include "iceberg/metadata/table_metadata.h"

namespace weir::lake {

/// What an edit does with a file.
enum class FileAction : uint8_t {
  add = 0,     ///< rows
  remove = 1,  ///< takes a file of rows out of the table
  mask = 2,    ///< a file that deletes rows by their positions in one file of rows
};
inline constexpr size_t kFileActions = 3;

/// Packs descriptions as files close: what is held is manifests that no snapshot has added yet. One thread.
class FilePartWriter {
 public:
  /// For files of the current schema and the default spec of `table`. Errors: as ManifestFormat::make().
  static Result<FilePartWriter> make(const iceberg::TableMetadata& table);

  /// Errors: as ManifestWriter::add(); invalid_argument for a file that masks and does not say which file's rows.
  Result<void> add(iceberg::DataFile file, FileAction action = FileAction::add);
  /// Deletes rows by key as well, in bytes that only the sink's KeyResolver reads: what the files that mask do on the
  /// table that they were written for, on whatever becomes of it.
  void delete_keys(std::string keys) { keys_.push_back(std::move(keys)); }
  /// Hands out a part of all since the last call; it is empty when there is nothing.
  std::string finish();

  /// Bytes held, about: 100 to 300 a file.
  int64_t memory_bytes() const;

 private:
  explicit FilePartWriter(iceberg::ManifestFormat format) : format_(std::move(format)) {}

  iceberg::ManifestFormat format_;
  std::array<std::optional<iceberg::ManifestWriter>, kFileActions> files_;  ///< by FileAction; none before the first
  std::vector<std::string> keys_;
};

/// One file of a part.
struct FileChange {
  FileAction action = FileAction::add;
  iceberg::DataFile file = {};
};

/// Reads a part, one file after the other: those that are added first. One thread.
class FilePartReader {
 public:
  /// `part` is not empty and outlives the reader. Errors: corrupt; unsupported.
  static Result<FilePartReader> open(std::string_view part);

  /// Reads the next file into `change`; false after the last one. Errors: corrupt.
  Result<bool> next(FileChange& change);

  /// All files of `action` together: a manifest; empty when there are none.
  std::string_view packed(FileAction action) const { return packed_[static_cast<size_t>(action)]; }
  /// What delete_keys() was given.
  const std::vector<std::string_view>& keys() const { return keys_; }

 private:
  std::array<std::string_view, kFileActions> packed_;  ///< by FileAction; empty: none
  std::vector<std::string_view> keys_;
  size_t action_ = 0;                               ///< of `entries_`
  std::optional<iceberg::ManifestReader> entries_;  ///< none before the first file of `action_`
  int32_t spec_id_ = 0;
};

}  // namespace weir::lake
