/// \file
/// The object-store port: immutable objects under URIs. It has no delete: whoever may write may not remove.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/fwd.h"
#include "base/result.h"

namespace weir {

/// One object being written front to back. Nothing is visible, or at least nothing is promised, before finish(). A call
/// that failed with a retry hint (RetryHint::backoff) may be made again: nothing is lost or doubled. One thread at a
/// time. Destroyed without finish(): the object is abandoned; a local file may stay as an orphan that no table names.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  /// Adds all of `bytes` at the end.
  virtual Result<void> append(std::string_view bytes) = 0;
  /// Makes the object durable, once: on a local disk the file and its directory are synced.
  virtual Result<void> finish() = 0;
};

/// Thread-safe. Errors everywhere: not_found, permission_denied, unavailable, timeout, resource_exhausted (disk full),
/// io.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Reads a whole object of at most `size_max` bytes. Errors: limit_exceeded above that.
  virtual Result<std::string> get(const std::string& uri, int64_t size_max) = 0;
  /// The size of an object in bytes.
  virtual Result<int64_t> size_of(const std::string& uri) = 0;
  /// Writes a whole new object durably. Errors: already_exists; objects are never replaced.
  virtual Result<void> put(const std::string& uri, std::string_view bytes) = 0;
  /// Starts a new object. Errors: already_exists, at the latest from finish().
  virtual Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) = 0;
};

/// Objects as files. URIs are "file:///absolute/path"; directories appear as needed, durably. `files` outlives it.
std::unique_ptr<ObjectStore> make_local_store(FileEnv& files);

/// "file:///a/b" for an absolute path; a relative path is taken from `working_directory`. "." and ".." are resolved by
/// text. Nothing is escaped: the path stands in the URI byte for byte, as file_path() takes it out.
std::string file_uri(const std::string& path, const std::string& working_directory);

/// The path of a "file://" URI (also "file:/path"), or `uri` itself when it has no scheme. Errors: unsupported for
/// other schemes.
Result<std::string> file_path(const std::string& uri);

}  // namespace weir
