/// \file
/// Manifests and manifest lists as Avro containers: bytes in, bytes out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "avro/container.h"
#include "base/result.h"
#include "columnar/schema.h"
#include "iceberg/manifest/manifest.h"
#include "iceberg/partition/partition_spec.h"

namespace weir::iceberg {

/// What all manifests of one schema and partition spec have in common, rendered once: schemas as text, types of the
/// partition tuple. Immutable; copies share. Make one for each pair and keep it.
class ManifestFormat {
 public:
  /// `schema_json` is what the headers carry as the table's schema: TableMetadata keeps it, schema_to_json makes it.
  /// Errors: as partition_fields().
  static Result<ManifestFormat> make(const Schema& schema, std::string_view schema_json, const PartitionSpec& spec);

  int32_t spec_id() const;
  /// Fields of the partition tuple, in the order of the spec.
  const std::vector<Field>& partition_fields() const;

  struct Parts;
  const Parts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const Parts> parts_;
};

/// A manifest and the line for it in a manifest list. `file.path` is empty: the caller knows it. Where
/// `file.sequence_number` is absent, write_manifest_list fills it in.
struct WrittenManifest {
  std::string bytes;
  ManifestFile file;
};

/// Writes `entries`, in their order, as a manifest of format version 2 that `snapshot_id` adds: ManifestWriter
/// (manifest_stream.h) for entries that are all there. Errors: as ManifestWriter::add().
Result<WrittenManifest> write_manifest(const ManifestFormat& format, ManifestContent content, int64_t snapshot_id,
                                       std::span<const ManifestEntry> entries,
                                       avro::Codec codec = avro::Codec::deflate);

struct ReadManifestOptions {
  /// When given, partition tuples have these fields in this order, found by id and widened to these types. Else they
  /// come as they were written.
  const std::vector<Field>* partition_fields = nullptr;
  bool with_metrics = true;  ///< false leaves out counts and bounds of columns: most of what an entry takes
  int64_t entries_max = 1'000'000;
  avro::ContainerLimits limits = {};
};

/// Reads a manifest of any format version, and fills in what its entries inherit from `file`: snapshot id, sequence
/// numbers, spec id. All entries at once: for many files see ManifestReader (manifest_stream.h).
/// Errors: corrupt; unsupported; limit_exceeded. Cost: about 1 us an entry and 20 ns a bound or count.
Result<std::vector<ManifestEntry>> read_manifest(std::string_view bytes, const ManifestFile& file,
                                                 const ReadManifestOptions& options = {});

/// What a manifest list says of its snapshot.
struct ManifestListHeader {
  int64_t snapshot_id = 0;
  std::optional<int64_t> parent_snapshot_id;
  int64_t sequence_number = 0;
};

/// Writes a manifest list of format version 2. Lines without a sequence number get the snapshot's; they must be the
/// snapshot's own. Errors: invalid_argument for such a line of another snapshot, or without counts.
Result<std::string> write_manifest_list(const ManifestListHeader& header, std::span<const ManifestFile> manifests,
                                        avro::Codec codec = avro::Codec::deflate);

/// Reads a manifest list of any format version; sequence numbers of version 1 are 0. Errors: corrupt; unsupported;
/// limit_exceeded.
Result<std::vector<ManifestFile>> read_manifest_list(std::string_view bytes, const avro::ContainerLimits& limits = {});

}  // namespace weir::iceberg
