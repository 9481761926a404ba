/// \file
/// Reads some events of a source, through the source itself: files are found, decompressed and cut as a run would.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/result.h"
#include "codec/format.h"
#include "event/raw_batch.h"

namespace weir::inference {

enum class SampleFormat { json, csv };

/// What reads it. `delimiter` is for CSV.
codec::Format format_of(SampleFormat format, char delimiter);

struct SampleRequest {
  std::vector<std::string> files;  ///< absolute paths
  codec::Format format = codec::json_format();
  int64_t bytes_max = int64_t{256} << 20;  ///< of events, over all files; each file gets an equal share
};

struct Sample {
  std::vector<std::shared_ptr<const RawBatch>> batches;
  int64_t events = 0;
  int64_t bytes = 0;
  int64_t files_cut = 0;  ///< files of which only the beginning was read
};

/// Reads the beginning of every file. Errors: those of the files source.
Result<Sample> read_sample(const SampleRequest& request, FileEnv& files, const Clock& clock);

/// Reads the oldest events of a Kafka topic, up to `bytes_max` of them or to its present end. `brokers` as in a
/// pipeline file, without authentication. No offset is committed. Errors: those of the Kafka source.
Result<Sample> read_topic(const std::string& brokers, const std::string& topic, int64_t bytes_max, const Clock& clock);

/// `bytes` as the only file of a file system, called `path`: for what comes on stdin. Nothing can be written.
std::unique_ptr<FileEnv> single_file(std::string path, std::string bytes);

/// How the events of a file are written, by its first one: JSON when that begins with '{', else CSV, with the delimiter
/// of , ; tab | that the header has most of. Errors: those of reading; invalid_argument for an empty file.
struct Looks {
  SampleFormat format = SampleFormat::json;
  char delimiter = ',';
};
Result<Looks> look_at(const std::string& file, FileEnv& files, const Clock& clock);

}  // namespace weir::inference
