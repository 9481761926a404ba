#include "simulation/person.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "simulation/pipeline.h"

namespace weir::simulation {
namespace {

constexpr std::string_view kOption = "--table ";

/// The last table of "weir progress join PIPELINE.yaml --table TABLE".
std::optional<lake::TableIdentifier> table_to_join(const Error& error) {
  const std::string& text = error.message();
  const size_t at = text.rfind(kOption);
  if (at == text.npos) return std::nullopt;
  const size_t begin = at + kOption.size();
  const auto name = lake::TableIdentifier::parse(text.substr(begin, text.find(' ', begin) - begin));
  return name.ok() ? std::optional(*name) : std::nullopt;
}

void add(const lake::TableIdentifier& table, std::vector<lake::TableIdentifier>& tables) {
  if (std::ranges::find(tables, table) == tables.end()) tables.push_back(table);
}

int count_of(const Contents& contents, const std::string& table, int64_t id) {
  const auto rows = contents.find(table);
  if (rows == contents.end()) return 0;
  const auto at = rows->second.find(id);
  return at == rows->second.end() ? 0 : at->second;
}

}  // namespace

Person::Person(const Scenario& scenario, lake::MemoryCatalog& catalog, Disk& disk, EventLog& log, const Clock& clock,
               RandomSource& random, std::vector<std::string>& wrong)
    : scenario_(scenario),
      catalog_(catalog),
      disk_(disk),
      store_(disk.objects),
      log_(log),
      clock_(clock),
      random_(random),
      wrong_(wrong),
      lead_(catalog) {}

void Person::note_harm(const lake::TableIdentifier& table, Contents before, Contents after) {
  harm_ = {.table = table, .before = std::move(before), .after = std::move(after)};
}

bool Person::is_asked(const Error& error) {
  if (error.kind() == ErrorKind::position_lost) return log_.is_broken();
  const bool is_of_table = error.kind() == ErrorKind::table_changed || error.kind() == ErrorKind::not_found;
  return is_of_table && harm_.has_value();
}

void Person::go_on(const Error& error) {
  if (error.kind() == ErrorKind::position_lost) {
    if (is_log_lost()) go_on_with_log();
    return;
  }
  if (const std::optional<lake::TableIdentifier> named = table_to_join(error)) add(*named, joining_);
  const auto tables = lake::check_tables(catalog_, store_, kPipeline, target_tables(scenario_), joining_);
  if (tables.ok() && joining_.empty()) {  // the message says that some table lacks a commit
    for (const lake::FoundTable* behind : lake::tables_behind(*tables)) add(behind->target.table, joining_);
  }
  if (!joining_.empty()) join();
}

lake::PipelineCommitter Person::committer() {
  return {{.pipeline = kPipeline, .targets = target_tables(scenario_), .store_folder = kStoreFolder},
          catalog_,
          store_,
          clock_,
          random_};
}

/// Whether what is decided can no longer be gone on from.
bool Person::is_log_lost() {
  const std::optional<PartitionProgress> at = lead_.progress_of(0);
  return at && !log_.go_on(0, *at).ok();
}

/// Who goes on without is found by the judge: events are missing.
void Person::go_on_with_log() {
  const int64_t read_to = lead_.progress_of(0)->next;
  const auto decided = committer().override_progress(
      {.source = "in", .partitions = {partition_name(0)}, .next = log_.way_on(), .reason = "the log is broken"});
  if (decided.ok()) lost_at_ = read_to;
  // A table may have to follow the last commit first: the next process sees to that, and halts again.
  const bool has_to_start_once = !decided.ok() && decided.error().kind() == ErrorKind::table_changed;
  if (!decided.ok() && !has_to_start_once) wrong_.push_back("there is no way on: " + decided.error().to_string());
}

/// As `weir progress join` does: makes what is missing. A refusal may name another table: then both.
void Person::join() {
  while (true) {
    for (const connector::IcebergTarget& target : sink_options(scenario_).targets) {
      const bool is_joining = std::ranges::find(joining_, target.definition.table) != joining_.end();
      if (is_joining && !catalog_.load(target.definition.table).ok()) (void)catalog_.create(target.definition);
    }
    const auto decided = committer().join(joining_, "somebody has restored it");
    if (decided.ok()) declare();
    const size_t known = joining_.size();
    if (!decided.ok()) add_named_by(decided.error());
    if (joining_.size() > known) continue;
    joining_.clear();  // it is decided, or a process has healed it meanwhile
    return;
  }
}

/// A refusal names another table that goes on as it is, or one that has to be made.
void Person::add_named_by(const Error& refusal) {
  if (const std::optional<lake::TableIdentifier> named = table_to_join(refusal)) add(*named, joining_);
  if (refusal.kind() != ErrorKind::not_found) return;
  for (const lake::TableIdentifier& table : tables_of(scenario_)) {
    if (!catalog_.load(table).ok()) add(table, joining_);
  }
}

/// Remembers what is given up by that, and looks that it is no more than the harm took.
void Person::declare() {
  std::set<std::string> tables = declared_ ? std::move(declared_->tables) : std::set<std::string>();
  for (const lake::TableIdentifier& table : joining_) tables.insert(table.name);
  declared_ =
      Declared{.contents = contents_of(scenario_, catalog_, disk_.objects), .decided = {}, .tables = std::move(tables)};
  for (int p = 0; p < static_cast<int>(scenario_.partitions); ++p) {
    const std::optional<PartitionProgress> at = lead_.progress_of(p);
    declared_->decided[p] = at ? at->next : 0;
  }
  const std::vector<int64_t> events = log_.readable(std::nullopt);
  const std::set<int64_t> known(events.begin(), events.end());
  for (const auto& [table, rows] : declared_->contents) {
    for (const int64_t id : events) {
      const int count = count_of(declared_->contents, table, id);
      const bool is_decided = declared_->is_decided(id);
      const bool is_missing = is_decided && count == 0 && belongs_in(scenario_, known, table, id);
      if (is_missing && !may_be_missing(table, id))
        wrong_.push_back("'" + table + "' lacks event " + std::to_string(id) +
                         " when it is joined, and nobody took it");
    }
  }
}

/// It was taken away, or was on its way to the table that was changed.
bool Person::may_be_missing(const std::string& table, int64_t id) const {
  if (!declared_->tables.contains(table)) return false;  // joined now, or before
  if (count_of(harm_->before, table, id) > 0) return count_of(harm_->after, table, id) == 0;
  const auto& before = harm_->before.at(table);
  const auto younger = before.upper_bound(id);
  return younger == before.end() || partition_of(younger->first) != partition_of(id);
}

}  // namespace weir::simulation
