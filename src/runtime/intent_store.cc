#include "runtime/intent_store.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"

namespace weir::runtime {
namespace {

constexpr std::string_view kMagic = "WEIRINT1";
constexpr std::string_view kPrefix = "intent-";
constexpr int64_t kIntentBytesMax = int64_t{256} * 1024 * 1024;

std::string encode(std::string_view prepared) {
  ByteWriter out;
  out.raw(kMagic);
  out.fixed(static_cast<uint64_t>(prepared.size()));
  out.fixed(crc32(prepared));
  out.raw(prepared);
  return std::move(out).release();
}

bool decode(std::string_view bytes, std::string& prepared) {
  ByteReader in(bytes);
  if (in.take(kMagic.size()) != kMagic) return false;
  const auto size = in.fixed<uint64_t>();
  const auto crc = in.fixed<uint32_t>();
  const std::string_view body = in.take(size);
  if (in.failed() || in.remaining() != 0 || crc32(body) != crc) return false;
  prepared = std::string(body);
  return true;
}

/// The sequence number in a file name ("intent-000000000007-1f2e3d4c"), or -1 for files that are not ours.
int64_t sequence_of(std::string_view name) {
  if (!name.starts_with(kPrefix) || name.ends_with(".new")) return -1;
  name.remove_prefix(kPrefix.size());
  int64_t sequence = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), sequence);
  return error == std::errc() && end != name.data() + name.size() && *end == '-' ? sequence : -1;
}

}  // namespace

Result<IntentStore> IntentStore::open(FileEnv& files, std::string directory, RandomSource& random) {
  WEIR_TRY(make_directories(files, directory));
  IntentStore store(files, std::move(directory), Uuid::random(random).to_string().substr(0, 8));
  WEIR_ASSIGN(const std::vector<std::string> names, files.list(store.directory_));
  for (const std::string& name : names) store.last_sequence_ = std::max(store.last_sequence_, sequence_of(name));
  return store;
}

Result<PendingIntents> IntentStore::pending() {
  WEIR_ASSIGN(const std::vector<std::string> names, files_->list(directory_));
  PendingIntents pending;
  for (const std::string& name : names) {
    if (sequence_of(name) < 0) continue;
    const Result<std::string> bytes = read_file(*files_, directory_ + "/" + name, kIntentBytesMax);
    if (!bytes.ok() && bytes.error().kind() == ErrorKind::not_found) continue;  // another process has just resolved it
    if (!bytes.ok()) return bytes.error();
    StoredIntent intent{.name = name, .prepared = {}};
    if (decode(*bytes, intent.prepared))
      pending.intents.push_back(std::move(intent));
    else
      pending.damaged.push_back(directory_ + "/" + name);
  }
  return pending;  // names are sorted and numbers have leading zeros: oldest first
}

Result<std::string> IntentStore::put(std::string_view prepared) {
  char number[32];
  std::snprintf(number, sizeof number, "%012lld", static_cast<long long>(last_sequence_) + 1);
  const std::string name = std::string(kPrefix) + number + "-" + token_;
  WEIR_TRY(fault_point("intent.before_store"));
  WEIR_TRY(write_file_durably(*files_, directory_ + "/" + name, encode(prepared)));
  ++last_sequence_;
  return name;
}

Result<void> IntentStore::resolve(const std::string& name) {
  Result<void> removed = files_->remove(directory_ + "/" + name);
  if (!removed.ok() && removed.error().kind() == ErrorKind::not_found) return {};
  return removed;
}

}  // namespace weir::runtime
