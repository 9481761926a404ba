#include <bit>

#include "state/part_format_internal.h"

namespace weir::state {

static_assert(std::endian::native == std::endian::little, "stored integers are copied as they lie in memory");

namespace {

constexpr uint8_t kHasPayload = 1;
constexpr uint8_t kIsWindowed = 2;
constexpr uint8_t kExpires = 4;

template <typename T>
void append_fixed(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace

TableDescription TableDescription::of(const StateTableSpec& spec) {
  const bool is_keyed = spec.kind == TableKind::keyed;
  return {.name = spec.name,
          .kind = spec.kind,
          .codec = spec.codec,
          .codec_version = spec.codec_version,
          .key_layout = is_keyed ? spec.key_layout : "",
          .value_bytes = is_keyed ? spec.value_bytes : 0,
          .has_payload = !is_keyed || spec.has_payload,
          .is_windowed = is_keyed && spec.is_windowed,
          .expires = is_keyed && spec.expires};
}

void write_table_description(const TableDescription& table, ByteWriter& out) {
  out.string(table.name);
  out.fixed(static_cast<uint8_t>(table.kind));
  out.string(table.codec);
  out.fixed(table.codec_version);
  out.string(table.key_layout);
  out.fixed(table.value_bytes);
  out.fixed(static_cast<uint8_t>((table.has_payload ? kHasPayload : 0) | (table.is_windowed ? kIsWindowed : 0) |
                                 (table.expires ? kExpires : 0)));
}

bool read_table_description(ByteReader& in, TableDescription& table) {
  table.name = in.string();
  const auto kind = in.fixed<uint8_t>();
  table.codec = in.string();
  table.codec_version = in.fixed<uint32_t>();
  table.key_layout = in.string();
  table.value_bytes = in.fixed<uint32_t>();
  const auto flags = in.fixed<uint8_t>();
  if (in.failed() || kind > static_cast<uint8_t>(TableKind::every) || flags > (kHasPayload | kIsWindowed | kExpires) ||
      table.value_bytes > StateTableSpec::kValueBytesMax || table.codec_version == 0) {
    return false;
  }
  table.kind = static_cast<TableKind>(kind);
  table.has_payload = (flags & kHasPayload) != 0;
  table.is_windowed = (flags & kIsWindowed) != 0;
  table.expires = (flags & kExpires) != 0;
  return table.kind == TableKind::keyed ||
         (table.has_payload && table.value_bytes == 0 && !table.is_windowed && !table.expires);
}

void write_part_header(const PartHeader& header, ByteWriter& out) {
  out.fixed(kPartVersion);
  out.string(header.step);
  out.fixed(header.task);
  out.fixed(header.tasks);
  out.fixed(header.group_count);
  out.varint(header.tables.size());
  for (const TableDescription& table : header.tables) write_table_description(table, out);
  out.varint(header.sections.size());
  for (const Section& section : header.sections) {
    out.fixed(section.table);
    out.fixed(section.group);
    out.fixed(section.offset);
    out.fixed(section.bytes);
    out.fixed(section.entries);
    out.fixed(section.checksum);
  }
}

void append_entry(const TableDescription& table, const EntryView& entry, std::string& out) {
  if (table.expires) append_fixed(out, entry.expires_at_us);
  if (table.is_windowed) append_fixed(out, entry.window);
  append_fixed(out, static_cast<uint32_t>(entry.key.size()));
  out.append(entry.key);
  out.append(entry.value);
  if (table.has_payload) {
    append_fixed(out, static_cast<uint32_t>(entry.payload.size()));
    out.append(entry.payload);
  }
}

}  // namespace weir::state
