#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "operator/event_clock_internal.h"

namespace weir::operators {

state::StateTableSpec EventClock::table() {
  return {.name = "event_time", .kind = state::TableKind::every, .codec = "event_time"};
}

void EventClock::attach(state::Tables& tables, size_t index) {
  table_ = &tables.list(index);
  name_ = "task " + std::to_string(tables.place().task);
  now_ = kNoWatermark;
  const auto items = table_->items();
  for (const auto& [name, value] : items) {
    EventTime time = kNoWatermark;
    if (value.size() == sizeof time) std::memcpy(&time, value.data(), sizeof time);
    now_ = std::max(now_, time);
    table_->erase(name);
  }
  if (now_ != kNoWatermark) store();
}

void EventClock::advance(EventTime to) {
  if (to <= now_) return;
  now_ = to;
  store();
}

void EventClock::store() {
  const auto put = table_->put(name_, {reinterpret_cast<const char*>(&now_), sizeof now_});
  WEIR_CHECK(put.ok());  // one item of eight bytes
}

}  // namespace weir::operators
