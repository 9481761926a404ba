/// \file
/// Whether somebody may still be writing a file.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/file_env.h"
#include "connector/files/file_listing_internal.h"
#include "connector/files/files_source.h"

namespace weir::connector {

/// Remembers files that changed lately. One thread.
class Settling {
 public:
  /// Both outlive it.
  Settling(const FilesSpec& spec, const Clock& clock) : settle_ms_(spec.settle_ms), clock_(clock) {}

  /// True when `file` has not changed for so long.
  bool is_settled(const ListedFile& file) { return wait_ms(file) == 0; }

  /// How long until `file` is settled if nothing changes it; 0 when it is. By its own time, or, when that lies in the
  /// future, by what we have seen: clocks of other machines are not ours.
  int64_t wait_ms(const ListedFile& file) {
    const int64_t by_its_time_ms = settle_ms_ - (clock_.wall_ms() - file.facts.modified_us / 1000);
    if (settle_ms_ == 0 || by_its_time_ms <= 0) {
      forget(file.name);
      return 0;
    }
    Seen& seen = seen_[file.name];
    if (seen.facts != file.facts || seen.since_us < 0) seen = {.facts = file.facts, .since_us = clock_.monotonic_us()};
    const int64_t by_sight_us = seen.since_us + settle_ms_ * 1000 - clock_.monotonic_us();
    if (by_sight_us > 0) return std::min(by_its_time_ms, by_sight_us / 1000 + 1);
    forget(file.name);
    return 0;
  }
  void forget(const std::string& name) { seen_.erase(name); }

 private:
  struct Seen {
    FileStat facts;
    int64_t since_us = -1;  ///< monotonic: when it was first seen as it is
  };
  const int64_t settle_ms_;
  const Clock& clock_;
  std::map<std::string, Seen> seen_;
};

}  // namespace weir::connector
