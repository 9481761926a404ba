/// What others may do to the tables of a pipeline, and what the pipeline answers: the table below is the documentation.
#include "lake/tests/protocol_fixture.h"

namespace weir::lake {
namespace {

enum class Answer {
  goes_on,  ///< and every table gets each row once
  halts,    ///< table_changed, with a way out in the message
  absent    ///< not_found: there is no such table to begin with
};
constexpr Answer on = Answer::goes_on;
constexpr Answer halt = Answer::halts;
constexpr Answer absent = Answer::absent;

struct Operation {
  const char* name;
  void (*act)(ForeignHand&, MemoryCatalog&, const TableIdentifier&, const LoadedTable& first_version);
  Answer before;        ///< of a pipeline that has not run yet
  Answer between_runs;  ///< while no process runs
  Answer during;        ///< while an epoch is under way
  /// What the pipeline wrote is in no file of main any more: where only the head is shown, nothing proves that it was.
  bool takes_files_away = false;
};

using Hand = ForeignHand;
using Memory = MemoryCatalog;
using Name = TableIdentifier;

const Operation kOperations[] = {
    {"append", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.append(table); }, on, on, on},
    {"overwrite", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.overwrite(table); }, on, on, on,
     true},
    {"delete", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.remove_rows(table); }, on, on, on,
     true},
    {"compaction", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.compact(table); }, on, on, on},
    {"expiry by Java", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.expire_as_java(table); },
     on, on, on},
    {"expiry by PyIceberg",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.expire_as_pyiceberg(table); }, on, on, on},
    {"append, expiry by Java",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.append(table);
       hand.expire_as_java(table);
     },
     on, on, on},
    {"overwrite, expiry by PyIceberg (B17)",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.overwrite(table);
       hand.expire_as_pyiceberg(table);
     },
     on, on, on, true},
    {"compaction, expiry by PyIceberg, append, expiry by Java",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.compact(table);
       hand.expire_as_pyiceberg(table);
       hand.append(table);
       hand.expire_as_java(table);
     },
     on, on, on},
    {"rollback", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.roll_back(table); }, on, halt,
     halt},
    {"rollback of what they had appended",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.append(table);
       hand.roll_back(table);
     },
     on, on, on},
    {"rollback, append",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.roll_back(table);
       hand.append(table);
     },
     on, halt, halt},
    {"rollback, append, expiry by Java (B18)",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.roll_back(table);
       hand.append(table);
       hand.expire_as_java(table);
     },
     on, halt, halt},
    {"rollback, append, expiry by PyIceberg",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.roll_back(table);
       hand.append(table);
       hand.expire_as_pyiceberg(table);
     },
     on, halt, halt},
    {"tag",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.make_ref(table, iceberg::RefKind::tag); },
     on, on, on},
    {"branch",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.make_ref(table, iceberg::RefKind::branch); },
     on, on, on},
    // A running process wrote its rows for the columns of before: it ends, and the next one looks whether they fit.
    {"another optional column",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.add_column(table); }, on, on, halt},
    {"a column becomes required",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.require_column(table); }, on, on, halt},
    {"another spec", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.change_spec(table); }, on,
     on, on},
    {"properties", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.set_property(table); }, on, on,
     on},
    {"drop", [](Hand&, Memory& catalog, const Name& table, const LoadedTable&) { catalog.drop(table); }, absent, halt,
     halt},
    {"rename",
     [](Hand&, Memory& catalog, const Name& table, const LoadedTable&) {
       catalog.rename(table, *Name::parse("ops.renamed"));
     },
     absent, halt, halt},
    {"dropped and made again",
     [](Hand& hand, Memory& catalog, const Name& table, const LoadedTable&) {
       const Schema& schema = *catalog.whole(table).metadata->current_schema().schema;
       hand.make_again(
           {.table = table, .schema = std::make_shared<const Schema>(schema), .spec = {}, .properties = {}});
     },
     on, halt, halt},
    {"put back to an older metadata file",
     [](Hand&, Memory& catalog, const Name&, const LoadedTable& first_version) { catalog.put_back(first_version); }, on,
     halt, halt},
};

