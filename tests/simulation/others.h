/// \file
/// Other people at work on the pipeline's tables while its processes run, and what they may do to them
/// that nobody should.
#pragma once

#include <map>

#include "lake/tests/foreign_hand.h"
#include "simulation/scenario.h"

namespace weir::simulation {

/// Ids of rows that others append begin here.
inline constexpr int64_t kOthersRows = int64_t{1} << 40;

/// What takes rows of ours away, or makes a table another one.
enum class Harm {
  none,
  roll_back,             ///< main goes back by some snapshots
  roll_back_and_append,  ///< and somebody builds on that
  drop,
  put_back  ///< to an older metadata file, properties and all
};

class Others {
 public:
  /// All references outlive it.
  Others(lake::MemoryCatalog& catalog, ObjectStore& store, const Clock& clock, RandomSource& random);

  /// Does one thing to one of `tables`.
  void act(const std::vector<lake::TableIdentifier>& tables);

  /// Does harm to one; `depth`: by so many snapshots or versions. Returns whether there was something to do.
  bool harm(Harm harm, const lake::TableIdentifier& table, int64_t depth);
  /// So many of their own rows are left by that.
  void set_rows(const lake::TableIdentifier& table, int64_t rows) { rows_[table] = rows; }

  /// How many rows they appended to each table.
  const std::map<lake::TableIdentifier, int64_t>& rows() const { return rows_; }

 private:
  bool roll_back(const lake::TableIdentifier& table, int64_t snapshots);
  bool put_back(const lake::TableIdentifier& table, int64_t versions);
  std::string write(const lake::LoadedTable& table, int64_t rows);

  lake::MemoryCatalog& catalog_;
  ObjectStore& store_;
  RandomSource& random_;
  lake::ForeignHand hand_;
  std::map<lake::TableIdentifier, int64_t> rows_;
  int64_t next_ = kOthersRows;
  int files_ = 0;
};

}  // namespace weir::simulation
