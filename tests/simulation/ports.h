/// \file
/// The ports of one simulated process: the world's store and catalog, seen through its faults.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lake/catalog/catalog.h"
#include "lake/tests/memory_catalog.h"
#include "simulation/faults.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir::simulation {

/// The objects of the world. What is in it is durable.
using Objects = std::map<std::string, std::string>;

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

/// The same for a process: calls fail, come late, and a crash leaves halves of what was being written.
class FaultyStore final : public CalmStore {
 public:
  FaultyStore(Objects& objects, Process& process, RandomSource& random)
      : CalmStore(objects), objects_(objects), process_(process), random_(random) {}
  Result<std::string> get(const std::string& uri, int64_t size_max) override;
  Result<int64_t> size_of(const std::string& uri) override;
  Result<void> put(const std::string& uri, std::string_view bytes) override;
  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override;
  Result<void> remove(const std::string& uri) override;

 private:
  class Writer;
  Objects& objects_;
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
