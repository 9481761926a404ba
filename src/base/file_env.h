/// \file
/// The file port: what Weir asks of a local disk, small enough to fake with faults.
///
/// Durable means: write, sync the file, sync its directory, then publish (exactly-once.md rule 14). A failed sync is
/// ErrorKind::io and is never retried: the kernel may have dropped the pages.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

struct FileStat {
  int64_t size_bytes = 0;
  int64_t modified_us = 0;  ///< since 1970-01-01T00:00Z
  bool is_directory = false;
};

/// A file opened for reading at any place. One thread at a time.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// Reads up to `size` bytes at `offset` into `out`; returns how many (fewer only at the end of the file).
  virtual Result<size_t> read_at(int64_t offset, size_t size, char* out) = 0;
  /// The open file's own facts, though its name may have moved on.
  virtual Result<FileStat> stat() = 0;
};

/// A new file being written from front to back. One thread at a time. Closing without sync() leaves durability to
/// chance.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Result<void> append(std::string_view bytes) = 0;
  virtual Result<void> sync() = 0;
  virtual Result<void> close() = 0;
};

/// Thread-safe. Errors: not_found, already_exists, permission_denied, resource_exhausted (disk full), io; messages name
/// the path.
class FileEnv {
 public:
  virtual ~FileEnv() = default;
  virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;
  /// Creates `path`, which must not exist.
  virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  virtual Result<FileStat> stat(const std::string& path) = 0;
  /// Names (not paths) in a directory, sorted bytewise; without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Replaces `to` atomically.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  virtual Result<void> make_directories(const std::string& path) = 0;
  virtual Result<void> sync_directory(const std::string& path) = 0;
};

/// The operating system's files; lives for the whole process.
FileEnv& posix_file_env();

/// Reads a file of at most `size_max` bytes. Errors: limit_exceeded above that.
Result<std::string> read_file(FileEnv& env, const std::string& path, int64_t size_max);

/// Publishes `bytes` under `path` so that a crash leaves the old content or the new, never a mixture: temporary file,
/// sync, rename, sync of the directory.
Result<void> write_file_durably(FileEnv& env, const std::string& path, std::string_view bytes);

/// The part of `path` before its last '/', "." when there is none.
std::string parent_directory(const std::string& path);

}  // namespace weir
