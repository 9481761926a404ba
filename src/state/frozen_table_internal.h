/// \file
/// What a frozen table is made of.
#pragma once

#include <memory>
#include <vector>

#include "state/frozen_table.h"
#include "state/record_layout_internal.h"
#include "state/record_pages_internal.h"

namespace weir::state {

class FrozenTable::Rep {
 public:
  struct Unref {
    void operator()(PageDirectory* directory) const { PageDirectory::unref(directory); }
  };
  Rep(StateTableSpec table_spec, KeyGroupRange range, std::shared_ptr<FrozenMeter> frozen_meter)
      : meter(std::move(frozen_meter)), spec(std::move(table_spec)), layout(spec), groups(range) {}

  std::shared_ptr<FrozenMeter> meter;  // outlives the pages
  StateTableSpec spec;
  RecordLayout layout;
  KeyGroupRange groups;
  std::vector<std::unique_ptr<PageDirectory, Unref>> pages;  ///< by group, from groups.begin on
};

}  // namespace weir::state
