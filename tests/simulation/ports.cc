#include "simulation/ports.h"

namespace weir::simulation {

using Fault = Process::Fault;

Result<std::string> CalmStore::get(const std::string& uri, int64_t size_max) {
  const auto at = objects_.find(uri);
  if (at == objects_.end()) return Error(ErrorKind::not_found, "there is no '" + uri + "'");
  if (static_cast<int64_t>(at->second.size()) > size_max) return Error(ErrorKind::limit_exceeded, uri);
  return at->second;
}

Result<int64_t> CalmStore::size_of(const std::string& uri) {
  const auto at = objects_.find(uri);
  if (at == objects_.end()) return Error(ErrorKind::not_found, "there is no '" + uri + "'");
  return static_cast<int64_t>(at->second.size());
}

Result<void> CalmStore::put(const std::string& uri, std::string_view bytes) {
  if (!objects_.emplace(uri, bytes).second) return Error(ErrorKind::already_exists, uri);
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
  if (fault == Fault::none) return CalmStore::put(uri, bytes);
  // A crash in the middle leaves a part of it, as a file system may; a passing fault leaves all.
  const size_t written = process_.is_dead() ? random_.next_u64() % (bytes.size() + 1) : bytes.size();
  (void)CalmStore::put(uri, bytes.substr(0, written));
  return process_.after();
}

/// Durable at finish(); until then a crash may leave any part of it.
class FaultyStore::Writer final : public ObjectWriter {
 public:
  Writer(FaultyStore& store, std::string uri) : store_(store), uri_(std::move(uri)) {}
  Result<void> append(std::string_view bytes) override {
    if (store_.process_.is_dead()) return Process::crashed();
    bytes_.append(bytes);
    return {};
  }
  Result<void> finish() override {
    Result<void> stored = is_sent_ ? Result<void>() : store_.put(uri_, bytes_);
    // A put of which only the answer got lost is not made again.
    is_sent_ = stored.ok() || store_.CalmStore::size_of(uri_).ok();
    return stored;
  }

 private:
  FaultyStore& store_;
  bool is_sent_ = false;
  std::string uri_;
  std::string bytes_;
};

Result<std::unique_ptr<ObjectWriter>> FaultyStore::create(const std::string& uri) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault != Fault::none) return process_.after();
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, uri));
}

Result<void> FaultyStore::remove(const std::string& uri) {
  WEIR_ASSIGN(const Fault fault, process_.enter());
  if (fault == Fault::before) return Process::passing();
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
