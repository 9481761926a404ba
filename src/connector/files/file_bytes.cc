#include <algorithm>
#include <utility>

#include "connector/files/file_bytes_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;
constexpr size_t kKeptBytesMax = size_t{16} << 20;

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

Result<void> FileBytes::verify() {
  if (compression_ == Compression::none) return {};
  is_kept_ = true;
  while (true) {
    WEIR_ASSIGN(const std::string_view piece, inflated_piece());
    if (piece.empty()) break;
    if (is_kept_) kept_ += piece;
    if (kept_.size() <= kKeptBytesMax) continue;
    is_kept_ = false;
    std::string().swap(kept_);
  }
  if (is_kept_) return {};
  decompressor_ = make_decompressor(compression_);
  stored_bytes_ = 0;
  return {};
}

Result<void> FileBytes::skip_to(int64_t byte) {
  skip_until_ = byte;
  if (compression_ != Compression::none || transcoder_ != nullptr) return {};
  while (stored_bytes_ < byte) {
    WEIR_TRY(read_chunk());
    if (chunk_.empty()) break;  // it is shorter: next() finds its end
  }
  stored_bytes_ = byte;
  plain_bytes_ = byte;
  return {};
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
  if (!is_kept_) return inflated_piece();
  const std::string_view piece = std::string_view(kept_).substr(kept_at_, kChunkBytes);
  kept_at_ += piece.size();
  return piece;
}

Result<std::string_view> FileBytes::inflated_piece() {
  while (true) {
    Result<std::string_view> piece = decompressor_->next();
    if (!piece.ok())
      return std::move(piece).error().with_context("'" + path_ + "' after byte " + std::to_string(stored_bytes_));
    if (!piece->empty()) return piece;
    WEIR_TRY(read_chunk());
    if (chunk_.empty()) {
      Result<void> ended = decompressor_->finish();
      if (!ended.ok()) return std::move(ended).error().with_context("'" + path_ + "'");
      return std::string_view();
    }
    decompressor_->feed(chunk_);
  }
}

/// Reads on, and hashes what is read for the first time; an empty chunk is the end.
Result<void> FileBytes::read_chunk() {
  chunk_.resize(kChunkBytes);
  WEIR_ASSIGN(const size_t size, input_.read_at(stored_bytes_, chunk_.size(), chunk_.data()));
  chunk_.resize(size);
  const int64_t end = stored_bytes_ + static_cast<int64_t>(size);
  if (end > hashed_bytes_) {
    hash_.update(std::string_view(chunk_).substr(static_cast<size_t>(hashed_bytes_ - stored_bytes_)));
    hashed_bytes_ = end;
  }
  stored_bytes_ = end;
  return {};
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
