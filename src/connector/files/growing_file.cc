#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/hash.h"
#include "connector/files/growing_file_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kHeadBytesMax = 1024;
constexpr size_t kTailBytesMax = 4096;
constexpr size_t kSiblingsMax = 10'000;

/// False when the file ends before.
Result<bool> read_exactly(ReadableFile& input, int64_t at, int64_t size, std::string& out) {
  out.resize(static_cast<size_t>(size));
  WEIR_ASSIGN(const size_t read, input.read_at(at, out.size(), out.data()));
  return read == out.size();
}

/// The head and the tail of the first `bytes` plain bytes of a compressed file; false when it has fewer.
Result<bool> inflate_ends(ReadableFile& input, const std::string& path, int64_t bytes, std::string& head,
                          std::string& tail) {
  FileBytes plain(input, path, Encoding::utf8);
  head.clear();
  for (int64_t seen = 0; seen < bytes;) {
    WEIR_ASSIGN(std::string_view piece, plain.next());
    if (piece.empty()) return false;
    piece = piece.substr(0, static_cast<size_t>(std::min<int64_t>(bytes - seen, static_cast<int64_t>(piece.size()))));
    head += piece.substr(0, kHeadBytesMax - head.size());
    tail += piece.substr(piece.size() - std::min(piece.size(), kTailBytesMax));
    if (tail.size() > kTailBytesMax) tail.erase(0, tail.size() - kTailBytesMax);
    seen += static_cast<int64_t>(piece.size());
  }
  return true;
}

}  // namespace

Result<std::string> growing_identity(ReadableFile& input, const std::string& path, int64_t bytes) {
  std::string head;
  WEIR_ASSIGN(bool is_there, read_exactly(input, 0, std::min<int64_t>(bytes, kHeadBytesMax), head));
  std::string tail;
  if (compression_of(path, head) == Compression::none) {
    const int64_t begin = std::max<int64_t>(0, bytes - static_cast<int64_t>(kTailBytesMax));
    if (is_there) {
      WEIR_ASSIGN(is_there, read_exactly(input, begin, bytes - begin, tail));
    }
  } else {  // a rotated copy
    WEIR_ASSIGN(is_there, inflate_ends(input, path, bytes, head, tail));
  }
  if (!is_there) return std::string();
  char text[48];
  std::snprintf(text, sizeof text, "append:%016llx:%016llx", static_cast<unsigned long long>(hash64(head)),
                static_cast<unsigned long long>(hash64(tail)));
  return std::string(text);
}

Result<std::unique_ptr<GrowingFile>> GrowingFile::open(FileEnv& files, const FilesSpec& spec, const Clock& clock,
                                                       RotationLog& rotations, ListedFile file,
                                                       const PartitionProgress& from, SplitPtr split) {
  auto growing =
      std::unique_ptr<GrowingFile>(new GrowingFile(files, spec, clock, rotations, std::move(file), std::move(split)));
  growing->progress_ = from;
  WEIR_ASSIGN(const bool is_same, growing->go_on_in(growing->file_.path));
  if (!is_same) WEIR_TRY(growing->go_on_in_copy());
  return growing;
}

/// Goes on behind what was read, in the file at `path`, if that is the one that was read.
Result<bool> GrowingFile::go_on_in(const std::string& path) {
  WEIR_ASSIGN(std::unique_ptr<ReadableFile> input, files_.open(path));
  if (!progress_.identity.empty()) {
    WEIR_ASSIGN(const std::string identity, growing_identity(*input, path, progress_.next_byte));
    if (identity != progress_.identity) return false;
  }
  WEIR_TRY(begin(path, std::move(input), progress_.next_byte));
  return true;
}

/// The file is shorter than what was read of it, or another: what it was is looked for beside it.
Result<void> GrowingFile::go_on_in_copy() {
  const std::string folder = parent_directory(file_.path);
  WEIR_ASSIGN(const std::vector<std::string> names, files_.list(folder));
  for (size_t i = 0; i < std::min(names.size(), kSiblingsMax); ++i) {
    const std::string path = folder + "/" + names[i];
    const Result<FileStat> facts = files_.stat(path);
    if (path == file_.path || !facts.ok() || facts->is_directory || !facts->is_regular) continue;
    const Result<bool> is_copy = go_on_in(path);
    if (is_copy.ok() && *is_copy) return {};
  }
  return Error(ErrorKind::position_lost,
               "'" + file_.path + "' was read up to record " + std::to_string(progress_.next) + " (byte " +
                   std::to_string(progress_.next_byte) +
                   "), and is another file now; no copy of it stands beside it: what was written behind that byte was "
                   "not read. Put the copy back; to read the file that is there now: `weir progress forget "
                   "PIPELINE.yaml --partition " +
                   file_.name + " --reason TEXT`");
}

