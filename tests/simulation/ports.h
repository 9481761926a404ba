/// \file
/// The ports of one simulated process: the world's store and catalog, seen through its faults.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lake/catalog/catalog.h"
#include "lake/tests/memory_catalog.h"
#include "simulation/faults.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir::simulation {

/// What lies under a URI. Everybody sees it as soon as it is written, as in the cache of an operating system.
struct Object {
  std::string bytes;
  bool is_durable = true;  ///< it outlives a loss of power
};
using Objects = std::map<std::string, Object>;

/// A request that its sender no longer waits for.
struct LateRequest {
  std::string uri;
  std::optional<std::string> bytes;  ///< of a put; nothing: removes
};

/// The disk of the world, or what stands for one.
struct Disk {
  Objects objects;
  std::vector<LateRequest> late;

  /// What is late arrives now: a put only where nothing lies.
  void deliver_late();
  /// What is not durable is gone, or half of it, or stays.
  void lose_power(RandomSource& random);
};

/// An object store without faults, for those who look on.
class CalmStore : public ObjectStore, public ObjectRemover {
 public:
  explicit CalmStore(Objects& objects) : objects_(objects) {}
  Result<std::string> get(const std::string& uri, int64_t size_max) override;
  Result<int64_t> size_of(const std::string& uri) override;
  Result<void> put(const std::string& uri, std::string_view bytes) override;
  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override;
  Result<void> remove(const std::string& uri) override;

 private:
  Objects& objects_;
};

/// The same for a process: calls fail, come late or twice, syncs fail, the disk is full; what a call that did not
/// succeed has written may lie there, whole or in part, and is not durable.
class FaultyStore final : public CalmStore {
 public:
  FaultyStore(Disk& disk, Process& process, RandomSource& random)
      : CalmStore(disk.objects), disk_(disk), process_(process), random_(random) {}
  Result<std::string> get(const std::string& uri, int64_t size_max) override;
  Result<int64_t> size_of(const std::string& uri) override;
  Result<void> put(const std::string& uri, std::string_view bytes) override;
  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override;
  Result<void> remove(const std::string& uri) override;

 private:
  class Writer;
  /// Makes the object that lies at `uri`, visible and not durable yet, durable.
  Result<void> sync(Object& object);

  Disk& disk_;
  Process& process_;
  RandomSource& random_;
};

/// The world's catalog for a process.
class FaultyCatalog final : public lake::Catalog {
 public:
  FaultyCatalog(lake::MemoryCatalog& catalog, Process& process) : catalog_(catalog), process_(process) {}
  Result<std::vector<std::optional<lake::LoadedTable>>> load_all(
      std::span<const lake::TableIdentifier> tables) override;
  Result<lake::LoadedTable> create(const lake::TableDefinition& definition) override;
  Result<CommitOutcome> commit(std::span<const lake::TableChange> changes, std::string_view request_key) override;
  lake::CatalogAbilities abilities() const override { return catalog_.abilities(); }
  Result<std::vector<lake::TableIdentifier>> list() override { return catalog_.list(); }

 private:
  lake::MemoryCatalog& catalog_;
  Process& process_;
};

}  // namespace weir::simulation
