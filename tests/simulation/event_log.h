/// \file
/// The world's broker: a log of partitions that grow, and once in a world what brokers do to logs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "connector/kafka/start_internal.h"
#include "event/progress.h"
#include "simulation/scenario.h"

namespace weir::simulation {

/// An event is known by its partition, its offset, and the generation of the log that it stands in: another one may
/// take its offset.
int64_t id_of(int partition, int generation, int64_t offset);
int partition_of(int64_t id);
int generation_of(int64_t id);
int64_t offset_of(int64_t id);

inline constexpr int64_t kSecondUs = 1'000'000;
inline constexpr int64_t kKeys = 40;  ///< in each partition and generation

/// What an event says: its key, of its partition and generation alone, and its time, a second an offset; some are far
/// behind.
int64_t key_of(int64_t id);
int64_t time_us_of(int64_t id);
/// Over all that an event says: whoever has the three can tell whether they are of one event, and as the log had them.
int64_t checksum_of(int64_t id, int64_t key, int64_t time_us);
/// The event as it lies in the log: its generation, and its checksum.
std::string bytes_of(int64_t id);
/// What whoever reads it takes from it.
int generation_in(std::string_view bytes);
int64_t checksum_in(std::string_view bytes);

/// "log-2/0": each partition is that of a topic of its own.
std::string partition_name(int partition);
int partition_named(std::string_view name);

/// One thread.
class EventLog {
 public:
  /// Both outlive it.
  EventLog(const Scenario& scenario, const Clock& clock) : scenario_(scenario), clock_(clock) {}

  enum class Fault {
    none,
    retention,   ///< the beginning is removed, to behind what may have been read
    re_created,  ///< another topic has the name, and grows from offset 0
    diverged     ///< the end is lost, and others take its offsets
  };

  /// What becomes of partition 0 happens now, as the scenario says. Once.
  void break_now();
  bool is_broken() const { return broken_at_us_ != 0; }

  /// What the brokers say of a partition.
  connector::PartitionFacts facts_of(int partition) const;
  int generation_at(int partition, int64_t offset) const;
  int32_t leader_epoch_of(int generation) const { return fault() == Fault::diverged ? generation : 0; }
  /// Where somebody goes on who has read up to `from`, by what the brokers answer. Errors: position_lost.
  Result<int64_t> go_on(int partition, const PartitionProgress& from) const;
  /// Nothing more will come.
  bool is_complete() const { return produced(clock_.monotonic_us()) >= scenario_.events; }

  /// How a person goes on after what happened: at an offset; nothing: forgets what was read.
  std::optional<int64_t> way_on() const;
  /// Ids of all events that can have been read, in the order of partitions and offsets, when all of partition 0 before
  /// offset `lost_at` was read, and what is gone now behind it was not; nothing is lost without it.
  std::vector<int64_t> readable(std::optional<int64_t> lost_at) const;

 private:
  Fault fault() const { return static_cast<Fault>(scenario_.log_fault); }
  bool is_broken(int partition) const { return partition == 0 && is_broken(); }
  int64_t produced(int64_t at_us) const;

  const Scenario& scenario_;
  const Clock& clock_;
  int64_t broken_at_us_ = 0;
  int64_t cut_ = 0;  ///< retention: first offset that is left; diverged: first one that is another now
};

}  // namespace weir::simulation
