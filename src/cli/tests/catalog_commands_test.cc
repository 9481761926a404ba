#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "lake/tests/lake_fixture.h"

namespace weir::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Takes hours, in one piece of work.
constexpr const char* kEndless = "select * from range(1000000) a, range(1000000) b where a.range + b.range = -1";

class CatalogCommands : public lake::LakeTest {
 protected:
  int query(const std::string& sql, int64_t time_ms_max = 0) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    environment_.warehouse = directory_;
    const int code = query_command(environment_, {.sql = sql, .rows_max = 0, .time_ms_max = time_ms_max});
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return code;
  }

  void make(const std::string& table) { ASSERT_TRUE(catalog_->create(definition(table)).ok()); }

  /// Makes a table whose metadata is rubbish.
  void make_broken(const std::string& table) {
    const auto created = catalog_->create(definition(table));
    ASSERT_TRUE(created.ok());
    std::ofstream(*file_path(created->metadata_location)) << "rubbish";
  }

  Environment environment_;
  std::string out_;
  std::string err_;
};

TEST_F(CatalogCommands, AnUnreadableTableDoesNotStopQueriesOfOthers) {
  make("ops.good");
  make_broken("ops.broken");
  EXPECT_EQ(query("select count(*) as n from OPS.Good"), kExitDone) << err_;
  EXPECT_EQ(out_, "n\n0\n");
  EXPECT_EQ(err_, "");
  EXPECT_EQ(query("select count(*) from ops.broken"), kExitFailed);
  EXPECT_THAT(err_, AllOf(HasSubstr("metadata"), Not(HasSubstr("does not exist")))) << "the real reason";
  EXPECT_EQ(query("select * from ops.good g join ops.broken b using (id)"), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("metadata"));
}

TEST_F(CatalogCommands, AQueryThatNamesNoTableSeesAllThatCanBeRead) {
  make("ops.good");
  make_broken("ops.broken");
  EXPECT_EQ(query("show all tables"), kExitDone) << err_;
  EXPECT_THAT(out_, HasSubstr("good"));
  EXPECT_THAT(err_, HasSubstr("warning: ops.broken cannot be read: "));
  EXPECT_NE(query("select * from ops.goood"), kExitDone);
  EXPECT_THAT(err_, HasSubstr("goood"));
}

TEST_F(CatalogCommands, TheListOfTablesHasAllThatCanBeRead) {
  make_broken("ops.broken");
  make("ops.good");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  environment_.warehouse = directory_;
  EXPECT_EQ(table_command(environment_, {.action = "list"}), kExitFailed);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("\nops.good"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("error: table 'ops.broken'"));
}

TEST_F(CatalogCommands, CellsArePrintedSafelyForPeopleAndExactlyForMachines) {
  make("ops.t");
  EXPECT_EQ(query("select chr(27) || '[2J' as a, 'x' || chr(10) || chr(155) as b"), kExitDone) << err_;
  EXPECT_EQ(out_, "a        b\n\\x1b[2J  x\\n\\x9b\n");
  environment_.json = true;
  EXPECT_EQ(query("select chr(27) || '[2J' as a, 'x' || chr(10) as b"), kExitDone);
  EXPECT_EQ(out_, "{\"a\":\"\\u001b[2J\",\"b\":\"x\\n\"}\n");
}

TEST_F(CatalogCommands, ErrorsCannotCarryEscapesOfValues) {
  make("ops.t");
  EXPECT_EQ(query("select cast(chr(27) || ']0;owned' || chr(7) as int)"), kExitUsage);
  EXPECT_THAT(err_, Not(HasSubstr("\x1b")));
  EXPECT_THAT(err_, Not(HasSubstr("\x07")));
}

TEST_F(CatalogCommands, ExplainKeepsItsLines) {
  make("ops.t");
  EXPECT_EQ(query("explain select count(*) from ops.t"), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("\u2510\n"), Not(HasSubstr("\\n"))));
}

TEST_F(CatalogCommands, EndsWhenItsTimeIsOver) {
  make("ops.t");
  EXPECT_EQ(query(kEndless, 50), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("the query took more than 50 ms and was ended"));
  EXPECT_EQ(query("select 1 as a", 60'000), kExitDone) << err_;
}

TEST_F(CatalogCommands, TheFirstInterruptEndsTheQuery) {
  make("ops.t");
  std::thread user([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(::getpid(), SIGINT);
  });
  EXPECT_EQ(query(kEndless), kExitInterrupted);
  user.join();
  EXPECT_THAT(err_, HasSubstr("error: the query was interrupted"));
}

/// The exit code of the program with `words` after its name, while its stdout is `stream`.
int program_on(int stream, std::vector<std::string> words) {
  words.insert(words.begin(), "weir");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  const int saved = ::dup(STDOUT_FILENO);
  ::dup2(stream, STDOUT_FILENO);
  ::close(stream);
  Environment environment;
  const int code = run_program(static_cast<int>(arguments.size()), arguments.data(), environment);
  ::dup2(saved, STDOUT_FILENO);
  ::close(saved);
  return code;
}

TEST_F(CatalogCommands, OutputThatCannotBeWrittenIsAFailure) {
  make("ops.t");
  const std::vector<std::vector<std::string>> commands = {
      {"query", "--warehouse", directory_, "select * from range(100000)"},
      {"table", "list", "--warehouse", directory_},
      {"schema", "contract"},
      {"version"},
      {"--version"},
      {"run", "--help"}};
  for (const auto& words : commands) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(program_on(::open("/dev/full", O_WRONLY), words), kExitFailed) << words[0];
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "error: cannot write the output: No space left on device\n");
  }
}

