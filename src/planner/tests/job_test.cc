#include "planner/job.h"

#include <cstdlib>
#include <filesystem>

#include "planner/tests/plan_fixture.h"
#include "runtime/task/deployment.h"

namespace weir::planner {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// Jobs over a catalog and input files in a temporary folder; the pipeline file and the contract are in memory.
class JobTest : public PlanTest {
 protected:
  JobTest() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-planner-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(directory_ + "/in");
    store_ = make_local_store(posix_file_env());
  }
  ~JobTest() override { std::filesystem::remove_all(directory_); }

  void put(const std::string& name, std::string_view content) {
    const auto written = write_file_durably(posix_file_env(), directory_ + "/in/" + name, content);
    ASSERT_TRUE(written.ok());
  }

  Plan plan_of(const std::string& source, const std::string& more = "") {
    return good_plan("pipeline: p\nsource: {" + source +
                     ", contract: flight.yaml}\nsink: {iceberg: t.rows}\ncatalog: {sqlite: " + directory_ + "/wh}\n" +
                     more);
  }
  std::string files_in() const { return "files: {path: " + directory_ + "/in, settle: 0s}"; }

  Result<runtime::Job> job(const Plan& plan) {
    auto opened =
        plan.catalog.open(lake::CatalogAccess::create,
                          {.store = *store_, .files = posix_file_env(), .clock = clock_, .random = system_random()});
    EXPECT_TRUE(opened.ok());
    catalog_ = *std::move(opened);
    return make_job(plan, {.catalog = *catalog_,
                           .store = *store_,
                           .files = posix_file_env(),
                           .clock = clock_,
                           .random = system_random(),
                           .log =
                               [this](bool is_warning, std::string_view line) {
                                 log_.push_back((is_warning ? "warning " : "info ") + std::string(line));
                               },
                           .once = true});
  }
  std::string directory_;
  /// One epoch of one task, up to the end of the input.
  static EpochResult run(runtime::Job& job) {
    EXPECT_TRUE(job.committer->open().ok());
    const auto tasks = runtime::deploy(job.graph, {}, runtime::system_threads(),
                                       [&](const std::string& sink) { return job.committer->writer_context(sink); });
    EXPECT_TRUE(tasks.ok());
    runtime::Task& task = *tasks->front().task;
    for (const LogicalNode& node : job.graph.nodes) {
      if (!node.source) continue;
      const auto splitter = node.source->make_splitter(1);
      EXPECT_TRUE((*splitter)->open(nullptr, [] { return false; }).ok());
      EXPECT_TRUE(task.add_splits(node.name, (*splitter)->discover(false)->splits).ok());
      task.no_more_splits(node.name);
    }
    while (task.step(0, true)->outcome != runtime::Task::Outcome::finished) {
    }
    EpochResult epoch{.epoch = 1, .progress = {}, .parts = {}, .counters = {}};
    EXPECT_TRUE(task.barrier(epoch).ok());
    EXPECT_TRUE(task.take_parts(epoch).value());
    return epoch;
  }

  ManualClock clock_{1'000'000};
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<lake::Catalog> catalog_;
  Texts log_;
};

TEST_F(JobTest, ATaskOfTheJobReadsItsFilesIntoFilesOfTheTables) {
  put("a.ndjson", "{\"id\": 1}\n{\"id\": \"x\"}\n");
  const Plan plan = plan_of(files_in());
  Result<runtime::Job> made = job(plan);
  ASSERT_TRUE(made.ok()) << made.error().to_string();
  EpochResult epoch = run(*made);
  EXPECT_THAT(epoch.parts["sink"], SizeIs(1));
  EXPECT_THAT(epoch.parts["dead_letter"], SizeIs(1));
}

TEST_F(JobTest, NotesOfDecodersAreWarningsInTheLog) {
  put("a.csv", "id,surprise\n1,x\n");
  const Plan plan = plan_of(files_in() + ", format: csv");
  Result<runtime::Job> made = job(plan);
  ASSERT_TRUE(made.ok());
  run(*made);
  EXPECT_THAT(log_, ElementsAre(HasSubstr("warning source 'source': the CSV header lacks what the contract names"),
                                HasSubstr("the field 'surprise' is not in the contract")));
}

TEST_F(JobTest, TheHostsOptionsAreThePlans) {
  const runtime::RunOptions options = run_options(
      plan_of(files_in(), "commit: {every: 250ms, epoch_max: 8MiB, stop_deadline: 3s}\nresources: {tasks: 4}\n"));
  EXPECT_EQ(options.commit_every_ms, 250);
  EXPECT_EQ(options.epoch_bytes_max, 8 << 20);
  EXPECT_EQ(options.stop_deadline_ms, 3000);
  EXPECT_EQ(options.tasks, 4);
}

}  // namespace
}  // namespace weir::planner
