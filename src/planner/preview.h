/// \file
/// What a run would find to read now, and what it would make of the first of it. Nothing is written or committed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/result.h"
#include "event/progress.h"
#include "event/raw_batch.h"
#include "planner/plan.h"

namespace weir::planner {

struct PreviewRequest {
  int64_t events_max = 0;       ///< of each source; 0: none are decoded
  int64_t wait_ms_max = 5'000;  ///< for the system of each source
};

/// A file, or a topic's partition, with something in it that was not read yet.
struct UnreadSplit {
  std::string name;
  int64_t from = 0;  ///< record or offset
};

struct SourcePreview {
  std::string source;
  bool reads_files = false;
  std::vector<UnreadSplit> unread;  ///< Kafka: all partitions
  int64_t bytes = -1;               ///< not read yet, as stored; -1: not known
  int64_t events = -1;              ///< the same
  std::vector<std::string> left;    ///< paths of files that may still be written
  std::optional<Error> error;       ///< it does not answer, or cannot be read on
  std::vector<std::shared_ptr<const RawBatch>> sample;
  int64_t sampled = 0;
  int64_t sampled_bytes = 0;
  bool is_whole = false;  ///< the sample is all that there is
};

/// Asks every source, each with its share of `progress`.
std::vector<SourcePreview> preview_sources(const Plan& plan, const Progress& progress, const PreviewRequest& request,
                                           FileEnv& files, const Clock& clock);

struct SinkPreview {
  std::string sink;
  lake::TableIdentifier table;
  int64_t rows = 0;
  int64_t partitions = 0;               ///< that the rows fall into
  int64_t rows_a_file = 0;              ///< about so many in each file of one commit, by all that is unread
  std::vector<std::string> first_rows;  ///< JSON, at most kPreviewRowsMax
};

inline constexpr size_t kPreviewRowsMax = 5;
inline constexpr int64_t kManyPartitions = 32;
inline constexpr int64_t kFewRowsAFile = 10'000;

/// What became of a sample.
struct SamplePreview {
  int64_t events = 0;
  std::vector<SinkPreview> sinks;
  int64_t rejected = 0;
  std::map<std::string, int64_t> reject_reasons;  ///< "wrong_type", "rule NAME"
  std::vector<std::string> first_rejects;         ///< "a.ndjson:3 wrong_type: ...", at most kPreviewRowsMax
  std::map<std::string, std::string> outcomes;    ///< by "POSITION of SINK": the row, or why it was rejected
};

/// Runs the samples of `sources` through `plan`, which may be another than they were taken for. Errors: those of the
/// operators, and of rules that stop a pipeline.
Result<SamplePreview> preview_sample(const Plan& plan, const std::vector<SourcePreview>& sources);

}  // namespace weir::planner
