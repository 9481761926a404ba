/// \file
/// The event time that a task has reached, as state: what was late before a crash is late after it.
#pragma once

#include <string>

#include "dataflow/stream_status.h"
#include "state/list_table.h"
#include "state/tables.h"

namespace weir::operators {

class EventClock {
 public:
  /// The table in which it is kept.
  static state::StateTableSpec table();

  /// Takes up where the tasks before left off: at the latest of them, because what was closed by one stays closed.
  void attach(state::Tables& tables, size_t index);

  EventTime now() const { return now_; }
  void advance(EventTime to);

 private:
  void store();

  state::ListTable* table_ = nullptr;
  std::string name_;
  EventTime now_ = kNoWatermark;
};

}  // namespace weir::operators
