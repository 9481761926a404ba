/// \file
/// Splits: the parts of a source that are read in order, each with positions of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace weir {

/// A Kafka topic partition or a file. Durable: it says in a dead letter or a state where an event came from, whichever
/// process or task read it.
struct Split {
  std::string source;     ///< name in the pipeline file
  std::string topic;      ///< Kafka topic, or path of the file below the source's folder
  int32_t partition = 0;  ///< Kafka partition; 0 for files

  friend bool operator==(const Split&, const Split&) = default;
};

/// Shared by everything that has rows of the split: one object a split and reader, compared by address only to save
/// work.
using SplitPtr = std::shared_ptr<const Split>;

}  // namespace weir
