#include <deque>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/tests/temporary_folder.h"
#include "runtime/threads/follower_thread_internal.h"

namespace weir::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What a follower's store holds, and what its next calls answer.
struct FakeStore {
  std::optional<int64_t> holds;
  std::vector<std::string> rows;
  std::deque<Error> open_errors;
  std::deque<Error> apply_errors;
  bool applies_anyway = false;  ///< although it answers an error
};

std::optional<Error> next(std::deque<Error>& errors) {
  if (errors.empty()) return std::nullopt;
  std::optional<Error> error = errors.front();
  errors.pop_front();
  return error;
}

class FakeFollower final : public Follower {
 public:
  explicit FakeFollower(FakeStore& store) : store_(store) {}
  Result<std::optional<int64_t>> open(int64_t) override {
    if (const std::optional<Error> error = next(store_.open_errors)) return *error;
    return store_.holds;
  }
  Result<void> apply(const FollowedEpoch& epoch) override {
    const std::optional<Error> error = next(store_.apply_errors);
    if (error && !store_.applies_anyway) return *error;
    for (size_t i = 0; i < epoch.parts; ++i) {
      WEIR_ASSIGN(std::string bytes, epoch.read(i));
      store_.rows.push_back(std::move(bytes));
    }
    store_.holds = epoch.number;
    if (error) return *error;
    return {};
  }

 private:
  FakeStore& store_;
};

class FollowerThreadTest : public testing::Test {
 protected:
  FollowerShare share(int64_t number, const std::string& rows) {
    const std::string uri = file_uri(folder_.path() + "/piece-" + std::to_string(number), "/");
    EXPECT_TRUE(objects_->put(uri, rows).ok());
    return {.number = number,
            .commit_key = {},
            .pieces = {{{.uri = uri, .size_bytes = static_cast<int64_t>(rows.size()), .hash = hash64(rows)}}}};
  }

  /// Runs a follower until it has said `reports` things; returns them as text.
  std::vector<std::string> run(FollowerThread::Start start, const std::vector<FollowerShare>& shares, size_t reports) {
    std::vector<std::string> said;
    Inbox<FollowerReport> inbox(system_threads(), system_clock_source());
    FollowerThread thread(
        "db", std::make_unique<FakeFollower>(store_), start, OutboxStore(*objects_, *remover_),
        [&](FollowerReport report) { inbox.post(std::move(report)); }, system_threads(), system_clock_source());
    thread.start(system_threads(), [](const std::string&) {});
    for (const FollowerShare& one : shares) thread.follow(one);
    const Deadline end = Deadline::after_ms(system_clock_source(), 60'000);
    while (said.size() < reports) {
      const std::optional<FollowerReport> report = inbox.take(end.monotonic_us);
      if (!report) {
        said.emplace_back("nothing more");
        continue;
      }
      switch (report->kind) {
        case FollowerReport::Kind::applied: said.push_back("applied " + std::to_string(report->number)); break;
        case FollowerReport::Kind::retrying: said.push_back("retrying: " + report->error->message()); break;
        case FollowerReport::Kind::failed: said.push_back(report->error->to_string()); break;
      }
    }
    return said;
  }

  TemporaryFolder folder_;
  std::unique_ptr<ObjectStore> objects_ = make_local_store(posix_file_env());
  std::unique_ptr<ObjectRemover> remover_ = make_local_remover(posix_file_env());
  FakeStore store_;
};

TEST_F(FollowerThreadTest, AppliesEpochsInOrderAndNoneThatTheStoreHolds) {
  store_.holds = 3;
  EXPECT_THAT(
      run({.known = {.since = 0, .applied = 2}, .decided = 3}, {share(3, "c"), share(4, "d"), share(5, "e")}, 3),
      ElementsAre("applied 3", "applied 4", "applied 5"));
  EXPECT_THAT(store_.rows, ElementsAre("d", "e"));
}

TEST_F(FollowerThreadTest, AStoreThatIsAwayIsWaitedForAndALostAnswerLookedFor) {
  store_.open_errors = {Error(ErrorKind::unavailable, "away")};
  store_.apply_errors = {Error(ErrorKind::timeout, "no answer")};
  store_.applies_anyway = true;
  EXPECT_THAT(run({}, {share(1, "a"), share(2, "b")}, 4),
              ElementsAre("retrying: away", "retrying: no answer", "applied 1", "applied 2"));
  EXPECT_THAT(store_.rows, ElementsAre("a", "b"));
}

TEST_F(FollowerThreadTest, AStoreThatWasPutBackOrEmptiedHalts) {
  store_.holds = 4;
  EXPECT_THAT(run({.known = {.since = 0, .applied = 7}, .decided = 8}, {}, 1)[0],
              HasSubstr("sink 'db': it holds epoch 4 of the pipeline and held epoch 7 before"));
  store_.holds.reset();
  EXPECT_THAT(run({.known = {.since = 0, .applied = 7}, .decided = 8}, {}, 1)[0],
              HasSubstr("it holds nothing of the pipeline"));
}

TEST_F(FollowerThreadTest, AStoreThatIsAheadOfTheTablesHalts) {
  store_.holds = 9;
  EXPECT_THAT(run({.known = {.since = 0, .applied = 7}, .decided = 8}, {}, 1)[0],
              HasSubstr("whose tables have no more than epoch 8"));
}

TEST_F(FollowerThreadTest, ANewStoreBeginsBehindWhatIsThere) {
  EXPECT_THAT(run({.known = {.since = 8, .applied = 8}, .decided = 8}, {share(9, "i")}, 1), ElementsAre("applied 9"));
}

TEST_F(FollowerThreadTest, RowsThatAreGoneOrAlteredHalt) {
  FollowerShare altered = share(1, "a");
  ++altered.pieces->front().hash;
  EXPECT_THAT(run({}, {altered}, 1)[0], HasSubstr("does not hold the rows that were put there"));
  EXPECT_THAT(run({}, {{.number = 1, .commit_key = {}, .pieces = {}}}, 1)[0],
              HasSubstr("its rows of epoch 1 are gone from the pipeline's folder"));
  EXPECT_THAT(store_.rows, testing::IsEmpty());
}

TEST_F(FollowerThreadTest, RemovedRowsThatTheStoreHoldsAreNoLoss) {
  store_.holds = 1;
  EXPECT_THAT(run({.known = {}, .decided = 1}, {{.number = 1, .commit_key = {}, .pieces = {}}}, 1),
              ElementsAre("applied 1"));
}

}  // namespace
}  // namespace weir::runtime