TEST_F(CatalogCommands, AQueryWhoseReaderHasGoneStopsAtOnceAndQuietly) {
  make("ops.t");
  std::signal(SIGPIPE, SIG_IGN);
  for (const char* sql : {kEndless, "select * from range(1000000000)"}) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    testing::internal::CaptureStderr();
    EXPECT_EQ(program_on(ends[1], {"query", "--warehouse", directory_, sql}), kExitFailed);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }
}

TEST_F(CatalogCommands, ATableWhoseFilesAreMissingIsAFailure) {
  const auto created = catalog_->create(definition("ops.t"));
  ASSERT_TRUE(created.ok());
  std::filesystem::remove(*file_path(created->metadata_location));
  EXPECT_EQ(query("select * from ops.t"), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("corrupt"));
}

TEST_F(CatalogCommands, TheNameOfATableInANestedNamespaceIsShown) {
  make("a.b.c");
  EXPECT_EQ(query("select count(*) as n from \"a.b\".c"), kExitDone) << err_;
  EXPECT_NE(query("select count(*) as n from a.b.c"), kExitDone);
  EXPECT_THAT(err_, HasSubstr("; in SQL the table a.b.c is called \"a.b\".c"));
}

TEST_F(CatalogCommands, TablesAndColumnsCanBeAskedForInSql) {
  make("ops.t");
  make("ops.u");
  EXPECT_EQ(query("SHOW tables;"), kExitDone) << err_;
  EXPECT_EQ(out_, "table\nops.t\nops.u\n");
  EXPECT_EQ(query("describe ops.t"), kExitDone) << err_;
  EXPECT_THAT(out_, testing::StartsWith("column"));
  EXPECT_THAT(out_, HasSubstr("\nid "));
  EXPECT_EQ(query("describe ops.missing"), kExitUsage);
}

TEST_F(CatalogCommands, AnEmptyWarehouseHasNoTablesToShow) {
  EXPECT_EQ(query("show tables"), kExitDone) << err_;
  EXPECT_EQ(out_, "table\n");
}

TEST_F(CatalogCommands, AnErrorInSqlIsShownAtItsPlace) {
  make("ops.t");
  EXPECT_EQ(query("select *\nfrom ops.t\nwhere idd = 1"), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("  3 | where idd = 1\n    |       ^\n"));
}

TEST_F(CatalogCommands, CsvTellsNullFromEmptyTextAndQuotesWhatNeedsIt) {
  make("ops.t");
  environment_.warehouse = directory_;
  testing::internal::CaptureStdout();
  EXPECT_EQ(query_command(environment_,
                          {.sql = "select null as a, '' as b, 'x,\"y\"' as \"c d\", 1.50 as e", .format = "csv"}),
            kExitDone);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "a,b,c d,e\n,\"\",\"x,\"\"y\"\"\",1.50\n");
}

TEST_F(CatalogCommands, AParquetFileAppearsWhenItIsCompleteAndCanBeReadAgain) {
  make("ops.t");
  environment_.warehouse = directory_;
  const std::string file = directory_ + "/out.parquet";
  ASSERT_EQ(
      query_command(environment_, {.sql = "select * from range(3000) as r(n);", .format = "parquet", .output = file}),
      kExitDone);
  std::ifstream written(file, std::ios::binary);
  char magic[4] = {};
  written.read(magic, 4);
  EXPECT_EQ(std::string(magic, 4), "PAR1");
  EXPECT_FALSE(std::filesystem::exists(file + ".part"));
  testing::internal::CaptureStderr();
  EXPECT_EQ(query_command(environment_, {.sql = "select 1/", .format = "parquet", .output = file}), kExitUsage);
  testing::internal::GetCapturedStderr();
  EXPECT_GT(std::filesystem::file_size(file), 100U) << "the file of the last query stays";
}

TEST_F(CatalogCommands, ANumberIsANumberInJson) {
  make("ops.t");
  environment_.warehouse = directory_;
  environment_.json = true;
  testing::internal::CaptureStdout();
  EXPECT_EQ(table_command(environment_, {.action = "list"}), kExitDone);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "[{\"table\":\"ops.t\",\"rows\":0,\"files\":0,\"bytes\":0,\"snapshots\":0}]\n");
}

}  // namespace
}  // namespace weir::cli
