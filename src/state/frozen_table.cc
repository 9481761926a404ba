#include "state/frozen_table.h"

#include "state/frozen_table_internal.h"

namespace weir::state {

FrozenTable::FrozenTable(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
FrozenTable::~FrozenTable() = default;
FrozenTable::FrozenTable(FrozenTable&&) noexcept = default;
FrozenTable& FrozenTable::operator=(FrozenTable&&) noexcept = default;

const StateTableSpec& FrozenTable::spec() const {
  return rep_->spec;
}

KeyGroupRange FrozenTable::groups() const {
  return rep_->groups;
}

Result<void> FrozenTable::visit(uint32_t group, const std::function<Result<void>(const EntryView&)>& visitor) const {
  const PageDirectory* pages = rep_->pages[group - rep_->groups.begin].get();
  if (pages == nullptr) return {};
  for (const PageDirectory::Place& place : pages->places) {
    if (place.page == nullptr) continue;
    for (uint32_t at = kPageHeaderBytes; at < place.page->used;) {
      const char* record = place.page->bytes() + at;
      if (record_is_live(record)) WEIR_TRY(visitor(rep_->layout.view(record)));
      at += record_bytes(record);
    }
  }
  return {};
}

void FrozenTable::release(uint32_t group) {
  rep_->pages[group - rep_->groups.begin].reset();
}

}  // namespace weir::state
