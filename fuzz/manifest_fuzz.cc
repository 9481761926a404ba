/// \file
/// Any bytes as an Iceberg manifest and as a manifest list. A list that can be written again reads back the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "iceberg/manifest/manifest_avro.h"

namespace {

using namespace weir;
using namespace weir::iceberg;

constexpr avro::ContainerLimits kLimits = {.block_bytes_max = 1 << 20, .total_bytes_max = 4 << 20};
constexpr int64_t kEntriesMax = 10'000;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "manifest_fuzz: %s\n", what);
  std::abort();
}

void check_error(const Error& error) {
  if (error.kind() == ErrorKind::internal || error.message().empty()) fail("an error without a reason");
}

/// The partition fields of the seeds, so that tuples are widened and put in order, too.
const std::vector<Field>& wanted_partition() {
  static const std::vector<Field> kFields = {
      {.id = 1000, .name = "ts_day", .type = Type::primitive(TypeKind::date)},
      {.id = 1001, .name = "id_bucket", .type = Type::primitive(TypeKind::int32)},
      {.id = 1002, .name = "name_trunc", .type = Type::primitive(TypeKind::string)},
      {.id = 1003, .name = "price", .type = Type::decimal(9, 2)}};
  return kFields;
}

void read_entries(std::string_view bytes) {
  const ManifestFile line = {.path = "m.avro", .length_bytes = 1, .sequence_number = 7, .added_snapshot_id = 5};
  for (const bool is_wanted : {false, true}) {
    const auto entries = read_manifest(
        bytes, line,
        {.partition_fields = is_wanted ? &wanted_partition() : nullptr, .entries_max = kEntriesMax, .limits = kLimits});
    if (!entries.ok()) {
      check_error(entries.error());
      continue;
    }
    for (const ManifestEntry& entry : *entries) {
      if (!entry.snapshot_id) fail("an entry without a snapshot");
      if (entry.file.record_count < 0 || entry.file.size_bytes < 0) fail("a negative size");
      if (is_wanted && entry.file.partition.size() != wanted_partition().size()) fail("a tuple of another size");
    }
  }
}

void read_lines(std::string_view bytes) {
  const auto lines = read_manifest_list(bytes, kLimits);
  if (!lines.ok()) return check_error(lines.error());
  const auto written = write_manifest_list({.snapshot_id = 5, .sequence_number = 7}, *lines);
  if (!written.ok()) return check_error(written.error());
  const auto again = read_manifest_list(*written);
  if (!again.ok()) fail("a list that was written is not read");
  const auto twice = write_manifest_list({.snapshot_id = 5, .sequence_number = 7}, *again);
  if (!twice.ok() || *twice != *written) fail("a list changes when it is written and read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_entries(bytes);
  read_lines(bytes);
  return 0;
}
