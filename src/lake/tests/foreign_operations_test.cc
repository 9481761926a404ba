/// What others may do to the tables of a pipeline, and what the pipeline answers: the table below is the documentation.
#include "lake/tests/protocol_fixture.h"

namespace weir::lake {
namespace {

enum class Answer {
  goes_on,  ///< and every table gets each row once
  halts     ///< table_changed, with a way out in the message
};
constexpr Answer on = Answer::goes_on;
constexpr Answer halt = Answer::halts;

struct Operation {
  const char* name;
  void (*act)(ForeignHand&, MemoryCatalog&, const TableIdentifier&, const LoadedTable& first_version);
  Answer between_runs;  ///< done while no process runs
  Answer during;        ///< done between the preparation of an epoch and its commit; another epoch follows
};

using Hand = ForeignHand;
using Memory = MemoryCatalog;
using Name = TableIdentifier;

const Operation kOperations[] = {
    {"append", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.append(table); }, on, on},
    {"overwrite", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.overwrite(table); }, on, on},
    {"delete", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.remove_rows(table); }, on, on},
    {"compaction", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.compact(table); }, on, on},
    {"expiry by Java", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.expire_as_java(table); },
     on, on},
    {"expiry by PyIceberg",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.expire_as_pyiceberg(table); }, on, on},
    {"append, expiry by Java",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.append(table);
       hand.expire_as_java(table);
     },
     on, on},
    {"overwrite, expiry by PyIceberg (B17)",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.overwrite(table);
       hand.expire_as_pyiceberg(table);
     },
     on, on},
    {"compaction, expiry by PyIceberg, append, expiry by Java",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.compact(table);
       hand.expire_as_pyiceberg(table);
       hand.append(table);
       hand.expire_as_java(table);
     },
     on, on},
    {"rollback", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.roll_back(table); }, halt, halt},
    {"rollback of what they had appended",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.append(table);
       hand.roll_back(table);
     },
     on, on},
    {"rollback, append",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.roll_back(table);
       hand.append(table);
     },
     halt, halt},
    {"rollback, append, expiry by Java (B18)",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.roll_back(table);
       hand.append(table);
       hand.expire_as_java(table);
     },
     halt, halt},
    {"rollback, append, expiry by PyIceberg",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) {
       hand.roll_back(table);
       hand.append(table);
       hand.expire_as_pyiceberg(table);
     },
     halt, halt},
    {"tag",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.make_ref(table, iceberg::RefKind::tag); },
     on, on},
    {"branch",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.make_ref(table, iceberg::RefKind::branch); },
     on, on},
    // A running process wrote its rows for the columns of before: it ends, and the next one looks whether they fit.
    {"another optional column",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.add_column(table); }, on, halt},
    {"a column becomes required",
     [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.require_column(table); }, on, halt},
    {"another spec", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.change_spec(table); }, on,
     on},
    {"properties", [](Hand& hand, Memory&, const Name& table, const LoadedTable&) { hand.set_property(table); }, on,
     on},
    {"drop", [](Hand&, Memory& catalog, const Name& table, const LoadedTable&) { catalog.drop(table); }, halt, halt},
    {"rename",
     [](Hand&, Memory& catalog, const Name& table, const LoadedTable&) {
       catalog.rename(table, *Name::parse("ops.renamed"));
     },
     halt, halt},
    {"dropped and made again",
     [](Hand& hand, Memory& catalog, const Name& table, const LoadedTable&) {
       const Schema& schema = *catalog.whole(table).metadata->current_schema().schema;
       hand.make_again(
           {.table = table, .schema = std::make_shared<const Schema>(schema), .spec = {}, .properties = {}});
     },
     halt, halt},
    {"put back to an older metadata file",
     [](Hand&, Memory& catalog, const Name&, const LoadedTable& first_version) { catalog.put_back(first_version); },
     halt, halt},
};

struct World {
  const char* name;
  CatalogHabits habits;
};
const World kWorlds[] = {
    {"exact base, several tables at once", {}},
    {"requirements only, one table at a time", {.is_multi_table_atomic = false, .swaps_exact_base = false}},
};

class ForeignOperationsTest : public ProtocolTest {
 protected:
  /// Three epochs, the operation, and the epochs after it.
  Result<void> play(const Operation& operation, const TableIdentifier& table, bool during) {
    WEIR_ASSIGN(std::unique_ptr<PipelineCommitter> committer, start());
    WEIR_TRY(epoch(*committer));
    const LoadedTable first_version = memory_->whole(table);
    WEIR_TRY(epoch(*committer));
    WEIR_TRY(epoch(*committer));
    if (during) {
      WEIR_ASSIGN(const PreparedCommit prepared, prepare(*committer));
      operation.act(*hand_, *memory_, table, first_version);
      count_rows(table);
      WEIR_TRY(finish(*committer, prepared));
    } else {
      operation.act(*hand_, *memory_, table, first_version);
      count_rows(table);
      const int commits = memory_->commits;
      Result<std::unique_ptr<PipelineCommitter>> next = start();
      EXPECT_TRUE(next.ok() || memory_->commits == commits) << operation.name << ": it changed something and halted";
      WEIR_ASSIGN(committer, std::move(next));
      WEIR_TRY(epoch(*committer));
    }
    WEIR_TRY(epoch(*committer));
    WEIR_ASSIGN(committer, start());  // and nothing is left to do
    return epoch(*committer);
  }

  void count_rows(const TableIdentifier& table) {
    landed_before_ = next_;
    rows_.clear();
    for (const TargetTable& target : targets()) {
      if (memory_->load(target.table).ok()) rows_[target.table] = rows_in(target.table);
    }
    (void)table;
  }

  void expect_each_row_once(const std::string& where) {
    for (const auto& [table, rows] : rows_)
      EXPECT_EQ(rows_in(table), rows + next_ - landed_before_) << where << ": " << table.to_string();
  }

  std::map<TableIdentifier, int64_t> rows_;  ///< right after the operation
  int64_t landed_before_ = 0;
};

TEST_F(ForeignOperationsTest, EachHasItsAnswerAtAnyTimeOnAnyTable) {
  for (const World& world : kWorlds) {
    for (const Operation& operation : kOperations) {
      for (const TargetTable& target : targets()) {
        for (const bool during : {false, true}) {
          use_catalog(world.habits);
          const std::string where = std::string(world.name) + ": " + operation.name + " on " +
                                    target.table.to_string() + (during ? " during a run" : " between runs");
          const Result<void> played = play(operation, target.table, during);
          const Answer answer = during ? operation.during : operation.between_runs;
          EXPECT_EQ(played.ok(), answer == Answer::goes_on)
              << where << ": " << (played.ok() ? "it went on" : played.error().to_string());
          if (played.ok() && answer == Answer::goes_on) expect_each_row_once(where);
          if (!played.ok()) {
            EXPECT_EQ(played.error().kind(), ErrorKind::table_changed) << where;
          }
        }
      }
    }
  }
}

// The younger snapshot of the pipeline is gone from the list, the log alone still knows that it was on main.
TEST_F(ForeignOperationsTest, PropertiesPutBackAreNoticedThoughTheSnapshotsSinceAreExpired) {
  for (const World& world : kWorlds) {
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
