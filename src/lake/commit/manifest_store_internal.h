/// \file
/// Manifests and manifest lists from an object store, bounded in bytes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "iceberg/manifest/manifest_stream.h"
#include "storage/object_store.h"

namespace weir::lake {

inline constexpr int64_t kManifestListBytesMax = int64_t{256} * 1024 * 1024;
inline constexpr int64_t kManifestBytesMax = int64_t{512} * 1024 * 1024;

/// Reads the manifest list at `uri`. Errors: as ObjectStore::get and read_manifest_list(), naming the file.
inline Result<std::vector<iceberg::ManifestFile>> load_manifest_list(ObjectStore& store, const std::string& uri) {
  WEIR_ASSIGN(const std::string bytes, store.get(uri, kManifestListBytesMax));
  Result<std::vector<iceberg::ManifestFile>> manifests = iceberg::read_manifest_list(bytes);
  if (!manifests.ok()) return std::move(manifests).error().with_context("manifest list '" + uri + "'");
  return manifests;
}

/// The entries of a manifest in the store, live and deleted, one after the other. One thread.
class StoredManifest {
 public:
  /// What `options` refers to outlives it. Errors: as ObjectStore::get and ManifestReader::open(), naming the file.
  static Result<StoredManifest> open(ObjectStore& store, const iceberg::ManifestFile& manifest,
                                     const iceberg::ReadManifestOptions& options = {}) {
    WEIR_ASSIGN(std::string bytes, store.get(manifest.path, kManifestBytesMax));
    auto held = std::make_unique<const std::string>(std::move(bytes));
    Result<iceberg::ManifestReader> reader = iceberg::ManifestReader::open(*held, manifest, options);
    if (!reader.ok()) return std::move(reader).error().with_context(name_of(manifest.path));
    return StoredManifest(manifest.path, std::move(held), *std::move(reader));
  }

  /// Reads the next entry into `entry`; false after the last one. Errors: as ManifestReader::next(), naming the file.
  Result<bool> next(iceberg::ManifestEntry& entry) {
    Result<bool> more = reader_.next(entry);
    if (!more.ok()) return std::move(more).error().with_context(name_of(path_));
    return more;
  }

 private:
  StoredManifest(std::string path, std::unique_ptr<const std::string> bytes, iceberg::ManifestReader reader)
      : path_(std::move(path)), bytes_(std::move(bytes)), reader_(std::move(reader)) {}
  static std::string name_of(const std::string& path) { return "manifest '" + path + "'"; }

  std::string path_;
  std::unique_ptr<const std::string> bytes_;  ///< what `reader_` looks at, wherever this is moved to
  iceberg::ManifestReader reader_;
};

}  // namespace weir::lake
