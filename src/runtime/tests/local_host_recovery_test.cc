#include "runtime/tests/local_host_fixture.h"

namespace weir::runtime {
namespace {

TEST_F(LocalHostTest, TheNextRunBringsWhatWasPreparedToItsEndFirst) {
  ASSERT_TRUE(prepared().put(kUndecided, R"(100 1 {"v":1,"sources":{"s":{"p":{"p/0":[100]}}}})").ok());
  const auto summary = host(100, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(summary->recovered_epochs, 1);
  EXPECT_EQ(summary->status.events, 0);
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, AnEpochIsStoredAnewBeforeItIsAdopted) {
  const StoredObject found = *prepared().put(kUndecided, R"(100 1 {"v":1,"sources":{"s":{"p":{"p/0":[100]}}}})");
  ASSERT_TRUE(host(100, {})->run().ok());
  ASSERT_EQ(tables_.recovered_at.size(), 1U);
  EXPECT_NE(tables_.recovered_at[0], found.uri) << "nobody knows whether that one is durable";
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, ADecidedEpochIsRolledForwardFirst) {
  tables_.decided = *prepared().put("decided", R"(100 1 {"v":1,"sources":{"s":{"p":{"p/0":[100]}}}})");
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, ADecidedEpochThatCannotBeReadHaltsAndNamesTheWayOut) {
  tables_.decided = *prepared().put("decided", "100 1 {}");
  std::filesystem::resize_file(folder_.path() + "/prepared/decided", 12);
  const auto summary = host(100, {})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_NE(summary.error().message().find("weir progress join"), std::string::npos) << summary.error().message();
  EXPECT_EQ(tables_.events, 0);
}

TEST_F(LocalHostTest, AStateThatCannotBeReadHaltsBeforeAnythingLandsAndNamesTheWaysOn) {
  tables_.state = StoredObject{.uri = file_uri(folder_.path(), "/") + "/state/x", .size_bytes = 99, .hash = 1};
  const auto summary = host(10, {})->run();
  ASSERT_FALSE(summary.ok());
  for (const char* said : {"/state/x' is missing. Put the file back", "--from SAVEPOINT", "forget PIPELINE"})
    EXPECT_NE(summary.error().message().find(said), std::string::npos) << summary.error().message();
  EXPECT_EQ(tables_.events, 0);
}

TEST_F(LocalHostTest, AnEpochThatWasOvertakenIsVoid) {
  ASSERT_TRUE(prepared().put(kUndecided, R"(5 1 {"v":1,"sources":{}})").ok());
  tables_.answers = {CommitOutcome::refused};
  ASSERT_TRUE(host(10, {})->run().ok());
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, TheStateOfAnEpochThatIsVoidGoesAndThatOfOneThatIsAdoptedStays) {
  for (const CommitOutcome outcome : {CommitOutcome::refused, CommitOutcome::applied}) {
    const state::CheckpointStore store(*store_, file_uri(folder_.path(), "/"));
    const std::string key = std::to_string(static_cast<int>(outcome));
    const auto manifest = *store.put_manifest({.commit_key = key, .writer = "w"}, {.pipeline = "p"});
    const auto size = static_cast<int64_t>(manifest.size_bytes);
    tables_.prepared_state = {.uri = store.uri(manifest.manifest), .size_bytes = size, .hash = manifest.checksum};
    ASSERT_TRUE(prepared().put(kUndecided, R"(5 1 {"v":1,"sources":{}})").ok());
    tables_.answers = {outcome};
    ASSERT_TRUE(host(10, {})->run().ok());
    EXPECT_EQ(store.load(manifest).ok(), outcome == CommitOutcome::applied) << key;
  }
}

TEST_F(LocalHostTest, OldIntentsAreBroughtToAnEndOnceAndThoseOfOthersLeftAlone) {
  const auto store = [&](const std::string& name, std::string_view prepared) {
    ASSERT_TRUE(write_file_durably(posix_file_env(), folder_.path() + "/" + name, old_intent_file(prepared)).ok());
  };
  store("intent-000000000001-aa", R"(100 1 {"v":1,"sources":{"s":{"p":{"p/0":[100]}}}})");
  store("intent-000000000002-bb", "foreign");
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(tables_.recoveries, 2);
  EXPECT_EQ(kept(), 0U);
  EXPECT_FALSE(posix_file_env().stat(folder_.path() + "/intent-000000000001-aa").ok());
  EXPECT_TRUE(posix_file_env().stat(folder_.path() + "/intent-000000000002-bb").ok());
}

TEST_F(LocalHostTest, ADamagedIntentIsToldOfAndLeftAside) {
  const std::string path = folder_.path() + "/intent-000000000001-aa";
  ASSERT_TRUE(write_file_durably(posix_file_env(), path, "WEIRINT1").ok());
  ASSERT_TRUE(host(10, {})->run().ok());
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(observer_.damaged, std::vector<std::string>{path});
  EXPECT_EQ(observer_.recovered, 0);
  EXPECT_TRUE(posix_file_env().stat(path).ok());
}

TEST_F(LocalHostTest, ADecidedEpochThatSomebodyBringsToItsEndMeanwhileIsNoHalt) {
  tables_.decided = StoredObject{.uri = prepared().uri_of("finished by another"), .size_bytes = 1, .hash = 1};
  tables_.on_open = [this] {
    if (++opened_ == 2) tables_.decided.reset();  // the tables have it, and it is forgotten
  };
  const auto summary = host(100, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(opened_, 2);
}

}  // namespace
}  // namespace weir::runtime