Result<void> GrowingFile::begin(const std::string& path, std::unique_ptr<ReadableFile> input, int64_t byte) {
  path_ = path;
  input_ = std::move(input);
  is_ended_ = false;
  framer_ = spec_.make_framer(spec_.record_bytes_max);
  bytes_.emplace(*input_, path_, Encoding::utf8);
  records_before_ = byte == 0 ? progress_.next : 0;
  if (byte == 0) return {};
  codec::FramedRecord record;
  while (!framer_->has_context()) {  // CSV reads its header first
    WEIR_ASSIGN(const std::string_view piece, bytes_->next());
    if (piece.empty()) return Error(ErrorKind::corrupt, "'" + path_ + "' has lost its header");
    framer_->feed(piece);
    while (!framer_->has_context() && framer_->next(record)) {
    }
  }
  bytes_.emplace(*input_, path_, Encoding::utf8);
  WEIR_TRY(bytes_->skip_to(byte));
  framer_->seek(byte, progress_.next);
  return {};
}

/// True when nothing will be added to what is being read. Somebody may still write into a file that was renamed: it has
/// to settle.
Result<bool> GrowingFile::is_rotated() {
  WEIR_ASSIGN(const FileStat open, input_->stat());
  const bool has_settled =
      !spec_.watch || clock_.wall_ms() - open.modified_us / 1000 >= std::max<int64_t>(0, spec_.settle_ms);
  if (path_ != file_.path) return has_settled;
  const Result<FileStat> now = files_.stat(file_.path);
  if (!now.ok()) return false;  // it is being rotated
  return now->inode != open.inode && has_settled;
}

/// Files are cut off where they stand, by tools that copy them first; what is written into them then may be longer than
/// what was read.
Result<void> GrowingFile::require_same() {
  WEIR_ASSIGN(const FileStat open, input_->stat());
  if (open.size_bytes == size_seen_ || path_ != file_.path || progress_.identity.empty()) return {};
  size_seen_ = open.size_bytes;
  WEIR_ASSIGN(const std::string identity, growing_identity(*input_, path_, progress_.next_byte));
  return identity == progress_.identity ? Result<void>() : go_on_in_copy();
}

/// The copy of what was read to its end must not be taken for another log. A packed one is not, whatever it holds.
Result<void> GrowingFile::note_rotated() {
  is_new_ = true;
  WEIR_ASSIGN(const FileStat facts, input_->stat());
  ReadOfLog whole{.bytes = std::max(facts.size_bytes, progress_.next_byte), .identity = {}};
  WEIR_ASSIGN(whole.identity, growing_identity(*input_, path_, whole.bytes));
  if (whole.identity.empty() || progress_.identity.empty()) return {};
  rotated_.push_back(rotated_entry(whole));
  rotations_.note(file_.name, std::move(whole), false);
  return {};
}

/// At the end of what there is: false when there is nothing more now.
Result<bool> GrowingFile::get_on() {
  if (is_ended_) {
    WEIR_ASSIGN(std::unique_ptr<ReadableFile> input, files_.open(file_.path));
    WEIR_TRY(note_rotated());
    progress_.next_byte = 0;
    progress_.identity.clear();
    WEIR_TRY(begin(file_.path, std::move(input), 0));
    return true;
  }
  WEIR_ASSIGN(const bool is_rotated_now, is_rotated());
  if (!is_rotated_now) return false;
  framer_->finish();
  is_ended_ = true;
  return true;
}

Result<void> GrowingFile::read(RawBatchBuilder& builder, size_t events_max, size_t bytes_max) {
  WEIR_TRY(require_same());
  codec::FramedRecord record;
  const int64_t before = progress_.next_byte;
  const size_t events_before = builder.size();
  while (builder.size() < events_max && builder.payload_bytes() < bytes_max) {
    if (framer_->next(record)) {
      const int64_t number = records_before_ + record.number;
      builder.add(
          record.bytes,
          {.split = &split_, .offset = number, .timestamp_ms = clock_.wall_ms(), .is_truncated = record.is_oversize});
      progress_.next = number + 1;
      progress_.next_byte = record.byte_end;
      continue;
    }
    WEIR_ASSIGN(const std::string_view piece, bytes_->next());
    if (!piece.empty()) {
      framer_->feed(piece);
      continue;
    }
    if (is_ended_ && builder.size() != events_before) break;  // one batch has events of one file
    WEIR_ASSIGN(const bool is_more, get_on());
    if (!is_more) break;
  }
  if (progress_.next_byte == before && builder.size() == events_before) return {};
  WEIR_ASSIGN(progress_.identity, growing_identity(*input_, path_, progress_.next_byte));
  rotations_.note(file_.name, {.bytes = progress_.next_byte, .identity = progress_.identity}, is_new_);
  is_new_ = false;
  return {};
}

}  // namespace weir::connector
