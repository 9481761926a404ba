/// \file
/// What makes a file the one that was read: its content, and facts by which it need not be read again to see that.
#pragma once

#include <cstdint>
#include <string>

#include "base/file_env.h"
#include "base/hash.h"
#include "connector/files/file_listing_internal.h"

namespace weir::connector {

/// Hash of size, modification time and inode; never 0.
uint64_t facts_hash(const FileStat& facts);

/// Of all bytes of `input`.
Result<Hash128> content_of(ReadableFile& input);

/// What was read of a file up to now: its size, and the hash of its first `bytes` bytes as stored.
struct ReadSoFar {
  int64_t size = 0;
  int64_t bytes = 0;
  Hash128 hash;

  /// "SIZE:BYTES:HASH", as progress keeps it.
  std::string to_text() const;
};

/// True when `input`, whose facts are those of `file`, is what `identity` was taken of. Of version 1 ("SIZE:TIME:HASH
/// of the first 4 KiB") the modification time must be the same too. Errors: those of FileEnv.
Result<bool> is_same_file(ReadableFile& input, const ListedFile& file, const std::string& identity);

/// Identity as version 1 of progress has it.
Result<std::string> identity_of_version_1(ReadableFile& input, const ListedFile& file);

}  // namespace weir::connector
