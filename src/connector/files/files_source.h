/// \file
/// The files source: a folder or glob of NDJSON or CSV files, plain, gzip or zstd, read once or watched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_env.h"
#include "codec/framing.h"
#include "connector/files/encoding.h"
#include "dataflow/source.h"

namespace weir::connector {

enum class FileFormat {
  ndjson,
  csv,
  json_documents,  ///< codec/framing.h: objects over any number of lines, or one array of them
};

struct FilesSpec {
  std::string source;  ///< name of the source in the pipeline file
  std::string path;  ///< absolute: a file, a folder (its files, not below), or a glob with * ? [...] in its last parts
                     ///< and ** for any depth
  FileFormat format = FileFormat::ndjson;
  codec::CsvLines csv = {};
  Encoding encoding = Encoding::utf8;
  bool count_lines = false;  ///< events know their line; going on in the middle reads the file up to there once more
  bool watch = false;        ///< look for new files for ever; else read what is there now
  int64_t scan_every_ms = 1000;  ///< watch: how often to look
  /// watch: take a file up once it has not changed for so long; somebody may still be writing.
  int64_t settle_ms = 2000;
  size_t record_bytes_max = size_t{1} << 20;
};

/// Files are taken up in the order of their paths. A file's identity is its size, modification time and the hash of its
/// first 4 KiB; a file that changes after reading began is an error (position_lost), never a surprise. Names that begin
/// with '.' or '_' or end in .tmp, .part, .crdownload or .inprogress are passed over; names that are
/// not UTF-8 are refused, since progress could not name them. `files` and `clock` outlive the
/// factory and its readers.
std::unique_ptr<SourceFactory> make_files_source(FilesSpec spec, FileEnv& files, const Clock& clock);

}  // namespace weir::connector
