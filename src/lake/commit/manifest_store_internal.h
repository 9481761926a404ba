/// \file
/// Manifests and manifest lists from an object store, bounded in bytes.
#pragma once

#include <string>
#include <vector>

#include "iceberg/manifest_avro.h"
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

/// Reads all entries of `manifest`, live and deleted. Errors: as ObjectStore::get and read_manifest(), naming the file.
inline Result<std::vector<iceberg::ManifestEntry>> load_manifest(ObjectStore& store,
                                                                 const iceberg::ManifestFile& manifest,
                                                                 const iceberg::ReadManifestOptions& options = {}) {
  WEIR_ASSIGN(const std::string bytes, store.get(manifest.path, kManifestBytesMax));
  Result<std::vector<iceberg::ManifestEntry>> entries = iceberg::read_manifest(bytes, manifest, options);
  if (!entries.ok()) return std::move(entries).error().with_context("manifest '" + manifest.path + "'");
  return entries;
}

}  // namespace weir::lake
