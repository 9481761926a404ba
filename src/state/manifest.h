/// \file
/// The manifest of a checkpoint: which parts belong to it and what they hold. docs/formats/state.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/part.h"

namespace weir::state {

/// An object of the checkpoint store.
struct PartReference {
  std::string name;  ///< below the store's root
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;  ///< part_checksum()
  uint32_t step = 0;      ///< index into Manifest::steps
  uint32_t task = 0;
  KeyGroupRange groups = {0, 0};  ///< that it has entries of; empty: none
  bool has_lists = false;         ///< it has items of lists, too

  friend bool operator==(const PartReference&, const PartReference&) = default;
};

struct StepDescription {
  std::string name;
  uint32_t tasks = 1;
  std::vector<TableDescription> tables;

  friend bool operator==(const StepDescription&, const StepDescription&) = default;
};

/// A value type.
struct Manifest {
  std::string pipeline;
  std::string commit_key;  ///< of the epoch at whose barrier the state was taken
  uint32_t group_count = kKeyGroupCount;
  std::vector<StepDescription> steps;
  std::vector<PartReference> parts;

  std::string to_bytes() const;
  /// Errors: corrupt; unsupported for a newer version.
  static Result<Manifest> from_bytes(std::string_view bytes);

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

}  // namespace weir::state
