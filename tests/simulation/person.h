/// \file
/// The person who runs the pipeline.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lake/commit/pipeline_committer.h"
#include "simulation/event_log.h"
#include "simulation/judge.h"
#include "simulation/lead_view.h"
#include "simulation/others.h"

namespace weir::simulation {

/// Where a process halts and says that somebody must decide, they decide: by the manual override that the message
/// names. What is declared by that is the judge's to know.
class Person {
 public:
  /// All references outlive it. `wrong` is told where there is no way on, or where more is missing than was done harm
  /// to.
  Person(const Scenario& scenario, lake::MemoryCatalog& catalog, Disk& disk, EventLog& log, const Clock& clock,
         RandomSource& random, std::vector<std::string>& wrong);

  /// Somebody has done harm to `table`: what the tables held before, and after.
  void note_harm(const lake::TableIdentifier& table, Contents before, Contents after);

  /// Whether `error` is one that asks them, and rightly so.
  bool is_asked(const Error& error);
  void go_on(const Error& error);

  /// How far partition 0 was read when it was gone on from elsewhere.
  std::optional<int64_t> lost_at() const { return lost_at_; }
  /// What the tables held when it was last said that they go on as they are.
  const std::optional<Declared>& declared() const { return declared_; }

 private:
  struct HarmDone {
    lake::TableIdentifier table;
    Contents before;
    Contents after;
  };

  bool is_log_lost();
  void go_on_with_log();
  void join();
  void add_named_by(const Error& refusal);
  void declare();
  bool may_be_missing(const std::string& table, int64_t id) const;
  lake::PipelineCommitter committer();

  const Scenario& scenario_;
  lake::MemoryCatalog& catalog_;
  Disk& disk_;
  CalmStore store_;
  EventLog& log_;
  const Clock& clock_;
  RandomSource& random_;
  std::vector<std::string>& wrong_;
  LeadView lead_;
  std::optional<HarmDone> harm_;
  std::vector<lake::TableIdentifier> joining_;  ///< that a message has named
  std::optional<int64_t> lost_at_;
  std::optional<Declared> declared_;
};

}  // namespace weir::simulation
