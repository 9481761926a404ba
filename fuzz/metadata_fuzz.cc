/// \file
/// Any text as Iceberg table metadata, and as an update and a requirement of a REST catalog. What is accepted and
/// written is read again and written the same. Metadata that may be written to takes another snapshot.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "iceberg/metadata/metadata_update.h"
#include "iceberg/metadata/metadata_update_json.h"
#include "iceberg/metadata/table_metadata.h"

namespace {

using namespace weir;
using namespace weir::iceberg;

constexpr int64_t kNewSnapshot = 77;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "metadata_fuzz: %s\n", what);
  std::abort();
}

template <typename T>
bool accepted(const Result<T>& result) {
  if (!result.ok() && (result.error().kind() == ErrorKind::internal || result.error().message().empty()))
    fail("an error without a reason");
  return result.ok();
}

void check_round_trip(const TableMetadata& metadata) {
  const std::string text = table_metadata_to_json(metadata);
  const auto again = table_metadata_from_json(text);
  if (!again.ok()) fail("metadata that was written is not read");
  if (table_metadata_to_json(*again) != text) fail("metadata changes when it is written and read");
}

void commit_to(const TableMetadata& metadata) {
  const SnapshotSlot slot = next_snapshot_slot(metadata, kMainBranch, 0);
  const MetadataUpdate updates[] = {AddSnapshot{{.id = kNewSnapshot,
                                                 .parent_id = slot.parent_id,
                                                 .sequence_number = slot.sequence_number,
                                                 .timestamp_ms = slot.timestamp_ms,
                                                 .manifest_list = "l",
                                                 .schema_id = slot.schema_id}},
                                    ref_to(metadata, kMainBranch, kNewSnapshot)};
  const auto next = apply_updates(metadata, "file:///t/metadata/1.json", updates, 0);
  if (!accepted(next)) return;
  if (next->current_snapshot() == nullptr || next->current_snapshot()->id != kNewSnapshot)
    fail("the new snapshot is not the current one");
  check_round_trip(*next);
}

void try_update(std::string_view text) {
  const auto update = update_from_json(text);
  if (!accepted(update)) return;
  const std::string written = update_to_json(*update);
  const auto again = update_from_json(written);
  if (!again.ok() || update_to_json(*again) != written) fail("an update changes when it is written and read");
}

void try_requirement(std::string_view text) {
  const auto requirement = requirement_from_json(text);
  if (!accepted(requirement)) return;
  const std::string written = requirement_to_json(*requirement);
  const auto again = requirement_from_json(written);
  if (!again.ok() || requirement_to_json(*again) != written) fail("a requirement changes when it is written and read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto metadata = table_metadata_from_json(text);
  if (accepted(metadata)) {
    check_round_trip(*metadata);
    if (accepted(check_writable(*metadata))) commit_to(*metadata);
  }
  try_update(text);
  try_requirement(text);
  return 0;
}
