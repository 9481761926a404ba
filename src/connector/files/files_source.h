/// \file
/// The files source: a folder or glob of files, plain, gzip or zstd, read once or watched.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file_env.h"
#include "codec/framing.h"
#include "connector/files/encoding.h"
#include "dataflow/source.h"

namespace weir::connector {

/// What becomes of a file that cannot be read: damaged, or not what its format says.
enum class OnBadFile {
  dead_letter,  ///< a word in the dead letter, and the other files go on; it is read when its content changes
  halt,
};

struct FilesSpec {
  std::string source;  ///< name of the source in the pipeline file
  std::string path;  ///< absolute: a file, a folder (its files, not below), or a glob with * ? [...] in its last parts
                     ///< and ** for any depth
  codec::MakeFramer make_framer = codec::make_line_framer;  ///< cuts their text, in UTF-8, into events
  Encoding encoding = Encoding::utf8;
  bool count_lines = false;  ///< events know their line; going on in the middle reads the file up to there once more
  bool watch = false;        ///< look for new files for ever; else read what is there now
  int64_t scan_every_ms = 1000;  ///< watch: how often to look
  /// Take a file up once it has not changed for so long; somebody may still be writing. One pass waits for that a
  /// little (kOncePatienceMs), and leaves files that take longer.
  int64_t settle_ms = 2000;
  size_t record_bytes_max = size_t{1} << 20;
  /// Files grow and are rotated: lines are read as they come, one file after the other under each name. Plain files in
  /// UTF-8, of events that end with their line.
  bool append = false;
  OnBadFile on_bad_file = OnBadFile::dead_letter;
  /// Days after which a file that is gone is forgotten: if it comes back then, it is new. 0: never.
  int forget_after_days = 0;
  /// Looks at the first events of a file, before they are handed out, whether its format is what it should be; may be
  /// empty. Any thread. Errors: corrupt.
  std::function<Result<void>(const RawBatch& first)> check = {};
  /// Lines for people; may be empty. Any thread.
  std::function<void(bool is_warning, std::string_view line)> log = {};
  /// Told the path of each file that one pass leaves, since it may still be written; may be empty. Any thread.
  std::function<void(const std::string& path)> leave = {};
};

/// How long one pass waits for files that have not settled.
inline constexpr int64_t kOncePatienceMs = 3000;

/// Files are taken up in the order of their paths. A file is known by its name and by the hash of all its bytes; size,
/// modification time and inode say whether that has to be looked at again. So a file that is touched or copied over by
/// itself is the same; one that vanishes and stands under another name with the same inode, time and content was
/// renamed; one inode under two names is one file, and is read once. A file whose content changes after reading began
/// is an error (position_lost), never a surprise. Nothing of a compressed file is handed out before all of it was
/// inflated.
///
/// Names that begin with '.' or '_' or end in .tmp, .part, .crdownload or .inprogress are passed over; names that are
/// not UTF-8 are refused, since progress could not name them. `files` and `clock` outlive the factory.
std::unique_ptr<SourceFactory> make_files_source(FilesSpec spec, FileEnv& files, const Clock& clock);

}  // namespace weir::connector
