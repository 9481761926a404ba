#include "event/progress.h"

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr size_t kFinishedBytes = 12;

std::string pack(const std::vector<FinishedPartition>& finished) {
  ByteWriter out;
  for (const FinishedPartition& entry : finished) {
    out.fixed(entry.name_hash);
    out.fixed(entry.identity_hash);
  }
  return base64_encode(out.view());
}

Result<std::vector<FinishedPartition>> unpack(const std::string& text) {
  std::string bytes;
  if (!base64_decode(text, bytes) || bytes.size() % kFinishedBytes != 0)
    return Error(ErrorKind::corrupt, "progress: 'done' is damaged");
  ByteReader in(bytes);
  std::vector<FinishedPartition> finished(bytes.size() / kFinishedBytes);
  for (FinishedPartition& entry : finished) {
    entry.name_hash = in.fixed<uint64_t>();
    entry.identity_hash = in.fixed<uint32_t>();
  }
  if (std::adjacent_find(finished.begin(), finished.end(), std::greater_equal<>()) != finished.end()) {
    return Error(ErrorKind::corrupt, "progress: 'done' is not sorted and unique");
  }
  return finished;
}

Json partition_to_json(const PartitionProgress& partition) {
  Json json = Json::array({partition.next});
  if (partition.next_byte != 0 || !partition.identity.empty()) json.push_back(partition.next_byte);
  if (!partition.identity.empty()) json.push_back(partition.identity);
  return json;
}

Result<PartitionProgress> partition_from_json(const Json& json) {
  if (!json.is_array() || json.empty() || json.size() > 3 || !json[0].is_number_integer()) {
    return Error(ErrorKind::corrupt, "progress: a partition must be [next, byte, identity]");
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
  if (partition.next < 0 || partition.next_byte < 0)
    return Error(ErrorKind::corrupt, "progress: a position is negative");
  return partition;
}

Result<SourceProgress> source_from_json(const Json& json) {
  if (!json.is_object()) return Error(ErrorKind::corrupt, "progress: a source must be an object");
  SourceProgress source;
  for (const auto& [key, value] : json.items()) {
    if (key == "id" && value.is_string()) {
      source.identity = value.get<std::string>();
    } else if (key == "p" && value.is_object()) {
      for (const auto& [name, partition] : value.items()) {
        WEIR_ASSIGN(source.partitions[name], partition_from_json(partition));
      }
    } else if (key == "done" && value.is_string()) {
      WEIR_ASSIGN(source.finished, unpack(value.get<std::string>()));
    } else {
      return Error(ErrorKind::corrupt, "progress: unexpected '" + key + "'");
    }
  }
  return source;
}

void merge_source(SourceProgress& into, const SourceProgress& newer) {
  if (!newer.identity.empty()) into.identity = newer.identity;
  for (const auto& [name, partition] : newer.partitions) into.partitions[name] = partition;
  if (newer.finished.empty()) return;
  std::vector<FinishedPartition> all;
  std::set_union(into.finished.begin(), into.finished.end(), newer.finished.begin(), newer.finished.end(),
                 std::back_inserter(all));
  into.finished = std::move(all);
  std::erase_if(into.partitions, [&](const auto& entry) { return into.find_finished(entry.first) != nullptr; });
}

bool source_is_behind(const SourceProgress& here, const SourceProgress& other) {
  for (const auto& [name, partition] : other.partitions) {
    if (here.find_finished(name) != nullptr) continue;
    const auto found = here.partitions.find(name);
    if (found == here.partitions.end() || found->second.next < partition.next) return true;
  }
  return !std::includes(here.finished.begin(), here.finished.end(), other.finished.begin(), other.finished.end());
}

}  // namespace

uint32_t identity_hash(std::string_view identity) {
  return static_cast<uint32_t>(hash64(identity));
}

void SourceProgress::finish(const std::string& name) {
  const auto found = partitions.find(name);
  WEIR_CHECK(found != partitions.end());
  const FinishedPartition entry{hash64(name), weir::identity_hash(found->second.identity)};
  const auto at = std::lower_bound(finished.begin(), finished.end(), entry);
  if (at == finished.end() || *at != entry) finished.insert(at, entry);
  partitions.erase(found);
}

const FinishedPartition* SourceProgress::find_finished(std::string_view name) const {
  const uint64_t hash = hash64(name);
  const auto at = std::lower_bound(finished.begin(), finished.end(), FinishedPartition{hash, 0});
  return at != finished.end() && at->name_hash == hash ? &*at : nullptr;
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
    std::set_difference(source.finished.begin(), source.finished.end(), old.finished.begin(), old.finished.end(),
                        std::back_inserter(changed.finished));
  }
  return changes;
}

std::string Progress::to_text() const {
  Json all = Json::object();
  for (const auto& [name, source] : sources) {
    Json json = Json::object();
    if (!source.identity.empty()) json["id"] = source.identity;
    if (!source.partitions.empty()) {
      Json& partitions = json["p"] = Json::object();
      for (const auto& [partition_name, partition] : source.partitions)
        partitions[partition_name] = partition_to_json(partition);
    }
    if (!source.finished.empty()) json["done"] = pack(source.finished);
    all[name] = std::move(json);
  }
  Json text = Json::object();
  text["v"] = kVersion;
  text["sources"] = std::move(all);
  // A path of a file may hold bytes that are not UTF-8; they are replaced in the text, and such files are refused when
  // they are listed.
  return text.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Progress> Progress::from_text(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("v") || !json["v"].is_number_integer())
    return Error(ErrorKind::corrupt, "progress is not JSON with a version");
  if (json["v"].get<int64_t>() != kVersion) {
    return Error(ErrorKind::unsupported,
                 "progress has version " + json["v"].dump() + "; this Weir reads version 1: use a newer Weir");
  }
  if (json.size() != 2 || !json.contains("sources") || !json["sources"].is_object()) {
    return Error(ErrorKind::corrupt, "progress must have 'v' and 'sources' and nothing else");
  }
  Progress progress;
  for (const auto& [name, source] : json["sources"].items()) {
    WEIR_ASSIGN(progress.sources[name], source_from_json(source));
  }
  return progress;
}

}  // namespace weir
