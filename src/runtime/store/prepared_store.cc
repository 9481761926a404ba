#include "runtime/store/prepared_store.h"

#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"

namespace weir::runtime {
namespace {

constexpr std::string_view kPreparedMagic = "WEIRPRE2";
constexpr int64_t kPreparedBytesMax = int64_t{256} * 1024 * 1024;

/// The length and the hash say of an object that nobody names yet whether it is whole.
std::string encode(std::string_view prepared) {
  ByteWriter out;
  out.raw(kPreparedMagic);
  out.fixed(static_cast<uint64_t>(prepared.size()));
  out.fixed(hash64(prepared));
  out.raw(prepared);
  return std::move(out).release();
}

std::optional<std::string> decode(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.take(kPreparedMagic.size()) != kPreparedMagic) return std::nullopt;
  const auto size = in.fixed<uint64_t>();
  const auto hash = in.fixed<uint64_t>();
  const std::string_view body = in.take(size);
  if (in.failed() || in.remaining() != 0 || hash64(body) != hash) return std::nullopt;
  return std::string(body);
}

StoredObject place_of(std::string uri, std::string_view bytes) {
  return {.uri = std::move(uri), .size_bytes = static_cast<int64_t>(bytes.size()), .hash = hash64(bytes)};
}

}  // namespace

Result<StoredObject> PreparedStore::put(const std::string& name, std::string_view prepared) {
  const std::string bytes = encode(prepared);
  if (static_cast<int64_t>(bytes.size()) > kPreparedBytesMax) {
    return Error(ErrorKind::limit_exceeded,
                 "what the epoch prepared is " + std::to_string(bytes.size()) +
                     " bytes, above the limit of 256 MiB that can be read back. Commit more often (commit.every, "
                     "commit.epoch_max), so that an epoch has fewer files and partitions");
  }
  WEIR_TRY(fault_point("prepared.before_store"));
  Result<void> stored = store_->put(uri_of(name), bytes);
  if (!stored.ok() && stored.error().kind() == ErrorKind::already_exists) {
    WEIR_ASSIGN(const std::optional<FoundPrepared> found, find(name));
    if (found && found->prepared == prepared) return found->place;
  }
  if (!stored.ok()) return std::move(stored).error();
  return place_of(uri_of(name), bytes);
}

Result<std::string> PreparedStore::get(const StoredObject& place) {
  WEIR_ASSIGN(const std::string bytes, store_->get(place.uri, kPreparedBytesMax));
  std::optional<std::string> prepared = decode(bytes);
  if (place_of(place.uri, bytes) != place || !prepared)
    return Error(ErrorKind::corrupt, "'" + place.uri + "' is not the prepared epoch that the table's record names");
  return *std::move(prepared);
}

Result<std::optional<FoundPrepared>> PreparedStore::find(const std::string& name) {
  const Result<std::string> bytes = store_->get(uri_of(name), kPreparedBytesMax);
  const bool is_missing = !bytes.ok() && bytes.error().kind() == ErrorKind::not_found;
  if (is_missing) return std::optional<FoundPrepared>();
  if (!bytes.ok()) return bytes.error();
  std::optional<std::string> prepared = decode(*bytes);
  if (!prepared) return std::optional<FoundPrepared>();
  return std::optional<FoundPrepared>({.place = place_of(uri_of(name), *bytes), .prepared = *std::move(prepared)});
}

Result<void> PreparedStore::forget(const std::string& uri) {
  const size_t dot = uri.rfind('.');
  // The last part of a name is a commit key, which is not all digits; that of a copy is a fence epoch, which is.
  const bool is_copy = dot != std::string::npos && dot + 1 < uri.size() &&
                       uri.find_first_not_of("0123456789", dot + 1) == std::string::npos;
  if (is_copy) WEIR_TRY(remover_->remove(uri.substr(0, dot)));
  return remover_->remove(uri);
}

}  // namespace weir::runtime
