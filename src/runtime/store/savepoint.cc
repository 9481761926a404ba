#include "runtime/store/savepoint.h"

#include <utility>

#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"

namespace weir::runtime {
namespace {

constexpr std::string_view kSavepointMagic = "WEIRSAVE";
constexpr uint32_t kSavepointVersion = 1;
constexpr int64_t kSavepointBytesMax = int64_t{1} << 30;

std::string name_in(const std::string& folder) {
  return folder + "/savepoint";
}

Error broken_savepoint(const std::string& what) {
  return Error(ErrorKind::corrupt, "the savepoint is damaged: " + what);
}

}  // namespace

std::string Savepoint::to_bytes() const {
  ByteWriter out;
  out.raw(kSavepointMagic);
  out.fixed(kSavepointVersion);
  out.string(pipeline);
  out.string(commit_key);
  out.fixed(taken_at_ms);
  out.string(progress.to_text());
  out.fixed(static_cast<uint8_t>(state ? 1 : 0));
  if (state) {
    out.string(state->manifest);
    out.fixed(state->size_bytes);
    out.fixed(state->checksum);
  }
  out.fixed(hash64(out.view()));
  return std::move(out).release();
}

Result<Savepoint> Savepoint::from_bytes(std::string_view bytes) {
  if (bytes.size() < kSavepointMagic.size() + 12 || !bytes.starts_with(kSavepointMagic))
    return broken_savepoint("it does not begin as one");
  const std::string_view body = bytes.substr(0, bytes.size() - 8);
  if (ByteReader(bytes.substr(body.size())).fixed<uint64_t>() != hash64(body))
    return broken_savepoint("its checksum differs");
  ByteReader in(body.substr(kSavepointMagic.size()));
  const auto version = in.fixed<uint32_t>();
  if (version > kSavepointVersion) {
    return Error(ErrorKind::unsupported, "the savepoint has version " + std::to_string(version) +
                                             "; this program knows versions up to " +
                                             std::to_string(kSavepointVersion));
  }
  Savepoint savepoint;
  savepoint.pipeline = in.string();
  savepoint.commit_key = in.string();
  savepoint.taken_at_ms = in.fixed<int64_t>();
  const std::string_view progress = in.string();
  const auto has_state = in.fixed<uint8_t>();
  if (version == 0 || has_state > 1) return broken_savepoint("a field of it");
  if (has_state == 1) {
    savepoint.state.emplace();
    savepoint.state->manifest = in.string();
    savepoint.state->size_bytes = in.fixed<uint64_t>();
    savepoint.state->checksum = in.fixed<uint64_t>();
  }
  if (in.failed() || in.remaining() != 0) return broken_savepoint("its length");
  WEIR_ASSIGN(savepoint.progress, Progress::from_text(progress));
  return savepoint;
}

Result<void> write_savepoint(ObjectStore& store, const std::string& folder, Savepoint savepoint,
                             const state::CheckpointStore& checkpoints,
                             const std::optional<state::CheckpointReference>& from, const std::string& writer) {
  if (store.size_of(name_in(folder)).ok())
    return Error(ErrorKind::already_exists, "'" + folder + "' has a savepoint already; name another folder");
  savepoint.state.reset();
  if (from) {
    WEIR_ASSIGN(const state::Manifest manifest, checkpoints.load(*from));
    const state::CheckpointStore copies(store, folder);
    WEIR_ASSIGN(savepoint.state,
                copies.copy(checkpoints, manifest, {.commit_key = savepoint.commit_key, .writer = writer}));
  }
  WEIR_TRY(fault_point("savepoint.before_name"));
  return store.put(name_in(folder), savepoint.to_bytes());
}

Result<Savepoint> read_savepoint(ObjectStore& store, const std::string& folder) {
  const Result<std::string> bytes = store.get(name_in(folder), kSavepointBytesMax);
  if (!bytes.ok() && bytes.error().kind() == ErrorKind::not_found)
    return Error(ErrorKind::not_found, "'" + folder + "' is not a savepoint: it has no file `savepoint`");
  if (!bytes.ok()) return bytes.error();
  Result<Savepoint> savepoint = Savepoint::from_bytes(*bytes);
  if (!savepoint.ok()) return std::move(savepoint).error().with_context("'" + name_in(folder) + "'");
  return savepoint;
}

}  // namespace weir::runtime
