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
  bool is_regular = true;  ///< false: a pipe, a device, a socket; nobody knows how long reading one takes
  uint64_t device = 0;
  uint64_t inode = 0;  ///< two names with one device and inode are one file; 0: not known

  friend bool operator==(const FileStat&, const FileStat&) = default;
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

/// A new file being written from front to back. One thread at a time. Destroyed without close(): the file is closed and
/// what became of its bytes is not said.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  /// Adds all of `bytes` at the end; after an error some of them may be there. Nothing is durable yet.
  virtual Result<void> append(std::string_view bytes) = 0;
  /// Makes the bytes so far and the file's size durable. The file's name is durable only after sync_directory().
  virtual Result<void> sync() = 0;
  /// Ends writing, once. Syncs nothing.
  virtual Result<void> close() = 0;
};

/// Thread-safe. Errors: not_found, already_exists, permission_denied, resource_exhausted (disk full), io; messages name
/// the path.
class FileEnv {
 public:
  virtual ~FileEnv() = default;
  virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;
  /// Creates `path`, which must not exist. The name is durable after sync_directory() of its directory, as after
  /// rename(), remove() and make_directory().
  virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  virtual Result<FileStat> stat(const std::string& path) = 0;
  /// Names (not paths) in a directory, sorted bytewise; without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Replaces `to` atomically.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Removes a file, not a directory.
  virtual Result<void> remove(const std::string& path) = 0;
  /// Makes one directory. Errors: already_exists, whatever it is that exists; not_found without a parent.
  virtual Result<void> make_directory(const std::string& path) = 0;
  /// Makes the names in a directory durable (what stands and what is gone), not what they name.
  virtual Result<void> sync_directory(const std::string& path) = 0;
};

/// The operating system's files; lives for the whole process.
FileEnv& posix_file_env();

/// Reads a file of at most `size_max` bytes. Errors: limit_exceeded above that.
Result<std::string> read_file(FileEnv& env, const std::string& path, int64_t size_max);

/// Publishes `bytes` under `path` so that a crash leaves the old content or the new, never a mixture: temporary file,
/// sync, rename, sync of the directory.
Result<void> write_file_durably(FileEnv& env, const std::string& path, std::string_view bytes);

/// Makes a directory and the parents that it lacks, and their names durable. The name of a directory that exists is
/// synced too, because another process may have made it a moment ago and died. Errors: already_exists when something on
/// the way is no directory.
Result<void> make_directories(FileEnv& env, const std::string& path);

/// The part of `path` before its last '/', "." when there is none.
std::string parent_directory(const std::string& path);

}  // namespace weir