enum class When {
  before,    ///< the tables are there, others work on them, and the pipeline comes for the first time
  between,   ///< while no process runs
  prepared,  ///< between the preparation of an epoch and its commit; another epoch follows
  decided    ///< between the commit of the lead and those of the others
};
struct Moment {
  When when;
  const char* name;
};
const Moment kMoments[] = {{When::before, "before the first run"},
                           {When::between, "between runs"},
                           {When::prepared, "between prepare and commit"},
                           {When::decided, "between the lead's commit and the others'"}};

struct World {
  const char* name;
  CatalogHabits habits;
};
const World kWorlds[] = {
    {"ExactBaseSeveralTables", {}},
    {"ExactBaseOneByOne", {.is_multi_table_atomic = false}},
    {"RequirementsSeveralTables", {.swaps_exact_base = false}},
    {"RequirementsOneByOne", {.is_multi_table_atomic = false, .swaps_exact_base = false}},
    {"HeadOnly", {.is_multi_table_atomic = false, .swaps_exact_base = false, .shows_only_head = true}},
};

Answer answer_of(const Operation& operation, const World& world, When when) {
  if (when == When::before) return operation.before;
  if (operation.takes_files_away && world.habits.shows_only_head) return Answer::halts;
  return when == When::between ? operation.between_runs : operation.during;
}

class ForeignOperationsTest : public ProtocolTest {
 protected:
  /// What happens before the operation, the operation, and the epochs after it.
  Result<void> play(const Operation& operation, const TableIdentifier& table, When when) {
    if (when == When::before) {
      const LoadedTable empty = memory_->whole(table);
      hand_->append(table);
      hand_->append(table);
      act(operation, table, empty);
    } else {
      WEIR_TRY(land_around(operation, table, when));
    }
    WEIR_TRY(land_one());
    return land_one();  // and nothing is left to do
  }

  /// Three epochs, and the operation around the fourth if a process is there.
  Result<void> land_around(const Operation& operation, const TableIdentifier& table, When when) {
    WEIR_ASSIGN(const std::unique_ptr<PipelineCommitter> committer, start());
    WEIR_TRY(epoch(*committer));
    const LoadedTable first_version = memory_->whole(table);
    for (int i = 0; i < 2; ++i) WEIR_TRY(epoch(*committer));
    if (when == When::between) {
      act(operation, table, first_version);
      return {};
    }
    WEIR_ASSIGN(const PreparedCommit prepared, prepare(*committer));
    if (when == When::decided) {
      memory_->replies = {Reply::as_it_is, Reply::dropped};
      WEIR_ASSIGN(const CommitOutcome outcome, committer->commit(prepared, kPlace));
      EXPECT_EQ(outcome, CommitOutcome::unknown);
    }
    act(operation, table, first_version);
    if (when == When::decided) rows_[targets()[0].table] -= 10;  // the lead has them already
    WEIR_TRY(finish(*committer, prepared));
    return epoch(*committer);
  }

  /// One epoch of a new process; one that halts has changed nothing.
  Result<void> land_one() {
    const int commits = memory_->commits;
    Result<void> landed = start_and_land();
    EXPECT_TRUE(landed.ok() || memory_->commits == commits) << "it changed something and halted";
    return landed;
  }

  Result<void> start_and_land() {
    WEIR_ASSIGN(const std::unique_ptr<PipelineCommitter> committer, start());
    return epoch(*committer);
  }

  void act(const Operation& operation, const TableIdentifier& table, const LoadedTable& first_version) {
    operation.act(*hand_, *memory_, table, first_version);
    landed_before_ = next_;
    rows_.clear();
    for (const TargetTable& target : targets()) {
      if (memory_->load(target.table).ok()) rows_[target.table] = rows_in(target.table);
    }
  }

