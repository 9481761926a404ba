#include "simulation/ports.h"

#include <iterator>
#include <utility>

namespace weir::simulation {

using Fault = Process::Fault;

void Disk::deliver_late() {
  for (LateRequest& request : std::exchange(late, {})) {
    if (request.bytes)
      objects.emplace(request.uri, Object{.bytes = *std::move(request.bytes)});
    else
      objects.erase(request.uri);
  }
}

void Disk::lose_power(RandomSource& random) {
  for (auto at = objects.begin(); at != objects.end();) {
    Object& object = at->second;
    if (object.is_durable) {
      ++at;
      continue;
    }
    object.is_durable = true;
    const uint64_t chance = random.next_u64();
    if (chance % 3 == 0) object.bytes.resize(random.next_u64() % (object.bytes.size() + 1));
    at = chance % 3 == 1 ? objects.erase(at) : std::next(at);
  }
}

Result<std::string> CalmStore::get(const std::string& uri, int64_t size_max) {
  const auto at = objects_.find(uri);
  if (at == objects_.end()) return Error(ErrorKind::not_found, "there is no '" + uri + "'");
  if (static_cast<int64_t>(at->second.bytes.size()) > size_max) return Error(ErrorKind::limit_exceeded, uri);
  return at->second.bytes;
}

Result<int64_t> CalmStore::size_of(const std::string& uri) {
  const auto at = objects_.find(uri);
  if (at == objects_.end()) return Error(ErrorKind::not_found, "there is no '" + uri + "'");
  return static_cast<int64_t>(at->second.bytes.size());
}

Result<void> CalmStore::put(const std::string& uri, std::string_view bytes) {
  if (!objects_.emplace(uri, Object{.bytes = std::string(bytes)}).second) return Error(ErrorKind::already_exists, uri);
  return {};
}

namespace {

class CalmWriter final : public ObjectWriter {
 public:
  CalmWriter(ObjectStore& store, std::string uri) : store_(store), uri_(std::move(uri)) {}
  Result<void> append(std::string_view bytes) override {
    bytes_.append(bytes);
    return {};
  }
  Result<void> finish() override { return store_.put(uri_, bytes_); }

 private:
  ObjectStore& store_;
  std::string uri_;
  std::string bytes_;
};

}  // namespace

Result<std::unique_ptr<ObjectWriter>> CalmStore::create(const std::string& uri) {
  return std::unique_ptr<ObjectWriter>(std::make_unique<CalmWriter>(*this, uri));
}

Result<void> CalmStore::remove(const std::string& uri) {
  objects_.erase(uri);
  return {};
}

Result<std::string> FaultyStore::get(const std::string& uri, int64_t size_max) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault != Fault::none) return process_.after();
  return CalmStore::get(uri, size_max);
}

Result<int64_t> FaultyStore::size_of(const std::string& uri) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault != Fault::none) return process_.after();
  return CalmStore::size_of(uri);
}

Result<void> FaultyStore::put(const std::string& uri, std::string_view bytes) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault == Fault::before) return Process::passing();
  if (process_.hits(process_.rates().late_store)) {
    disk_.late.push_back({.uri = uri, .bytes = std::string(bytes)});
    return Process::passing();
  }
  const auto [at, is_new] = disk_.objects.try_emplace(uri, Object{.bytes = {}, .is_durable = false});
  if (!is_new) return Error(ErrorKind::already_exists, uri);
  Object& object = at->second;
  const bool is_full = process_.hits(process_.rates().disk_full);
  const bool is_torn = is_full || (process_.is_dead() && random_.next_u64() % 2 == 0);
  object.bytes = bytes.substr(0, is_torn ? random_.next_u64() % (bytes.size() + 1) : bytes.size());
  if (is_full) return process_.fail(ErrorKind::resource_exhausted);
  WEIR_TRY(sync(object));
  if (fault == Fault::after) return process_.after();
  return {};
}

Result<void> FaultyStore::sync(Object& object) {
  if (process_.is_dead() && random_.next_u64() % 2 == 0) return Process::crashed();
  if (process_.hits(process_.rates().sync_error)) return process_.fail(ErrorKind::io);
  object.is_durable = true;
  return {};
}

/// Everybody sees what is written so far; durable at finish().
class FaultyStore::Writer final : public ObjectWriter {
 public:
  Writer(FaultyStore& store, std::string uri) : store_(store), uri_(std::move(uri)) {}
  Result<void> append(std::string_view bytes) override {
    if (store_.process_.is_dead()) return Process::crashed();
    const bool is_full = store_.process_.hits(store_.process_.rates().disk_full);
    if (is_full) bytes = bytes.substr(0, store_.random_.next_u64() % (bytes.size() + 1));
    object().bytes.append(bytes);
    return is_full ? Result<void>(store_.process_.fail(ErrorKind::resource_exhausted)) : Result<void>();
  }
  Result<void> finish() override {
    WEIR_ASSIGN(const Fault fault, store_.process_.enter());
    if (fault == Fault::before) return Process::passing();
    if (!is_durable_) WEIR_TRY(store_.sync(object()));
    is_durable_ = true;  // where only the answer gets lost, it is not written again
    if (fault == Fault::after) return store_.process_.after();
    return {};
  }

 private:
  /// Made anew when it was lost with the power: who writes is dead then, and nothing comes of it.
  Object& object() {
    return store_.disk_.objects.try_emplace(uri_, Object{.bytes = {}, .is_durable = false}).first->second;
  }

  FaultyStore& store_;
  bool is_durable_ = false;
  const std::string uri_;
};

Result<std::unique_ptr<ObjectWriter>> FaultyStore::create(const std::string& uri) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault != Fault::none) return process_.after();  // nothing is there of which nothing was promised
  if (!disk_.objects.try_emplace(uri, Object{.bytes = {}, .is_durable = false}).second)
    return Error(ErrorKind::already_exists, uri);
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, uri));
}

Result<void> FaultyStore::remove(const std::string& uri) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault == Fault::before) return Process::passing();
  if (process_.hits(process_.rates().late_store)) {
    disk_.late.push_back({.uri = uri, .bytes = std::nullopt});
    return Process::passing();
  }
  (void)CalmStore::remove(uri);
  if (fault == Fault::after) return process_.after();
  return {};
}

Result<std::vector<std::optional<lake::LoadedTable>>> FaultyCatalog::load_all(
    std::span<const lake::TableIdentifier> tables) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault != Fault::none) return process_.after();
  return catalog_.load_all(tables);
}

Result<lake::LoadedTable> FaultyCatalog::create(const lake::TableDefinition& definition) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault == Fault::before) return Process::passing();
  auto created = catalog_.create(definition);
  if (fault == Fault::after) return process_.after();
  return created;
}

Result<CommitOutcome> FaultyCatalog::commit(std::span<const lake::TableChange> changes, std::string_view request_key) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault == Fault::before) return Process::passing();  // nothing was sent
  lake::Reply reply = lake::Reply::as_it_is;
  if (process_.hits(process_.rates().lost_reply)) reply = lake::Reply::lost;
  if (process_.hits(process_.rates().repeated_request)) reply = lake::Reply::again;
  if (process_.hits(process_.rates().late_request)) reply = lake::Reply::late;
  if (process_.hits(process_.rates().late_request)) reply = lake::Reply::dropped;
  catalog_.replies.push_back(reply);
  Result<CommitOutcome> outcome = catalog_.commit(changes, request_key);
  if (process_.is_dead()) return Process::crashed();
  if (fault == Fault::after) return CommitOutcome::unknown;
  return outcome;
}

}  // namespace weir::simulation
