/// \file
/// Manifests entry by entry: what is written or read takes the memory of its packed bytes, 100 to 300 an entry, not of
/// values, 5 to 20 KB.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "iceberg/manifest/manifest_avro.h"

namespace weir::iceberg {

/// Makes a manifest of format version 2. One thread.
class ManifestWriter {
 public:
  /// Begins a manifest that `snapshot_id` adds.
  ManifestWriter(const ManifestFormat& format, ManifestContent content, int64_t snapshot_id,
                 avro::Codec codec = avro::Codec::deflate);
  ManifestWriter(ManifestWriter&&) noexcept;
  ManifestWriter& operator=(ManifestWriter&&) noexcept;
  ~ManifestWriter();

  /// Appends an entry; one without a snapshot id gets the manifest's. Its file has the spec of the format and a
  /// partition tuple that fits it.
  /// Errors: invalid_argument when the file does not fit the format or the content, when an existing or deleted entry
  /// lacks a number, or when an entry with its path is there. The manifest stays as it was.
  Result<void> add(const ManifestEntry& entry);

  int64_t entries() const;
  /// Bytes held, about.
  int64_t memory_bytes() const;
  /// Hands out the manifest. The writer must not be used afterwards.
  WrittenManifest finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads a manifest of any format version. One thread.
class ManifestReader {
 public:
  /// `bytes` and what `options` refers to outlive the reader; what the entries inherit is taken from `file`.
  /// Errors: corrupt; unsupported; limit_exceeded.
  static Result<ManifestReader> open(std::string_view bytes, const ManifestFile& file,
                                     const ReadManifestOptions& options = {});
  ManifestReader(ManifestReader&&) noexcept;
  ManifestReader& operator=(ManifestReader&&) noexcept;
  ~ManifestReader();

  /// The spec that the manifest's own header names; nothing when it names none.
  std::optional<int32_t> header_spec_id() const;

  /// Reads the next entry into `entry`, with what it inherits; false after the last one. Errors: corrupt;
  /// limit_exceeded.
  Result<bool> next(ManifestEntry& entry);

 private:
  struct State;
  explicit ManifestReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::iceberg
