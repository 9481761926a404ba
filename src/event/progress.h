/// \file
/// Progress: for each partition of each source, the next position to read. It is stored with the rows it covers, in the
/// same table commit (exactly-once.md rule 1), and is the only truth about how far a pipeline has come.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/finished_partitions.h"

namespace weir {

/// How far one partition has been read.
struct PartitionProgress {
  int64_t next = 0;       ///< next offset (Kafka) or record number (file) to read
  int64_t next_byte = 0;  ///< files: where that record begins in the decompressed bytes; Kafka: 0
  std::string identity;   ///< what the partition was when it was read: Kafka topic id; for a file its size, and hash of
                          ///< the bytes that were read of it
  int32_t leader_epoch = -1;  ///< Kafka: of the last record read; -1: not known

  friend bool operator==(const PartitionProgress&, const PartitionProgress&) = default;
};

/// How far one source of a pipeline has been read.
struct SourceProgress {
  std::string identity;                                              ///< Kafka cluster id; empty for files
  std::map<std::string, PartitionProgress, std::less<>> partitions;  ///< by name: "topic/3" or the path of the file
  FinishedPartitions finished;
  /// Of what moved only: hashes of names whose finished entries are dropped. merge() does it.
  std::vector<uint64_t> forgotten;

  /// Puts `entry` under `name` into `finished`; the partition is read no more.
  void finish(const std::string& name, FinishedPartition entry = {});
  /// Returns the finished entry of `name`, or null.
  const FinishedPartition* find_finished(std::string_view name) const { return finished.find(name_hash(name)); }

  friend bool operator==(const SourceProgress&, const SourceProgress&) = default;
};

/// Hash of a partition's identity, as version 1 of the text keeps it of finished partitions.
uint32_t identity_hash(std::string_view identity);

/// A value type. Text form: one line of JSON, described in docs/formats/progress.md.
class Progress {
 public:
  std::map<std::string, SourceProgress, std::less<>> sources;  ///< by the source's name in the pipeline file

  bool empty() const { return sources.empty(); }

  /// Takes over what `newer` says of the partitions that it names; the others stay.
  void merge(const Progress& newer);

  /// Lets this share with `other` what is equal in both: comparing the two then costs what differs.
  void share_with(const Progress& other);

  /// True when some partition stands at a lower position here than in `other`, or is missing here: going on from here
  /// would read again what `other` has.
  bool is_behind(const Progress& other) const;

  /// What this says that `before` does not: partitions that moved, files that were finished or dropped since. merge()
  /// of it onto `before` gives this.
  Progress changes_since(const Progress& before) const;

  /// Version 2.
  std::string to_text() const;
  /// The same with no more of finished files than the hashes of their names, for a snapshot's summary: hundreds of
  /// those stand in a table's metadata.
  std::string to_summary() const;
  /// Reads versions 1 and 2. Errors: corrupt, for anything that to_text() does not write; unsupported for a newer
  /// version.
  static Result<Progress> from_text(std::string_view text);

  friend bool operator==(const Progress&, const Progress&) = default;
};

}  // namespace weir
