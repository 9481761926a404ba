#include "event/progress.h"

#include <algorithm>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kVersion = 2;
constexpr size_t kEntryBytes = 35;
constexpr size_t kEntryBytesVersion1 = 12;
constexpr auto kLastState = FinishedPartition::State::of_version_1;

void append(const FinishedPartition& entry, ByteWriter& out) {
  out.fixed(entry.name_hash);
  out.fixed(entry.content.low);
  out.fixed(entry.content.high);
  out.fixed(entry.facts_hash);
  out.fixed(entry.gone_day);
  out.fixed(static_cast<uint8_t>(entry.state));
}

Error damaged(const std::string& what) {
  return Error(ErrorKind::corrupt, "progress: '" + what + "' is damaged");
}

/// The records of `record_bytes` in base64 text, each made into a T by `read`.
template <typename T, typename Read>
Result<std::vector<T>> unpack(const std::string& name, const std::string& text, size_t record_bytes, const Read& read) {
  std::string bytes;
  if (!base64_decode(text, bytes) || bytes.size() % record_bytes != 0) return damaged(name);
  ByteReader in(bytes);
  std::vector<T> out;
  out.reserve(bytes.size() / record_bytes);
  while (in.remaining() > 0) out.push_back(read(in));
  return out;
}

FinishedPartition read_entry(ByteReader& in) {
  FinishedPartition entry;
  entry.name_hash = in.fixed<uint64_t>();
  entry.content = {.low = in.fixed<uint64_t>(), .high = in.fixed<uint64_t>()};
  entry.facts_hash = in.fixed<uint64_t>();
  entry.gone_day = in.fixed<uint16_t>();
  entry.state = static_cast<FinishedPartition::State>(in.fixed<uint8_t>());
  return entry;
}

FinishedPartition read_entry_of_version_1(ByteReader& in) {
  FinishedPartition entry{.state = FinishedPartition::State::of_version_1};
  entry.name_hash = in.fixed<uint64_t>();
  entry.content.low = in.fixed<uint32_t>();
  return entry;
}

Result<void> put_finished(const std::string& name, const std::vector<FinishedPartition>& entries,
                          FinishedPartitions& into) {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].state > kLastState) return damaged(name);
    if (i > 0 && entries[i - 1].name_hash >= entries[i].name_hash)
      return Error(ErrorKind::corrupt, "progress: '" + name + "' is not sorted and unique");
  }
  into.put(entries);
  return {};
}

Json partition_to_json(const PartitionProgress& partition) {
  Json json = Json::array({partition.next});
  const bool has_epoch = partition.leader_epoch >= 0;
  if (partition.next_byte != 0 || !partition.identity.empty() || has_epoch) json.push_back(partition.next_byte);
  if (!partition.identity.empty() || has_epoch) json.push_back(partition.identity);
  if (has_epoch) json.push_back(partition.leader_epoch);
  return json;
}

Result<PartitionProgress> partition_from_json(const Json& json) {
  if (!json.is_array() || json.empty() || json.size() > 4 || !json[0].is_number_integer()) {
    return Error(ErrorKind::corrupt, "progress: a partition must be [next, byte, identity, leader epoch]");
  }
  PartitionProgress partition{.next = json[0].get<int64_t>(), .next_byte = 0, .identity = {}};
  if (json.size() > 1) {
    if (!json[1].is_number_integer()) return Error(ErrorKind::corrupt, "progress: a byte position must be an integer");
    partition.next_byte = json[1].get<int64_t>();
  }
  if (json.size() > 2) {
    if (!json[2].is_string()) return Error(ErrorKind::corrupt, "progress: an identity must be a string");
    partition.identity = json[2].get<std::string>();
  }
  if (json.size() > 3) {
    if (!json[3].is_number_integer() || json[3].get<int64_t>() < 0 || json[3].get<int64_t>() > INT32_MAX)
      return Error(ErrorKind::corrupt, "progress: a leader epoch must be an integer of 32 bits");
    partition.leader_epoch = json[3].get<int32_t>();
  }
  if (partition.next < 0 || partition.next_byte < 0)
    return Error(ErrorKind::corrupt, "progress: a position is negative");
  return partition;
}

enum class Detail { all, names };

Json source_to_json(const SourceProgress& source, Detail detail) {
  Json json = Json::object();
  if (!source.identity.empty()) json["id"] = source.identity;
  if (!source.partitions.empty()) {
    Json& partitions = json["p"] = Json::object();
    for (const auto& [name, partition] : source.partitions) partitions[name] = partition_to_json(partition);
  }
  if (!source.finished.empty()) {
    ByteWriter entries;
    source.finished.for_each([&](const FinishedPartition& entry) {
      if (detail == Detail::all)
        append(entry, entries);
      else
        entries.fixed(entry.name_hash);
    });
    json[detail == Detail::all ? "files" : "names"] = base64_encode(entries.view());
  }
  if (!source.forgotten.empty()) {
    ByteWriter names;
    for (const uint64_t name : source.forgotten) names.fixed(name);
    json["forgotten"] = base64_encode(names.view());
  }
  return json;
}

