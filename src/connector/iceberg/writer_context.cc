#include "base/bytes.h"
#include "connector/iceberg/writer_context_internal.h"

namespace weir::connector {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint32_t kPropertiesMax = 10'000;

/// Metadata grows with a table's history; what is written does not depend on it.
iceberg::TableMetadata layout_of(const iceberg::TableMetadata& table) {
  iceberg::TableMetadata layout = table;
  layout.current_snapshot_id.reset();
  layout.snapshots.clear();
  layout.refs.clear();
  layout.snapshot_log.clear();
  layout.metadata_log.clear();
  layout.other.clear();
  return layout;
}

}  // namespace

std::string WriterContext::to_bytes() const {
  ByteWriter out;
  out.fixed(kVersion);
  out.string(iceberg::table_metadata_to_json(layout_of(table)));
  out.string(file_prefix);
  out.fixed(target_file_bytes);
  out.fixed(memory_bytes_max);
  out.fixed(static_cast<uint32_t>(properties.size()));
  for (const auto& [key, value] : properties) {
    out.string(key);
    out.string(value);
  }
  return std::move(out).release();
}

Result<WriterContext> WriterContext::from_bytes(std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = in.fixed<uint8_t>();
  if (!in.failed() && version > kVersion)
    return Error(ErrorKind::unsupported, "a writer was to begin with what a newer Weir says of its table");
  WriterContext context;
  const std::string_view table = in.string();
  context.file_prefix = in.string();
  context.target_file_bytes = in.fixed<int64_t>();
  context.memory_bytes_max = in.fixed<int64_t>();
  const auto count = in.fixed<uint32_t>();
  for (uint32_t i = 0; i < count && !in.failed() && count <= kPropertiesMax; ++i) {
    const std::string key(in.string());
    context.properties[key] = in.string();
  }
  if (in.failed() || in.remaining() > 0 || context.properties.size() != count)
    return Error(ErrorKind::corrupt, "what a writer was to begin with is damaged");
  WEIR_ASSIGN(context.table, iceberg::table_metadata_from_json(table));
  return context;
}

}  // namespace weir::connector
