#include "iceberg/metadata/json_internal.h"

namespace weir::iceberg {
namespace {

bool nested_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kJsonDepthMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (nested_too_deep(text))
    return Error(ErrorKind::limit_exceeded, "JSON nested deeper than " + std::to_string(kJsonDepthMax));
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Error(ErrorKind::corrupt, "not valid JSON");
  return json;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_quoted(std::string_view text, std::string& out) {
  out += dump(Json(text));
}

Error bad_json(std::string_view where, std::string_view what) {
  return Error(ErrorKind::corrupt, "'" + std::string(where) + "' " + std::string(what));
}

const Json* member(const Json& json, std::string_view key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

Result<std::optional<int64_t>> find_int64(const Json& json, std::string_view key) {
  const Json* found = member(json, key);
  if (found == nullptr) return std::optional<int64_t>();
  const bool too_large = found->is_number_unsigned() && found->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  if (!found->is_number_integer() || too_large) return bad_json(key, "must be a 64-bit integer");
  return std::optional(found->get<int64_t>());
}

Result<std::optional<int32_t>> find_int32(const Json& json, std::string_view key) {
  WEIR_ASSIGN(const std::optional<int64_t> wide, find_int64(json, key));
  if (!wide) return std::optional<int32_t>();
  if (*wide < INT32_MIN || *wide > INT32_MAX) return bad_json(key, "must be a 32-bit integer");
  return std::optional(static_cast<int32_t>(*wide));
}

Result<std::optional<std::string>> find_string(const Json& json, std::string_view key) {
  const Json* found = member(json, key);
  if (found == nullptr) return std::optional<std::string>();
  if (!found->is_string()) return bad_json(key, "must be a string");
  return std::optional(found->get<std::string>());
}

Result<int64_t> get_int64(const Json& json, std::string_view key) {
  WEIR_ASSIGN(const std::optional<int64_t> found, find_int64(json, key));
  if (!found) return bad_json(key, "is missing");
  return *found;
}

Result<int32_t> get_int32(const Json& json, std::string_view key) {
  WEIR_ASSIGN(const std::optional<int32_t> found, find_int32(json, key));
  if (!found) return bad_json(key, "is missing");
  return *found;
}

Result<std::string> get_string(const Json& json, std::string_view key) {
  WEIR_ASSIGN(std::optional<std::string> found, find_string(json, key));
  if (!found) return bad_json(key, "is missing");
  return *std::move(found);
}

}  // namespace weir::iceberg