Result<SourceProgress> source_from_json(const Json& json, int64_t version) {
  if (!json.is_object()) return Error(ErrorKind::corrupt, "progress: a source must be an object");
  SourceProgress source;
  for (const auto& [key, value] : json.items()) {
    if (key == "id" && value.is_string()) {
      source.identity = value.get<std::string>();
    } else if (key == "p" && value.is_object()) {
      for (const auto& [name, partition] : value.items()) {
        WEIR_ASSIGN(source.partitions[name], partition_from_json(partition));
      }
    } else if (key == "done" && value.is_string() && version == 1) {
      WEIR_ASSIGN(const auto entries, unpack<FinishedPartition>(key, value.get<std::string>(), kEntryBytesVersion1,
                                                                read_entry_of_version_1));
      WEIR_TRY(put_finished(key, entries, source.finished));
    } else if (key == "files" && value.is_string() && version > 1) {
      WEIR_ASSIGN(const auto entries,
                  unpack<FinishedPartition>(key, value.get<std::string>(), kEntryBytes, read_entry));
      WEIR_TRY(put_finished(key, entries, source.finished));
    } else if (key == "names" && value.is_string() && version > 1) {
      WEIR_ASSIGN(const auto entries,
                  unpack<FinishedPartition>(key, value.get<std::string>(), sizeof(uint64_t), [](ByteReader& in) {
                    return FinishedPartition{.name_hash = in.fixed<uint64_t>()};
                  }));
      WEIR_TRY(put_finished(key, entries, source.finished));
    } else if (key == "forgotten" && value.is_string() && version > 1) {
      WEIR_ASSIGN(source.forgotten, unpack<uint64_t>(key, value.get<std::string>(), sizeof(uint64_t),
                                                     [](ByteReader& in) { return in.fixed<uint64_t>(); }));
    } else {
      return Error(ErrorKind::corrupt, "progress: unexpected '" + key + "'");
    }
  }
  return source;
}

std::string progress_text(const std::map<std::string, SourceProgress, std::less<>>& sources, Detail detail) {
  Json all = Json::object();
  for (const auto& [name, source] : sources) all[name] = source_to_json(source, detail);
  Json text = Json::object();
  text["v"] = kVersion;
  text["sources"] = std::move(all);
  // A path of a file may hold bytes that are not UTF-8; they are replaced in the text, and such files are refused when
  // they are listed.
  return text.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void merge_source(SourceProgress& into, const SourceProgress& newer) {
  if (!newer.identity.empty()) into.identity = newer.identity;
  for (const auto& [name, partition] : newer.partitions) into.partitions[name] = partition;
  for (const uint64_t name : newer.forgotten) into.finished.erase(name);
  into.finished.put(newer.finished.changed_since(into.finished));
  if (!newer.finished.empty())
    std::erase_if(into.partitions,
                  [&](const auto& entry) { return newer.finished.find(name_hash(entry.first)) != nullptr; });
}

bool source_is_behind(const SourceProgress& here, const SourceProgress& other) {
  for (const auto& [name, partition] : other.partitions) {
    if (here.find_finished(name) != nullptr) continue;
    const auto found = here.partitions.find(name);
    if (found == here.partitions.end() || found->second.next < partition.next) return true;
  }
  return !here.finished.missing_since(other.finished).empty();
}

}  // namespace

uint32_t identity_hash(std::string_view identity) {
  return static_cast<uint32_t>(hash64(identity));
}

void SourceProgress::finish(const std::string& name, FinishedPartition entry) {
  entry.name_hash = name_hash(name);
  finished.put(entry);
  partitions.erase(name);
}

void Progress::merge(const Progress& newer) {
  for (const auto& [name, source] : newer.sources) merge_source(sources[name], source);
}

bool Progress::is_behind(const Progress& other) const {
  static const SourceProgress kNothing;
  return std::any_of(other.sources.begin(), other.sources.end(), [this](const auto& entry) {
    const auto found = sources.find(entry.first);
    return source_is_behind(found == sources.end() ? kNothing : found->second, entry.second);
  });
}

Progress Progress::changes_since(const Progress& before) const {
  static const SourceProgress kNothing;
  Progress changes;
  for (const auto& [name, source] : sources) {
    const auto found = before.sources.find(name);
    const SourceProgress& old = found == before.sources.end() ? kNothing : found->second;
    if (source == old) continue;
    SourceProgress& changed = changes.sources[name];
    changed.identity = source.identity;
    for (const auto& [partition, progress] : source.partitions) {
      const auto known = old.partitions.find(partition);
      if (known == old.partitions.end() || known->second != progress) changed.partitions[partition] = progress;
    }
    changed.finished.put(source.finished.changed_since(old.finished));
    changed.forgotten = source.finished.missing_since(old.finished);
  }
  return changes;
}

std::string Progress::to_text() const {
  return progress_text(sources, Detail::all);
}

std::string Progress::to_summary() const {
  return progress_text(sources, Detail::names);
}

void Progress::share_with(const Progress& other) {
  for (auto& [name, source] : sources) {
    const auto found = other.sources.find(name);
    if (found != other.sources.end()) source.finished.share_with(found->second.finished);
  }
}

Result<Progress> Progress::from_text(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("v") || !json["v"].is_number_integer())
    return Error(ErrorKind::corrupt, "progress is not JSON with a version");
  const auto version = json["v"].get<int64_t>();
  if (version < 1 || version > kVersion) {
    return Error(ErrorKind::unsupported,
                 "progress has version " + json["v"].dump() + "; this Weir reads versions 1 and 2: use a newer Weir");
  }
  if (json.size() != 2 || !json.contains("sources") || !json["sources"].is_object()) {
    return Error(ErrorKind::corrupt, "progress must have 'v' and 'sources' and nothing else");
  }
  Progress progress;
  for (const auto& [name, source] : json["sources"].items()) {
    WEIR_ASSIGN(progress.sources[name], source_from_json(source, version));
  }
  return progress;
}

}  // namespace weir