  void expect_answer(Answer answer, const Result<void>& played) {
    if (answer == Answer::goes_on) {
      ASSERT_TRUE(played.ok()) << played.error().to_string();
      for (const auto& [table, rows] : rows_)
        EXPECT_EQ(rows_in(table), rows + next_ - landed_before_) << table.to_string();
    } else {
      ASSERT_FALSE(played.ok()) << "it went on";
      EXPECT_EQ(played.error().kind(), answer == Answer::halts ? ErrorKind::table_changed : ErrorKind::not_found);
    }
  }

  std::map<TableIdentifier, int64_t> rows_;  ///< of what was landed before the operation, right after it
  int64_t landed_before_ = 0;
};

class ForeignOperationsInCatalog : public ForeignOperationsTest, public testing::WithParamInterface<World> {};

TEST_P(ForeignOperationsInCatalog, EachHasItsAnswerAtAnyTimeOnAnyTable) {
  for (const Operation& operation : kOperations) {
    for (const TargetTable& target : targets()) {
      for (const Moment& moment : kMoments) {
        // Where several tables are changed at once there is no time in between.
        if (moment.when == When::decided && GetParam().habits.is_multi_table_atomic) continue;
        SCOPED_TRACE(std::string(operation.name) + " on " + target.table.to_string() + " " + moment.name);
        use_catalog(GetParam().habits);
        const Result<void> played = play(operation, target.table, moment.when);
        expect_answer(answer_of(operation, GetParam(), moment.when), played);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogs, ForeignOperationsInCatalog, testing::ValuesIn(kWorlds),
                         [](const auto& world) { return world.param.name; });

// The younger snapshot of the pipeline is gone from the list, the log alone still knows that it was on main.
TEST_F(ForeignOperationsTest, PropertiesPutBackAreNoticedThoughTheSnapshotsSinceAreExpired) {
  for (const World& world : kWorlds) {
    if (world.habits.shows_only_head) continue;  // nothing there knows of what was expired
    for (const bool as_java : {true, false}) {
      use_catalog(world.habits);
      const TableIdentifier lead = targets()[0].table;
      auto committer = *start();
      ASSERT_TRUE(epoch(*committer).ok());
      const iceberg::StringMap before = memory_->whole(lead).metadata->properties;
      const auto of_lead_alone = committer->prepare(
          {{.sink = targets()[0].sink, .parts = {write_file(memory_->whole(lead), 10, 10)}}}, progress(20), {});
      ASSERT_EQ(*committer->commit(*of_lead_alone, kPlace), CommitOutcome::applied);
      last_prepared_.reset();
      memory_->edit(lead, [&](iceberg::TableMetadata& table) { table.properties = before; });
      hand_->append(lead);
      as_java ? hand_->expire_as_java(lead) : hand_->expire_as_pyiceberg(lead);
      const auto again = start();
      ASSERT_FALSE(again.ok()) << world.name << ": it went on, and would land ten rows twice";
      EXPECT_EQ(again.error().kind(), ErrorKind::table_changed);
    }
  }
}

// A catalog that shows no parents and no log: what is gone cannot be proven, and what is there still is.
TEST_F(ForeignOperationsTest, WhereOnlyTheHeadIsShownLiveFilesAreTheProof) {
  const CatalogHabits nessie{.is_multi_table_atomic = false, .swaps_exact_base = false, .shows_only_head = true};
  for (const TargetTable& target : targets()) {
    for (const bool is_overwritten : {false, true}) {
      use_catalog(nessie);
      auto committer = *start();
      ASSERT_TRUE(epoch(*committer).ok());
      ASSERT_TRUE(epoch(*committer).ok());
      is_overwritten ? hand_->overwrite(target.table) : hand_->append(target.table);
      const auto again = start();
      EXPECT_EQ(again.ok(), !is_overwritten) << target.table.to_string();
      if (!again.ok()) {
        EXPECT_NE(again.error().message().find("weir progress join"), std::string::npos) << again.error().message();
        ASSERT_TRUE(process()->join({target.table}, "they replaced it").ok());
        const auto joined = start();
        ASSERT_TRUE(joined.ok()) << joined.error().to_string();
        EXPECT_TRUE(epoch(**joined).ok());
      }
    }
  }
}

}  // namespace
}  // namespace weir::lake
