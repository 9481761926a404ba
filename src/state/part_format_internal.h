/// \file
/// The bytes of a part, as docs/formats/state.md has them.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "state/part.h"

namespace weir::state {

inline constexpr std::string_view kPartMagic = "WEIRSTAT";
inline constexpr uint32_t kPartVersion = 1;

void write_table_description(const TableDescription& table, ByteWriter& out);
/// Returns false when the bytes are no description.
bool read_table_description(ByteReader& in, TableDescription& table);

void write_part_header(const PartHeader& header, ByteWriter& out);

void append_entry(const TableDescription& table, const EntryView& entry, std::string& out);

}  // namespace weir::state
