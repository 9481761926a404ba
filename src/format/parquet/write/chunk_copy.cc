#include "format/parquet/write/chunk_copy.h"

#include <algorithm>

namespace weir::parquet {
namespace {

constexpr int64_t kPieceBytes = int64_t{1} << 20;
constexpr int64_t kIndexBytesMax = int64_t{64} << 20;

Error outside() {
  return Error(ErrorKind::corrupt, "Parquet: a column lies outside of the file");
}

bool is_within(const ByteSource& source, int64_t offset, int64_t length) {
  return offset >= 0 && length >= 0 && offset <= source.size() && length <= source.size() - offset;
}

Result<std::string> read_range(ByteSource& source, const FileRange& range) {
  if (range.length == 0) return std::string();
  if (!is_within(source, range.offset, range.length) || range.length > kIndexBytesMax) return outside();
  std::string bytes(static_cast<size_t>(range.length), '\0');
  WEIR_TRY(source.read(range.offset, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()}));
  return bytes;
}

Result<void> copy_bytes(ByteSource& source, int64_t offset, int64_t length, ByteSink& sink) {
  std::vector<uint8_t> piece(static_cast<size_t>(std::min(length, kPieceBytes)));
  for (; length > 0; offset += static_cast<int64_t>(piece.size()), length -= static_cast<int64_t>(piece.size())) {
    piece.resize(static_cast<size_t>(std::min(length, kPieceBytes)));
    WEIR_TRY(source.read(offset, piece));
    WEIR_TRY(sink.append({reinterpret_cast<const char*>(piece.data()), piece.size()}));
  }
  return {};
}

bool same_node(const SchemaElement& ours, const SchemaElement& theirs) {
  const bool is_same_decimal =
      ours.logical.kind != LogicalKind::decimal ||
      (ours.logical.scale == theirs.logical.scale && ours.logical.precision == theirs.logical.precision);
  return ours.type == theirs.type && ours.type_length == theirs.type_length && ours.repetition == theirs.repetition &&
         ours.children == theirs.children && ours.field_id == theirs.field_id &&
         ours.logical.kind == theirs.logical.kind && ours.logical.is_utc == theirs.logical.is_utc &&
         ours.logical.unit == theirs.logical.unit && is_same_decimal;
}

}  // namespace

Result<void> check_same_leaves(const std::vector<SchemaElement>& ours, const std::vector<SchemaElement>& theirs) {
  // The roots are not looked at beyond their children: some writers give them a repetition.
  const bool is_same = !theirs.empty() && ours.size() == theirs.size() && ours[0].children == theirs[0].children &&
                       std::equal(ours.begin() + 1, ours.end(), theirs.begin() + 1, same_node);
  if (is_same) return {};
  return Error(ErrorKind::unsupported, "Parquet: row groups of a file with another schema cannot be copied");
}

Result<WrittenChunk> copy_chunk(ByteSource& source, const ColumnChunk& chunk, const std::vector<std::string>& path,
                                ByteSink& sink, int64_t offset) {
  const int64_t begin = std::min(chunk.data_page_offset, chunk.dictionary_page_offset.value_or(chunk.data_page_offset));
  if (!is_within(source, begin, chunk.compressed_bytes)) return outside();
  WEIR_TRY(copy_bytes(source, begin, chunk.compressed_bytes, sink));
  const int64_t moved = offset - begin;
  WrittenChunk written;
  written.metadata = chunk;
  written.metadata.path = path;
  written.metadata.data_page_offset += moved;
  if (chunk.dictionary_page_offset) *written.metadata.dictionary_page_offset += moved;
  written.metadata.offset_index = written.metadata.column_index = {};
  WEIR_ASSIGN(const std::string offsets, read_range(source, chunk.offset_index));
  if (offsets.empty()) return written;
  WEIR_ASSIGN(OffsetIndex index, read_offset_index(offsets));
  for (PageLocation& page : index.pages) {
    if (page.offset < begin || page.offset > begin + chunk.compressed_bytes) return outside();
    page.offset += moved;
  }
  written.offset_index = to_bytes(index);
  WEIR_ASSIGN(written.column_index, read_range(source, chunk.column_index));
  return written;
}

}  // namespace weir::parquet
