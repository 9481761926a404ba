#include <algorithm>
#include <utility>

#include "connector/files/file_bytes_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;

/// The first bytes; fewer, or none, when they cannot be read: reading on says why.
std::string head_of(ReadableFile& input) {
  std::string head(4, '\0');
  const Result<size_t> size = input.read_at(0, head.size(), head.data());
  head.resize(size.ok() ? *size : 0);
  return head;
}

}  // namespace

FileBytes::FileBytes(ReadableFile& input, const std::string& path, Encoding encoding)
    : input_(input),
      path_(path),
      compression_(compression_of(path, head_of(input))),
      decompressor_(make_decompressor(compression_)),
      transcoder_(make_transcoder(encoding)) {}

void FileBytes::skip_to(int64_t byte) {
  skip_until_ = byte;
  if (compression_ != Compression::none || transcoder_ != nullptr) return;
  stored_bytes_ = byte;
  plain_bytes_ = byte;
}

Result<std::string_view> FileBytes::next() {
  while (true) {
    WEIR_ASSIGN(std::string_view bytes, next_piece());
    const bool is_end = bytes.empty();
    if (transcoder_ != nullptr && !is_end) {
      Result<std::string_view> text = transcoder_->convert(bytes);
      if (!text.ok()) return std::move(text).error().with_context("'" + path_ + "'");
      bytes = *text;
    } else if (transcoder_ != nullptr && !std::exchange(is_flushed_, true)) {
      bytes = transcoder_->finish();
    }
    if (bytes.empty() && is_end) return bytes;
    const int64_t begin = plain_bytes_;
    plain_bytes_ += static_cast<int64_t>(bytes.size());
    if (plain_bytes_ <= skip_until_ || bytes.empty()) continue;
    if (begin < skip_until_) bytes.remove_prefix(static_cast<size_t>(skip_until_ - begin));
    return bytes;
  }
}

/// The next decompressed bytes; empty at the end.
Result<std::string_view> FileBytes::next_piece() {
  while (true) {
    Result<std::string_view> piece = decompressor_->next();
    if (!piece.ok())
      return std::move(piece).error().with_context("'" + path_ + "' after byte " + std::to_string(stored_bytes_));
    if (!piece->empty()) return piece;
    chunk_.resize(kChunkBytes);
    WEIR_ASSIGN(const size_t size, input_.read_at(stored_bytes_, chunk_.size(), chunk_.data()));
    stored_bytes_ += static_cast<int64_t>(size);
    if (size == 0) {
      Result<void> ended = decompressor_->finish();
      if (!ended.ok()) return std::move(ended).error().with_context("'" + path_ + "'");
      return std::string_view();
    }
    decompressor_->feed({chunk_.data(), size});
  }
}

Result<TextPlace> place_of(ReadableFile& input, const std::string& path, Encoding encoding, int64_t byte) {
  FileBytes bytes(input, path, encoding);
  TextPlace place;
  int64_t seen = 0;
  int64_t line_begin = 0;
  while (seen < byte) {
    WEIR_ASSIGN(std::string_view piece, bytes.next());
    if (piece.empty()) break;
    piece = piece.substr(0, static_cast<size_t>(std::min<int64_t>(byte - seen, static_cast<int64_t>(piece.size()))));
    place.line += std::count(piece.begin(), piece.end(), '\n');
    const size_t last = piece.rfind('\n');
    if (last != std::string_view::npos) line_begin = seen + static_cast<int64_t>(last) + 1;
    seen += static_cast<int64_t>(piece.size());
  }
  place.column = seen - line_begin + 1;
  return place;
}

}  // namespace weir::connector
