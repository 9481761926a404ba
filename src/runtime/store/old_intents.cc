#include "runtime/store/old_intents.h"

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace weir::runtime {
namespace {

constexpr std::string_view kIntentMagic = "WEIRINT1";
constexpr std::string_view kPrefix = "intent-";
constexpr int64_t kIntentBytesMax = int64_t{256} * 1024 * 1024;

bool decode(std::string_view bytes, std::string& prepared) {
  ByteReader in(bytes);
  if (in.take(kIntentMagic.size()) != kIntentMagic) return false;
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

std::string old_intent_file(std::string_view prepared) {
  ByteWriter out;
  out.raw(kIntentMagic);
  out.fixed(static_cast<uint64_t>(prepared.size()));
  out.fixed(crc32(prepared));
  out.raw(prepared);
  return std::move(out).release();
}

Result<PendingIntents> OldIntents::pending() {
  const Result<std::vector<std::string>> names = files_->list(directory_);
  PendingIntents pending;
  if (!names.ok() && names.error().kind() == ErrorKind::not_found) return pending;
  if (!names.ok()) return names.error();
  for (const std::string& name : *names) {
    if (sequence_of(name) < 0) continue;
    const Result<std::string> bytes = read_file(*files_, directory_ + "/" + name, kIntentBytesMax);
    if (!bytes.ok() && bytes.error().kind() == ErrorKind::not_found) continue;  // another process has just resolved it
    if (!bytes.ok()) return bytes.error();
    OldIntent intent{.name = name, .prepared = {}};
    if (decode(*bytes, intent.prepared))
      pending.intents.push_back(std::move(intent));
    else
      pending.damaged.push_back(directory_ + "/" + name);
  }
  return pending;  // names are sorted and numbers have leading zeros: oldest first
}

Result<void> OldIntents::resolve(const std::string& name) {
  Result<void> removed = files_->remove(directory_ + "/" + name);
  if (!removed.ok() && removed.error().kind() == ErrorKind::not_found) return {};
  return removed;
}

}  // namespace weir::runtime
