#include "lake/commit/large_progress.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "lake/commit/stored_json_internal.h"

namespace weir::lake {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kPartsMax = 64;

Error damaged(const StoredObject& place) {
  return Error(ErrorKind::corrupt, "the progress in '" + place.uri + "' does not match the table's record");
}

Result<std::string> read(ObjectStore& store, const StoredObject& place) {
  WEIR_ASSIGN(std::string bytes, store.get(place.uri, place.size_bytes));
  if (static_cast<int64_t>(bytes.size()) != place.size_bytes || hash64(bytes) != place.hash) return damaged(place);
  return bytes;
}

bool is_place(const Json& json) {
  return json.is_object() && json.contains("uri") && json["uri"].is_string() && json.contains("size") &&
         json["size"].is_number_integer() && json.contains("xxh3") && json["xxh3"].is_number_unsigned();
}

/// What a part says, and which come before it.
struct ReadPart {
  std::vector<StoredObject> before;
  Progress moved;
};

Result<ReadPart> read_part(ObjectStore& store, const StoredObject& place) {
  WEIR_ASSIGN(const std::string bytes, read(store, place));
  const Json json = Json::parse(bytes, nullptr, false);
  ReadPart part;
  if (!json.is_object() || !json.contains("after")) {  // all of it in one object
    WEIR_ASSIGN(part.moved, Progress::from_text(bytes));
    return part;
  }
  if (!json["after"].is_array() || json["after"].size() > kPartsMax || !json.contains("moved")) return damaged(place);
  for (const Json& one : json["after"]) {
    if (!is_place(one)) return damaged(place);
    part.before.push_back(stored_object_from(one));
  }
  WEIR_ASSIGN(part.moved, Progress::from_text(json["moved"].dump()));
  return part;
}

bool forgets(const Progress& moved) {
  return std::any_of(moved.sources.begin(), moved.sources.end(),
                     [](const auto& source) { return !source.second.forgotten.empty(); });
}

}  // namespace

Result<LargeProgress> LargeProgress::load(ObjectStore& store, const StoredObject& place) {
  WEIR_ASSIGN(ReadPart newest, read_part(store, place));
  LargeProgress large;
  for (const StoredObject& before : newest.before) {
    WEIR_ASSIGN(ReadPart part, read_part(store, before));
    large.parts_.push_back({.place = before, .moved = std::move(part.moved)});
  }
  large.parts_.push_back({.place = place, .moved = std::move(newest.moved)});
  for (const Part& part : large.parts_) large.whole_.merge(part.moved);
  return large;
}

Result<void> LargeProgress::add(ObjectStore& store, const Progress& whole,
                                const std::function<std::string()>& new_uri) {
  Progress moved = whole.changes_since(whole_);
  Progress checked = whole_;
  checked.merge(moved);
  size_t kept = parts_.size();
  if (forgets(moved) || checked != whole) {  // what is taken away is no difference that parts can have
    kept = 0;
    moved = whole;
  }
  const auto size_of = [](const Progress& progress) { return static_cast<int64_t>(progress.to_text().size()); };
  for (int64_t size = size_of(moved); kept > 0 && (parts_[kept - 1].place.size_bytes <= 2 * size || kept >= kPartsMax);
       size = size_of(moved)) {
    Progress joined = parts_[--kept].moved;
    joined.merge(moved);
    moved = std::move(joined);
  }
  std::string bytes = moved.to_text();
  if (kept > 0) {
    Json json = {{"after", Json::array()}, {"moved", Json::parse(bytes)}};
    for (size_t i = 0; i < kept; ++i) json["after"].push_back(to_json(parts_[i].place));
    bytes = json.dump();
  }
  Part part{.place = {.uri = new_uri(), .size_bytes = static_cast<int64_t>(bytes.size()), .hash = hash64(bytes)},
            .moved = std::move(moved)};
  WEIR_TRY(store.put(part.place.uri, bytes));
  parts_.resize(kept);
  parts_.push_back(std::move(part));
  whole_ = whole;
  return {};
}

}  // namespace weir::lake
