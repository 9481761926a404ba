/// \file
/// The pipeline that simulated processes run: production code but for the source and the decoder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "connector/iceberg/iceberg_sink.h"
#include "dataflow/logical_graph.h"
#include "lake/commit/prepared_commit.h"
#include "simulation/event_log.h"
#include "simulation/scenario.h"

namespace weir::simulation {

inline constexpr char kPipeline[] = "simulated";
inline constexpr char kStoreFolder[] = "memory://state";
inline constexpr char kLeadTable[] = "main";
inline constexpr int64_t kRejectOneIn = 13;  ///< offsets that leave a remainder of 5 are rejected
inline constexpr int64_t kWindowUs = 20 * kSecondUs;
inline constexpr int64_t kLatenessUs = 5 * kSecondUs;
inline constexpr int64_t kDisorderUs = 10 * kSecondUs;

bool is_rejected(int64_t id);
/// Whether an event's row stands in "main", "even" or "dead" when `events` can be read, in their order.
bool belongs_in(const Scenario& scenario, const std::set<int64_t>& events, const std::string& table, int64_t id);

/// Mistakes that a pipeline could make, one of each kind that the judge must find (judge_test).
enum class Sabotage {
  none,
  gap,           ///< a row is left out
  duplicate,     ///< and one comes twice
  swap,          ///< two change places
  altered_row,   ///< one says what its event did not say
  early_release  ///< the log is told that events may go that no table has
};
inline constexpr int64_t kSabotaged = 6;  ///< id of the event that it happens to

/// Tables: "main" (the lead) takes all rows, or the first of each key; "even" those with an even id; "dead" what is
/// rejected; with windows "counts", one row a group and window, and "late", the rows that came too late for theirs.
connector::IcebergSinkOptions sink_options(const Scenario& scenario);
std::vector<lake::TableIdentifier> tables_of(const Scenario& scenario);
std::vector<lake::TargetTable> target_tables(const Scenario& scenario);

/// Whether rows of the log's own schema stand in a table, and rows of it that no log has.
bool has_event_rows(const lake::TableIdentifier& table);
Batch event_rows(int64_t first_id, int64_t count);

/// The name of the follower's sink.
inline constexpr char kFollowerSink[] = "database";

/// What a graph stands on. All references outlive it.
struct GraphEnvironment {
  const Scenario& scenario;
  const EventLog& log;
  bool once = false;                                           ///< it reads the log to the end that it has at opening
  Process& process;                                            ///< source polls ask it
  ObjectStore& writer_store;                                   ///< that writers put their files into
  const std::function<void(const SourceProgress&)>& released;  ///< told what the log may forget
  Sabotage sabotage = Sabotage::none;
  std::function<Result<std::unique_ptr<SinkWriter>>(const WriterStart&)> make_outbox_writer;
};
LogicalGraph make_graph(const GraphEnvironment& environment);

}  // namespace weir::simulation
