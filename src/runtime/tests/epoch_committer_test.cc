#include "runtime/epoch_committer.h"

#include "runtime/tests/local_host_fixture.h"

namespace weir::runtime {
namespace {

/// Time passes while somebody waits, and nowhere else.
class PassingTime final : public Waiter {
 public:
  explicit PassingTime(const ManualClock& clock) : clock_(clock) {}
  void notify() override {}
  void wait_until(int64_t until_us) override {
    clock_.advance_ms((until_us - clock_.monotonic_us()) / 1000);
    if (meanwhile) meanwhile();
  }
  std::function<void()> meanwhile;

 private:
  const ManualClock& clock_;
};

TEST_F(LocalHostTest, AStopDoesNotSleepThroughItsDeadline) {
  constexpr int64_t kDeadlineMs = 50;
  constexpr int64_t kTickMs = 10;  // the deadline is noticed at the next look
  for (int i = 0; i < 1000; ++i) tables_.answers.emplace_back(CommitOutcome::unknown);
  const ManualClock clock;
  PassingTime time(clock);
  StopRequest stop(clock, kDeadlineMs);
  FakeCommitter sinks(tables_);
  EpochCommitter committer(sinks, Checkpoints(*store_, *remover_, file_uri(folder_.path(), "/"), "p", system_random()),
                           prepared(), OldIntents(posix_file_env(), folder_.path()), OutboxStore(*store_, *remover_),
                           stop, clock, time, observer_);
  int64_t asked_us = 0;
  time.meanwhile = [&] {
    if (stop.is_requested() || committer.status().retries < 8) return;  // then each pause is of 10 s
    stop.request();
    asked_us = clock.monotonic_us();
  };
  const auto committed = committer.commit(EpochResult{.epoch = 1, .commit_key = "key", .progress = {}}, {});
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().kind(), ErrorKind::cancelled);
  ASSERT_GT(asked_us, 0);
  EXPECT_LE(clock.monotonic_us() - asked_us, (kDeadlineMs + 2 * kTickMs) * 1000);
  EXPECT_EQ(kept(), 1U) << "the next start brings it to its end";
}

}  // namespace
}  // namespace weir::runtime
