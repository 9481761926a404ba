/// \file
/// Other people at work on the pipeline's tables while its processes run: nothing that they do here takes a row of ours
/// away.
#pragma once

#include <map>

#include "lake/tests/foreign_hand.h"
#include "simulation/scenario.h"

namespace weir::simulation {

/// Ids of rows that others append begin here.
inline constexpr int64_t kOthersRows = int64_t{1} << 40;

class Others {
 public:
  /// All references outlive it.
  Others(lake::MemoryCatalog& catalog, ObjectStore& store, const Clock& clock, RandomSource& random);

  /// Does one thing to one of `tables`.
  void act(const std::vector<lake::TableIdentifier>& tables);

  /// How many rows they appended to each table.
  const std::map<lake::TableIdentifier, int64_t>& rows() const { return rows_; }

 private:
  std::string write(const lake::LoadedTable& table, int64_t rows);

  ObjectStore& store_;
  RandomSource& random_;
  lake::ForeignHand hand_;
  std::map<lake::TableIdentifier, int64_t> rows_;
  int64_t next_ = kOthersRows;
  int files_ = 0;
};

}  // namespace weir::simulation
