/// \file
/// The plain bytes of a file, whatever it is compressed with.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/file_env.h"
#include "base/hash.h"
#include "connector/files/decompressor.h"
#include "connector/files/encoding.h"

namespace weir::connector {

/// Reads a file from front to back and decompresses it, in bounded memory. One thread.
class FileBytes {
 public:
  /// Reads `input`, which outlives this object; `path` is for messages and, with the first bytes, says how the
  /// file is compressed. Its text comes out in UTF-8.
  FileBytes(ReadableFile& input, const std::string& path, Encoding encoding);

  /// Reads all of a compressed file, so that nothing of a damaged one is handed out. What is small enough is kept, and
  /// not inflated twice. Only before the first next(). Errors: corrupt, those of FileEnv.
  Result<void> verify();

  /// The next piece, valid until the next call; empty at the end. Errors: corrupt, those of FileEnv.
  Result<std::string_view> next();

  /// Lets go of everything before plain byte `byte`. Only before the first next(). What is compressed has to be read
  /// all the same; what is not is only hashed.
  Result<void> skip_to(int64_t byte);

  /// Bytes of the file as stored that have been read.
  int64_t stored_bytes() const { return stored_bytes_; }
  /// How far the file is hashed, as stored: at the end all of it.
  int64_t hashed_bytes() const { return hashed_bytes_; }
  Hash128 hash() const { return hash_.digest(); }

 private:
  Result<std::string_view> next_piece();
  Result<std::string_view> inflated_piece();
  Result<void> read_chunk();

  ReadableFile& input_;
  std::string path_;
  Compression compression_;
  std::unique_ptr<Decompressor> decompressor_;
  std::unique_ptr<Transcoder> transcoder_;  ///< null: the text is UTF-8 already
  bool is_flushed_ = false;
  std::string chunk_;
  std::string kept_;  ///< all plain bytes, when verify() has kept them
  size_t kept_at_ = 0;
  bool is_kept_ = false;
  ContentHash hash_;
  int64_t hashed_bytes_ = 0;
  int64_t stored_bytes_ = 0;
  int64_t plain_bytes_ = 0;  ///< of UTF-8 text so far
  int64_t skip_until_ = 0;
};

/// Where a byte of the plain text stands, as editors count: from 1, columns in bytes.
struct TextPlace {
  int64_t line = 1;
  int64_t column = 1;
};

/// Reads the file again up to plain byte `byte`.
Result<TextPlace> place_of(ReadableFile& input, const std::string& path, Encoding encoding, int64_t byte);

}  // namespace weir::connector
