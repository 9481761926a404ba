#include "base/bytes.h"
#include "base/hash.h"
#include "state/part.h"
#include "state/part_format_internal.h"

namespace weir::state {
namespace {

constexpr size_t kTailBytes = 4 + 8 + 8;  ///< size and checksum of the header, the magic
constexpr size_t kSectionBytes = 2 * 4 + 4 * 8;

Error broken(const std::string& what) {
  return Error(ErrorKind::corrupt, "a part of a state checkpoint is damaged: " + what);
}

struct Tail {
  std::string_view header;
  uint64_t checksum = 0;
  uint64_t header_at = 0;
};

Result<Tail> read_tail(std::string_view part) {
  if (part.size() < kPartMagic.size() + kTailBytes || !part.starts_with(kPartMagic) || !part.ends_with(kPartMagic)) {
    return broken("it does not begin and end as one");
  }
  ByteReader in(part.substr(part.size() - kTailBytes));
  const auto header_bytes = in.fixed<uint32_t>();
  const auto checksum = in.fixed<uint64_t>();
  if (header_bytes > part.size() - kTailBytes - kPartMagic.size()) return broken("its header is longer than itself");
  const size_t at = part.size() - kTailBytes - header_bytes;
  const std::string_view header = part.substr(at, header_bytes);
  if (hash64(header) != checksum) return broken("the checksum of its header differs");
  return Tail{.header = header, .checksum = checksum, .header_at = at};
}

/// A section begins where the one before it ends: no byte belongs to two.
Result<Section> read_section(ByteReader& in, const PartHeader& header, uint64_t begin, uint64_t end) {
  Section section;
  section.table = in.fixed<uint32_t>();
  section.group = in.fixed<uint32_t>();
  section.offset = in.fixed<uint64_t>();
  section.bytes = in.fixed<uint64_t>();
  section.entries = in.fixed<uint64_t>();
  section.checksum = in.fixed<uint64_t>();
  if (in.failed() || section.table >= header.tables.size()) return broken("a section of no table");
  const bool is_keyed = header.tables[section.table].kind == TableKind::keyed;
  if (is_keyed ? section.group >= header.group_count : section.group != kNoKeyGroup) {
    return broken("a section of no key group");
  }
  if (section.offset != begin || section.bytes > end - begin || section.entries > section.bytes) {
    return broken("a section that does not lie where the last one ends");
  }
  return section;
}

}  // namespace

Result<PartHeader> read_part_header(std::string_view part) {
  WEIR_ASSIGN(const Tail tail, read_tail(part));
  ByteReader in(tail.header);
  const auto version = in.fixed<uint32_t>();
  if (!in.failed() && version > kPartVersion) {
    return Error(ErrorKind::unsupported, "a part of a state checkpoint has version " + std::to_string(version) +
                                             "; this program knows versions up to " + std::to_string(kPartVersion));
  }
  if (version == 0) return broken("version 0");
  PartHeader header;
  header.step = in.string();
  header.task = in.fixed<uint32_t>();
  header.tasks = in.fixed<uint32_t>();
  header.group_count = in.fixed<uint32_t>();
  if (in.failed() || header.group_count == 0 || header.group_count > kKeyGroupCountMax || header.tasks == 0 ||
      header.tasks > header.group_count || header.task >= header.tasks) {
    return broken("it is of no task");
  }
  const uint64_t tables = in.varint();
  if (tables > in.remaining()) return broken("more tables than bytes");
  for (uint64_t i = 0; i < tables; ++i) {
    TableDescription table;
    if (!read_table_description(in, table)) return broken("the description of a table");
    header.tables.push_back(std::move(table));
  }
  const uint64_t sections = in.varint();
  if (sections > in.remaining() / kSectionBytes) return broken("more sections than bytes");
  uint64_t at = kPartMagic.size();
  for (uint64_t i = 0; i < sections; ++i) {
    WEIR_ASSIGN(const Section section, read_section(in, header, at, tail.header_at));
    header.sections.push_back(section);
    at += section.bytes;
  }
  if (in.failed() || in.remaining() != 0 || at != tail.header_at) return broken("bytes that belong to nothing");
  return header;
}

Result<uint64_t> part_checksum(std::string_view part) {
  WEIR_ASSIGN(const Tail tail, read_tail(part));
  return tail.checksum;
}

Result<void> visit_entries(std::string_view part, const PartHeader& header, const Section& section,
                           const std::function<Result<void>(const EntryView&)>& visitor) {
  if (section.offset > part.size() || section.bytes > part.size() - section.offset)
    return broken("a section is cut off");
  const std::string_view body = part.substr(section.offset, section.bytes);
  if (hash64(body) != section.checksum) return broken("the checksum of a section differs");
  const TableDescription& table = header.tables[section.table];
  ByteReader in(body);
  for (uint64_t i = 0; i < section.entries; ++i) {
    EntryView entry;
    if (table.expires) entry.expires_at_us = in.fixed<int64_t>();
    if (table.is_windowed) entry.window = in.fixed<int64_t>();
    entry.key = in.take(in.fixed<uint32_t>());
    entry.value = in.take(table.value_bytes);
    if (table.has_payload) entry.payload = in.take(in.fixed<uint32_t>());
    if (in.failed()) return broken("an entry is cut off");
    if (entry.key.size() > KeyLayout::kKeyBytesMax && table.kind == TableKind::keyed)
      return broken("a key is too long");
    WEIR_TRY(visitor(entry));
  }
  return in.remaining() == 0 ? Result<void>() : broken("bytes behind the entries of a section");
}

}  // namespace weir::state
