/// \file
/// How records and prepared epochs write what they have in common. Internal.
#pragma once

#include <nlohmann/json.hpp>

#include "event/outbox.h"
#include "event/stored_object.h"

namespace weir::lake {

/// `{"uri", "size", "xxh3"}`.
inline nlohmann::ordered_json to_json(const StoredObject& object) {
  return {{"uri", object.uri}, {"size", object.size_bytes}, {"xxh3", object.hash}};
}

/// Throws the library's exceptions for missing and wrong members.
inline StoredObject stored_object_from(const nlohmann::ordered_json& json) {
  return {.uri = json.at("uri").get<std::string>(),
          .size_bytes = json.at("size").get<int64_t>(),
          .hash = json.at("xxh3").get<uint64_t>()};
}

/// `{NAME: [since, applied]}` as the member "followers"; none without any.
inline void add_followers(const FollowerRecords& followers, nlohmann::ordered_json& json) {
  for (const auto& [name, known] : followers)
    json["followers"][name] = nlohmann::ordered_json::array({known.since, known.applied});
}

/// Throws as stored_object_from().
inline FollowerRecords followers_from(const nlohmann::ordered_json& json) {
  FollowerRecords followers;
  if (!json.contains("followers")) return followers;
  for (const auto& [name, known] : json.at("followers").items())
    followers[name] = {.since = known.at(0).get<int64_t>(), .applied = known.at(1).get<int64_t>()};
  return followers;
}

}  // namespace weir::lake
