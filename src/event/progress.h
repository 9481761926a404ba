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

namespace weir {

/// How far one partition has been read.
struct PartitionProgress {
  int64_t next = 0;       ///< next offset (Kafka) or record number (file) to read
  int64_t next_byte = 0;  ///< files: where that record begins in the decompressed bytes; Kafka: 0
  std::string identity;   ///< what the partition was when it was read: Kafka topic id; file size, modification time and
                          ///< hash of its head

  friend bool operator==(const PartitionProgress&, const PartitionProgress&) = default;
};

/// A partition that is read to its end for good (a file), kept small: hashes of its name and of its identity.
struct FinishedPartition {
  uint64_t name_hash = 0;
  uint32_t identity_hash = 0;

  friend auto operator<=>(const FinishedPartition&, const FinishedPartition&) = default;
};

/// How far one source of a pipeline has been read.
struct SourceProgress {
  std::string identity;                                              ///< Kafka cluster id; empty for files
  std::map<std::string, PartitionProgress, std::less<>> partitions;  ///< by name: "topic/3" or the path of the file
  std::vector<FinishedPartition> finished;                           ///< sorted, unique

  /// Moves partition `name` from `partitions` to `finished`.
  void finish(const std::string& name);
  /// Returns the finished entry of `name`, or null.
  const FinishedPartition* find_finished(std::string_view name) const;

  friend bool operator==(const SourceProgress&, const SourceProgress&) = default;
};

/// Hash of a partition's identity as FinishedPartition keeps it.
uint32_t identity_hash(std::string_view identity);

/// A value type. Text form: one line of JSON, described in docs/formats/progress.md.
class Progress {
 public:
  std::map<std::string, SourceProgress, std::less<>> sources;  ///< by the source's name in the pipeline file

  bool empty() const { return sources.empty(); }

  /// Takes over what `newer` says of the partitions that it names; the others stay.
  void merge(const Progress& newer);

  /// True when some partition stands at a lower position here than in `other`, or is missing here: going on from here
  /// would read again what `other` has.
  bool is_behind(const Progress& other) const;

  /// What this says that `before` does not: partitions that moved, files that were finished since. merge() of it onto
  /// `before` gives this.
  Progress changes_since(const Progress& before) const;

  std::string to_text() const;
  /// Errors: corrupt, for anything that to_text() does not write; unsupported for a newer version.
  static Result<Progress> from_text(std::string_view text);

  friend bool operator==(const Progress&, const Progress&) = default;
};

}  // namespace weir
