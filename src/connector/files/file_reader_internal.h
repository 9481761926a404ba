/// \file
/// Reads one file from where it was left: bytes, decompressed, framed into records.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/file_env.h"
#include "codec/framing.h"
#include "connector/files/file_bytes_internal.h"
#include "connector/files/file_listing_internal.h"
#include "connector/files/files_source.h"
#include "event/progress.h"
#include "event/raw_batch.h"

namespace weir::connector {

/// One open file. One thread.
class FileReader {
 public:
  /// Opens `file` and goes to `from`. A compressed file is read to its end first. Errors: position_lost when the file
  /// is not what `from` was taken of; corrupt, before anything of it is handed out; those of FileEnv.
  static Result<std::unique_ptr<FileReader>> open(FileEnv& files, const FilesSpec& spec, ListedFile file,
                                                  const PartitionProgress& from, SplitPtr split);

  /// Adds records to `builder` until it holds `events_max` or `bytes_max`, or the file ends. Returns true at the end of
  /// the file; the file has then been checked to be still the one that was opened.
  Result<bool> read(RawBatchBuilder& builder, size_t events_max, size_t bytes_max);

  const ListedFile& file() const { return file_; }
  /// After the last record added.
  const PartitionProgress& progress() const { return progress_; }
  /// Bytes of the file (as stored) not yet read.
  int64_t bytes_left() const { return file_.facts.size_bytes - bytes_->stored_bytes(); }
  std::string_view context() const { return framer_->context(); }
  /// At the end of the file: what it was.
  FinishedPartition finished() const;

 private:
  FileReader() = default;
  Result<bool> refill();
  Result<void> skip_to(int64_t byte, int64_t number);
  Result<void> skip_records(int64_t count);
  Result<void> check_unchanged(std::string_view when);
  void note_progress();
  Result<std::string> fault_of(const codec::FramedRecord& record);

  ListedFile file_;
  std::unique_ptr<ReadableFile> input_;
  std::optional<FileBytes> bytes_;
  std::unique_ptr<codec::RecordFramer> framer_;
  PartitionProgress progress_;
  SplitPtr split_;
  Encoding encoding_ = Encoding::utf8;
  bool count_lines_ = false;
  bool input_ended_ = false;
};

}  // namespace weir::connector
