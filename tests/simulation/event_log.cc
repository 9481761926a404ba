#include "simulation/event_log.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"

namespace weir::simulation {
namespace {

constexpr int64_t kPartitionIds = 1'000'000;
constexpr int64_t kGenerationIds = 500'000;
constexpr int64_t kRemoved = 15;  // events before the end that retention leaves, or that are lost with the end

connector::TopicPartition name_of(int partition) {
  return {.topic = "log-" + std::to_string(partition), .partition = 0};
}

}  // namespace

int64_t id_of(int partition, int generation, int64_t offset) {
  return partition * kPartitionIds + generation * kGenerationIds + offset;
}
int partition_of(int64_t id) {
  return static_cast<int>(id / kPartitionIds);
}
int generation_of(int64_t id) {
  return static_cast<int>(id % kPartitionIds / kGenerationIds);
}
int64_t offset_of(int64_t id) {
  return id % kGenerationIds;
}

int64_t key_of(int64_t id) {
  return id_of(partition_of(id), generation_of(id), offset_of(id) % kKeys);
}
int64_t time_us_of(int64_t id) {
  const int64_t offset = offset_of(id);
  return (offset % 17 == 3 ? std::max<int64_t>(offset - 40, 0) : offset) * kSecondUs;
}
int64_t checksum_of(int64_t id, int64_t key, int64_t time_us) {
  const std::array<int64_t, 3> said = {id, key, time_us};
  return static_cast<int64_t>(hash64({reinterpret_cast<const char*>(said.data()), sizeof said}));
}

std::string bytes_of(int64_t id) {
  const int64_t checksum = checksum_of(id, key_of(id), time_us_of(id));
  std::string bytes(1 + sizeof checksum, static_cast<char>('0' + generation_of(id)));
  std::memcpy(bytes.data() + 1, &checksum, sizeof checksum);
  return bytes;
}
int generation_in(std::string_view bytes) {
  return bytes.front() - '0';
}
int64_t checksum_in(std::string_view bytes) {
  int64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + 1, sizeof checksum);
  return checksum;
}

std::string partition_name(int partition) {
  return name_of(partition).name();
}

int partition_named(std::string_view name) {
  return name[name.find('-') + 1] - '0';
}

int64_t EventLog::produced(int64_t at_us) const {
  return std::clamp<int64_t>(at_us / scenario_.event_every_us(), 0, scenario_.events);
}

void EventLog::break_now() {
  broken_at_us_ = clock_.monotonic_us();
  cut_ = std::max<int64_t>(0, produced(broken_at_us_) - kRemoved);
}

connector::PartitionFacts EventLog::facts_of(int partition) const {
  connector::PartitionFacts facts{.partition = name_of(partition), .topic_id = "A", .at_timestamp = -1};
  facts.high = produced(clock_.monotonic_us());
  if (is_broken(partition)) {
    const int64_t since = facts.high - produced(broken_at_us_);
    switch (fault()) {
      case Fault::none: break;
      case Fault::retention: facts.low = cut_; break;
      case Fault::diverged: facts.high = cut_ + since; break;
      case Fault::re_created:
        facts.topic_id = "B";
        facts.high = since;
        break;
    }
  }
  facts.stable = facts.high;
  return facts;
}

int EventLog::generation_at(int partition, int64_t offset) const {
  if (!is_broken(partition)) return 0;
  return fault() == Fault::re_created || (fault() == Fault::diverged && offset >= cut_) ? 1 : 0;
}

Result<int64_t> EventLog::go_on(int partition, const PartitionProgress& from) const {
  const connector::PartitionFacts facts = facts_of(partition);
  WEIR_ASSIGN(const int64_t next, connector::decide_start({}, &from, facts));
  const bool is_of_before = is_broken(partition) && fault() == Fault::diverged && from.leader_epoch == 0;
  if (is_of_before && from.next > cut_)
    return connector::log_rewritten(facts.partition, from.next, 0,
                                    std::string(connector::kBrokerEnd) + std::to_string(cut_));
  return next;
}

std::optional<int64_t> EventLog::way_on() const {
  return fault() == Fault::re_created ? std::nullopt : std::optional(cut_);
}

std::vector<int64_t> EventLog::readable(std::optional<int64_t> lost_at) const {
  std::vector<int64_t> ids;
  for (int p = 0; p < static_cast<int>(scenario_.partitions); ++p) {
    const connector::PartitionFacts facts = facts_of(p);
    const auto add = [&](int generation, int64_t from, int64_t to) {
      for (int64_t offset = from; offset < to; ++offset) ids.push_back(id_of(p, generation, offset));
    };
    if (!is_broken(p)) {
      add(0, 0, facts.high);
      continue;
    }
    switch (fault()) {
      case Fault::none: add(0, 0, facts.high); break;
      case Fault::retention:
        add(0, 0, lost_at.value_or(cut_));
        add(0, cut_, facts.high);
        break;
      case Fault::diverged:
        add(0, 0, lost_at.value_or(cut_));
        add(1, cut_, facts.high);
        break;
      case Fault::re_created:
        add(0, 0, lost_at.value_or(0));
        add(1, 0, facts.high);
        break;
    }
  }
  return ids;
}

}  // namespace weir::simulation
