#include "base/hash.h"
#include "connector/file_reader_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;
constexpr size_t kHeadBytes = 4096;

Error changed(const ListedFile& file, const std::string& detail) {
  return Error(ErrorKind::position_lost,
               "'" + file.path + "' " + detail +
                   ". Files must not change once they are there: write under another name and rename");
}

}  // namespace

Result<std::string> file_identity(FileEnv& files, const ListedFile& file) {
  WEIR_ASSIGN(const std::unique_ptr<ReadableFile> input, files.open(file.path));
  std::string head(kHeadBytes, '\0');
  WEIR_ASSIGN(const size_t size, input->read_at(0, head.size(), head.data()));
  head.resize(size);
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash64(head)));
  return std::to_string(file.facts.size_bytes) + ":" + std::to_string(file.facts.modified_us) + ":" + hash;
}

Result<std::unique_ptr<FileReader>> FileReader::open(FileEnv& files, const FilesSpec& spec, ListedFile file,
                                                     PartitionProgress from, PartitionIndex index) {
  WEIR_ASSIGN(const std::string identity, file_identity(files, file));
  if (!from.identity.empty() && from.identity != identity) {
    return changed(file, "was read up to record " + std::to_string(from.next) + " and has changed since (then " +
                             from.identity + ", now " + identity + ")");
  }
  auto reader = std::unique_ptr<FileReader>(new FileReader());
  reader->file_ = std::move(file);
  reader->index_ = index;
  reader->progress_ = {.next = from.next, .next_byte = from.next_byte, .identity = identity};
  WEIR_ASSIGN(reader->input_, files.open(reader->file_.path));
  reader->decompressor_ = make_decompressor(compression_of(reader->file_.path));
  reader->framer_ = spec.format == FileFormat::csv ? codec::make_csv_framer(spec.record_bytes_max, spec.csv_delimiter)
                                                   : codec::make_line_framer(spec.record_bytes_max);
  if (from.next > 0) WEIR_TRY(reader->skip_to(from.next_byte, from.next));
  return reader;
}

/// Goes on at a record in the middle: CSV reads its header first; then decompressed bytes up to there are let go.
Result<void> FileReader::skip_to(int64_t byte, int64_t number) {
  codec::FramedRecord record;
  while (!framer_->has_context()) {
    WEIR_ASSIGN(const bool more, refill());
    if (!more) return changed(file_, "has lost its header");
    while (!framer_->has_context() && framer_->next(record)) {
    }
  }
  // Start over from the front of the file with a framer that knows its header.
  decompressor_ = make_decompressor(compression_of(file_.path));
  read_bytes_ = 0;
  plain_bytes_ = 0;
  input_ended_ = false;
  if (compression_of(file_.path) == Compression::none) {
    read_bytes_ = byte;
    plain_bytes_ = byte;
  }
  skip_until_ = byte;
  framer_->seek(byte, number);
  return {};
}

/// Feeds the framer with the next piece of plain bytes; false at the end of the file.
Result<bool> FileReader::refill() {
  while (true) {
    Result<std::string_view> piece = decompressor_->next();
    if (!piece.ok())
      return std::move(piece).error().with_context("'" + file_.path + "' after byte " + std::to_string(read_bytes_));
    if (!piece->empty()) {
      std::string_view bytes = *piece;
      const int64_t begin = plain_bytes_;
      plain_bytes_ += static_cast<int64_t>(bytes.size());
      if (plain_bytes_ <= skip_until_) continue;
      if (begin < skip_until_) bytes.remove_prefix(static_cast<size_t>(skip_until_ - begin));
      framer_->feed(bytes);
      return true;
    }
    if (input_ended_) return false;
    chunk_.resize(kChunkBytes);
    WEIR_ASSIGN(const size_t size, input_->read_at(read_bytes_, chunk_.size(), chunk_.data()));
    read_bytes_ += static_cast<int64_t>(size);
    if (size == 0) {
      input_ended_ = true;
      Result<void> ended = decompressor_->finish();
      if (!ended.ok()) return std::move(ended).error().with_context("'" + file_.path + "'");
      framer_->finish();
      return true;  // a last record may be complete now
    }
    decompressor_->feed({chunk_.data(), size});
  }
}

Result<bool> FileReader::read(RawBatchBuilder& builder, size_t events_max, size_t bytes_max) {
  codec::FramedRecord record;
  while (builder.size() < events_max && builder.payload_bytes() < bytes_max) {
    if (!framer_->next(record)) {
      WEIR_ASSIGN(const bool more, refill());
      if (more) continue;
      WEIR_TRY(check_unchanged());
      return true;
    }
    builder.add(record.bytes, {.partition = index_,
                               .offset = record.number,
                               .timestamp_ms = file_.facts.modified_us / 1000,
                               .is_truncated = record.is_oversize});
    progress_.next = record.number + 1;
    progress_.next_byte = record.byte_end;
  }
  return false;
}

Result<void> FileReader::check_unchanged() {
  WEIR_ASSIGN(const FileStat now, input_->stat());
  if (now.size_bytes != file_.facts.size_bytes || now.modified_us != file_.facts.modified_us) {
    return changed(file_, "changed while it was being read (size " + std::to_string(file_.facts.size_bytes) + ", now " +
                              std::to_string(now.size_bytes) + ")");
  }
  return {};
}

}  // namespace weir::connector
