/// \file
/// State as bytes: a part holds the tables of one step in one task, or a run of their key groups, in sections that can
/// be read each by itself. docs/formats/state.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/frozen_table.h"
#include "state/tables.h"

namespace weir::state {

/// What a checkpoint says of a table.
struct TableDescription {
  std::string name;
  TableKind kind = TableKind::keyed;
  std::string codec;
  uint32_t codec_version = 1;
  std::string key_layout;
  uint32_t value_bytes = 0;
  bool has_payload = false;
  bool is_windowed = false;
  bool expires = false;

  static TableDescription of(const StateTableSpec& spec);
  friend bool operator==(const TableDescription&, const TableDescription&) = default;
};

inline constexpr uint32_t kNoKeyGroup = UINT32_MAX;  ///< of the sections of lists

/// A run of entries of one table and one key group.
struct Section {
  uint32_t table = 0;  ///< index into PartHeader::tables
  uint32_t group = kNoKeyGroup;
  uint64_t offset = 0;  ///< in the part
  uint64_t bytes = 0;
  uint64_t entries = 0;
  uint64_t checksum = 0;  ///< hash64 of its bytes

  friend bool operator==(const Section&, const Section&) = default;
};

struct PartHeader {
  std::string step;
  uint32_t task = 0;
  uint32_t tasks = 1;
  uint32_t group_count = kKeyGroupCount;
  std::vector<TableDescription> tables;
  std::vector<Section> sections;

  friend bool operator==(const PartHeader&, const PartHeader&) = default;
};

/// Where the bytes of parts go. `begin` starts another part; `end` gets what the manifest must know of it.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Result<void> begin() = 0;
  virtual Result<void> append(std::string_view bytes) = 0;
  virtual Result<void> end(const PartHeader& header, uint64_t size_bytes, uint64_t checksum) = 0;
};

inline constexpr uint64_t kPartBytesAim = 64U << 20;  ///< the part ends after the section that passes this

/// Writes the tables, releasing each group behind it. At least one part is written, if only to say that all is empty.
/// Errors: those of the sink.
Result<void> write_parts(const std::string& step, TaskPlace place, FrozenTables tables, PartSink& sink,
                         uint64_t part_bytes_aim = kPartBytesAim);

/// Reads what a part says of itself; the sections' bytes are not looked at. Every section lies within the part. Errors:
/// corrupt; unsupported for a newer version.
Result<PartHeader> read_part_header(std::string_view part);
/// The checksum under which a manifest knows the part: of its header, which has those of the sections. Errors: corrupt.
Result<uint64_t> part_checksum(std::string_view part);

/// Checks a section and visits its entries. Errors: corrupt; the visitor's.
Result<void> visit_entries(std::string_view part, const PartHeader& header, const Section& section,
                           const std::function<Result<void>(const EntryView&)>& visitor);

}  // namespace weir::state
