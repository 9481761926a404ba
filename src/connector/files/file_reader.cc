#include "connector/files/file_identity_internal.h"
#include "connector/files/file_reader_internal.h"

namespace weir::connector {
namespace {

Error changed(const ListedFile& file, const std::string& detail) {
  return Error(ErrorKind::position_lost,
               "'" + file.path + "' " + detail +
                   ". Put it back as it was; to read what it is now from its beginning: `weir progress forget "
                   "PIPELINE.yaml --partition " +
                   file.name +
                   " --reason TEXT`. Files must not change once they are there: write them under another name (.tmp) "
                   "and rename them");
}

}  // namespace

Result<std::unique_ptr<FileReader>> FileReader::open(FileEnv& files, const FilesSpec& spec, ListedFile file,
                                                     const PartitionProgress& from, SplitPtr split) {
  WEIR_ASSIGN(std::unique_ptr<ReadableFile> input, files.open(file.path));
  if (!from.identity.empty()) {
    WEIR_ASSIGN(const bool is_same, is_same_file(*input, file, from.identity));
    if (!is_same) return changed(file, "was read up to record " + std::to_string(from.next) + " and has changed since");
  }
  auto reader = std::unique_ptr<FileReader>(new FileReader());
  reader->file_ = std::move(file);
  reader->split_ = std::move(split);
  reader->input_ = std::move(input);
  WEIR_TRY(reader->check_unchanged("after it was listed"));
  reader->encoding_ = spec.encoding;
  reader->count_lines_ = spec.count_lines;
  reader->bytes_.emplace(*reader->input_, reader->file_.path, spec.encoding);
  WEIR_TRY(reader->bytes_->verify());
  reader->framer_ = spec.make_framer(spec.record_bytes_max);
  if (from.next_byte > 0) WEIR_TRY(reader->skip_to(from.next_byte, from.next));
  reader->progress_ = {.next = from.next, .next_byte = from.next_byte};
  if (from.next_byte == 0 && from.next > 0) WEIR_TRY(reader->skip_records(from.next));
  reader->note_progress();
  return reader;
}

/// What was read of the file is its identity.
void FileReader::note_progress() {
  progress_.identity =
      ReadSoFar{.size = file_.facts.size_bytes, .bytes = bytes_->hashed_bytes(), .hash = bytes_->hash()}.to_text();
}

FinishedPartition FileReader::finished() const {
  return {.content = bytes_->hash(), .facts_hash = facts_hash(file_.facts)};
}

/// Goes on at a record in the middle: CSV reads its header first; then bytes up to there are let go.
Result<void> FileReader::skip_to(int64_t byte, int64_t number) {
  codec::FramedRecord record;
  while (!framer_->has_context()) {
    WEIR_ASSIGN(const bool more, refill());
    if (!more) return changed(file_, "has lost its header");
    while (!framer_->has_context() && framer_->next(record)) {
    }
  }
  // Start over from the front of the file with a framer that knows its header.
  bytes_.emplace(*input_, file_.path, encoding_);
  WEIR_TRY(bytes_->skip_to(byte));
  input_ended_ = false;
  int64_t line = 1;
  if (count_lines_) {
    WEIR_ASSIGN(const TextPlace place, place_of(*input_, file_.path, encoding_, byte));
    line = place.line;
  }
  framer_->seek(byte, number, line);
  return {};
}

/// Passes over the first `count` records: somebody has set the position by hand, and where that is only counting tells.
Result<void> FileReader::skip_records(int64_t count) {
  codec::FramedRecord record;
  for (int64_t passed = 0; passed < count;) {
    if (framer_->next(record)) {
      passed = record.number + 1;
      progress_.next_byte = record.byte_end;
      continue;
    }
    WEIR_ASSIGN(const bool more, refill());
    if (more) continue;
    return Error(ErrorKind::position_lost, "'" + file_.path + "' has " + std::to_string(passed) +
                                               " records, fewer than the position that was set (" +
                                               std::to_string(count) +
                                               "); set a lower one: `weir progress set PIPELINE.yaml --partition " +
                                               file_.name + " --next " + std::to_string(passed) + " --reason TEXT`");
  }
  return {};
}

/// Feeds the framer with the next piece of plain bytes; false at the end of the file.
Result<bool> FileReader::refill() {
  if (input_ended_) return false;
  WEIR_ASSIGN(const std::string_view piece, bytes_->next());
  input_ended_ = piece.empty();
  if (input_ended_) {
    framer_->finish();  // a last record may be complete now
  } else {
    framer_->feed(piece);
  }
  return true;
}

Result<bool> FileReader::read(RawBatchBuilder& builder, size_t events_max, size_t bytes_max) {
  codec::FramedRecord record;
  while (builder.size() < events_max && builder.payload_bytes() < bytes_max) {
    if (!framer_->next(record)) {
      WEIR_ASSIGN(const bool more, refill());
      if (more) continue;
      WEIR_TRY(check_unchanged("while it was being read"));
      note_progress();
      return true;
    }
    std::string fault;
    if (record.open_quote >= 0) {
      WEIR_ASSIGN(fault, fault_of(record));
    }
    builder.add(record.bytes, {.split = &split_,
                               .offset = record.number,
                               .timestamp_ms = file_.facts.modified_us / 1000,
                               .is_truncated = record.is_oversize,
                               .fault = fault,
                               .line = count_lines_ ? record.line : 0});
    progress_.next = record.number + 1;
    progress_.next_byte = record.byte_end;
  }
  note_progress();
  return false;
}

/// What is wrong with a record that ends in the middle of a quote. Errors: corrupt when that record
/// is the header, without which nothing in the file has a meaning.
Result<std::string> FileReader::fault_of(const codec::FramedRecord& record) {
  WEIR_ASSIGN(const TextPlace open, place_of(*input_, file_.path, encoding_, record.open_quote));
  WEIR_ASSIGN(const TextPlace end, place_of(*input_, file_.path, encoding_, record.byte_end));
  const int64_t last = end.column == 1 && end.line > open.line ? end.line - 1 : end.line;  // a final line end
  const std::string where = "the quote that opens at line " + std::to_string(open.line) + ", column " +
                            std::to_string(open.column) + " is never closed";
  if (!framer_->has_context()) return Error(ErrorKind::corrupt, "'" + file_.path + "': in the header, " + where);
  return where + "; it takes the rest of the file, up to line " + std::to_string(last) +
         ", none of which can be read as records";
}

/// Another time or inode is no change as long as what was read of it is the same.
Result<void> FileReader::check_unchanged(std::string_view when) {
  WEIR_ASSIGN(const FileStat now, input_->stat());
  if (now == file_.facts) return {};
  bool is_same = now.size_bytes == file_.facts.size_bytes;
  if (is_same && bytes_) {
    WEIR_ASSIGN(const Hash128 content, content_of(*input_));
    is_same = content == bytes_->hash();
  }
  if (!is_same) {
    const std::string sizes =
        " (size " + std::to_string(file_.facts.size_bytes) + ", now " + std::to_string(now.size_bytes) + ")";
    return changed(file_, "changed " + std::string(when) + sizes);
  }
  file_.facts = now;
  return {};
}

}  // namespace weir::connector
