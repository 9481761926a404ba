#include "runtime/store/checkpoints.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "runtime/store/savepoint.h"
#include "state/tests/memory_store.h"

namespace weir::runtime {
namespace {

using ::testing::HasSubstr;
using Objects = std::map<std::string, std::string>;

constexpr int64_t kNoLimit = int64_t{1} << 40;
const std::string kFolder = "memory://store/p";

state::StateTableSpec seen() {
  return {.name = "seen", .kind = state::TableKind::every, .codec = "test.seen"};
}

/// Removes from a memory store until it has done so often enough: then the process is gone.
class MortalRemover final : public ObjectRemover {
 public:
  explicit MortalRemover(Objects& objects, int left = 1'000'000) : objects_(objects), left_(left) {}
  Result<void> remove(const std::string& uri) override {
    is_dead = left_ == 0;
    if (is_dead) return Error(ErrorKind::unavailable, "crashed");
    --left_;
    removed += static_cast<int>(objects_.erase(uri));
    return {};
  }
  int removed = 0;
  bool is_dead = false;

 private:
  Objects& objects_;
  int left_;
};

/// What the lead's record names.
struct Record {
  std::optional<StoredObject> state;
  std::vector<StoredObject> older;

  void advance(const StoredObject& next) {
    if (state) older.insert(older.begin(), *state);
    if (older.size() > 3) older.resize(3);
    state = next;
  }
  std::vector<StoredObject> kept() const {
    std::vector<StoredObject> all = older;
    if (state) all.insert(all.begin(), *state);
    if (all.size() > 3) all.resize(3);
    return all;
  }
};

class CheckpointsTest : public testing::Test {
 protected:
  Checkpoints process(ObjectRemover& remover) { return {store_, remover, kFolder, "p", system_random()}; }

  /// Two tasks of one step, an item each.
  static std::vector<FrozenTask> frozen(const std::string& value) {
    std::vector<FrozenTask> tasks;
    for (uint32_t task = 0; task < 2; ++task) {
      const std::vector<state::StateTableSpec> specs = {seen()};
      state::Tables tables = *state::Tables::make(specs, {.task = task, .tasks = 2}, kNoLimit);
      EXPECT_TRUE(tables.list(0).put("item " + std::to_string(task), value).ok());
      tasks.push_back({.place = tables.place(), .steps = {}});
      tasks.back().steps.push_back({.step = "once", .tables = tables.freeze()});
    }
    return tasks;
  }

  StoredObject write(Checkpoints& checkpoints, const std::string& key) {
    const auto place = checkpoints.write(key, frozen(key));
    EXPECT_TRUE(place.ok() && *place);
    return **place;
  }

  /// What a start of the pipeline would restore; an error when anything of it is gone.
  Result<std::string> read(const StoredObject& place) {
    WEIR_ASSIGN(const state::CheckpointReference reference, reference_below(kFolder, place));
    const state::CheckpointStore store(store_, kFolder);
    WEIR_ASSIGN(const state::Manifest manifest, store.load(reference));
    const std::vector<state::StateTableSpec> specs = {seen()};
    state::Tables tables = *state::Tables::make(specs, {}, kNoLimit);
    WEIR_TRY(state::restore_tables(store, manifest, "once", tables));
    if (tables.list(0).items().size() != 2) return Error(ErrorKind::corrupt, "an item is missing");
    return tables.list(0).items().begin()->second;
  }

  void expect_kept(const Record& record, const std::string& when) {
    for (const StoredObject& place : record.kept()) {
      const auto value = read(place);
      ASSERT_TRUE(value.ok()) << when << ": " << value.error().to_string();
      EXPECT_THAT(place.uri, HasSubstr("/" + *value + "/")) << when;
    }
  }

  state::MemoryStore store_;
};

constexpr size_t kObjectsEach = 3;  // two parts and a manifest

TEST_F(CheckpointsTest, AnyNumberOfStartsLeavesTheNewestThree) {
  MortalRemover remover(store_.objects);
  Record record;
  for (int start = 0; start < 20; ++start) {
    Checkpoints checkpoints = process(remover);
    checkpoints.retain(record.state, record.older);
    expect_kept(record, "start " + std::to_string(start));
    for (int epoch = 0; epoch < start % 3; ++epoch) {
      record.advance(write(checkpoints, "key-" + std::to_string(start) + "-" + std::to_string(epoch)));
      checkpoints.retain(record.state, record.older);
      expect_kept(record, "epoch of start " + std::to_string(start));
    }
  }
  EXPECT_EQ(store_.objects.size(), 3 * kObjectsEach);
}

// The record still names what is being removed: so the next process ends it.
TEST_F(CheckpointsTest, ACrashAnywhereLeavesNothingBehindAndTakesNothingAway) {
  for (int removals = 0; removals <= static_cast<int>(kObjectsEach); ++removals) {
    for (const bool before_retaining : {true, false}) {
      store_.objects.clear();
      Record record;
      MortalRemover remover(store_.objects);
      for (int start = 0; start < 20; ++start) {
        MortalRemover mortal(store_.objects, removals);
        Checkpoints checkpoints = process(start % 2 == 0 ? static_cast<ObjectRemover&>(mortal) : remover);
        checkpoints.retain(record.state, record.older);
        expect_kept(record, "started");
        if (mortal.is_dead) continue;
        record.advance(write(checkpoints, "key-" + std::to_string(start)));
        if (before_retaining) continue;  // killed right behind the commit
        checkpoints.retain(record.state, record.older);
        expect_kept(record, "committed");
      }
      process(remover).retain(record.state, record.older);
      EXPECT_EQ(store_.objects.size(), 3 * kObjectsEach) << removals;
      expect_kept(record, "at the end");
    }
  }
}

TEST_F(CheckpointsTest, OnlyWhatIsVoidIsDiscarded) {
  MortalRemover remover(store_.objects);
  Checkpoints dead = process(remover);
  Record record;
  record.advance(write(dead, "decided"));
  const StoredObject undecided = write(dead, "undecided");
  Checkpoints next = process(remover);
  next.retain(record.state, record.older);
  next.discard(*record.state);
  expect_kept(record, "a record names it");
  EXPECT_EQ(store_.objects.size(), 2 * kObjectsEach);
  next.discard(undecided);
  EXPECT_EQ(store_.objects.size(), kObjectsEach);
  expect_kept(record, "another was void");
}

TEST_F(CheckpointsTest, AnOldOneThatNobodyCanReadStopsNoRemoval) {
  MortalRemover remover(store_.objects);
  Checkpoints checkpoints = process(remover);
  Record record;
  for (const char* key : {"1", "2", "3", "4"}) record.advance(write(checkpoints, key));
  store_.objects.erase(record.older[0].uri);
  store_.objects[record.older[2].uri] = "damaged";
  process(remover).retain(record.state, record.older);
  EXPECT_FALSE(store_.objects.contains(record.older[2].uri));
  EXPECT_TRUE(read(*record.state).ok());
  EXPECT_TRUE(read(record.older[1]).ok());
}

TEST_F(CheckpointsTest, AStateInAnotherFolderNamesTheSetting) {
  MortalRemover remover(store_.objects);
  const auto loaded = process(remover).load({.uri = "memory://other/state/key/w-manifest", .size_bytes = 9, .hash = 1});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message(), HasSubstr("set `state:`"));
}

TEST_F(CheckpointsTest, ACheckpointInAnotherFolderIsLeftAlone) {
  MortalRemover remover(store_.objects);
  Checkpoints checkpoints = process(remover);
  Record record;
  for (const char* key : {"1", "2", "3", "4"}) record.advance(write(checkpoints, key));
  const StoredObject elsewhere{.uri = "memory://other/state/x/w-manifest", .size_bytes = 1, .hash = 1};
  record.older[1] = elsewhere;
  process(remover).retain(record.state, record.older);
  EXPECT_EQ(remover.removed, static_cast<int>(kObjectsEach)) << "the oldest alone";
}

class SavepointTest : public CheckpointsTest {
 protected:
  static Savepoint content() {
    Savepoint savepoint{.pipeline = "p", .commit_key = "key", .taken_at_ms = 7, .progress = {}, .state = {}};
    savepoint.progress.sources["s"].partitions["p/0"] = {.next = 10};
    return savepoint;
  }
  const std::string to_ = "memory://backup/one";
};

TEST_F(SavepointTest, IsWholeWithoutThePipelinesStore) {
  MortalRemover remover(store_.objects);
  Checkpoints checkpoints = process(remover);
  const auto from = *reference_below(kFolder, write(checkpoints, "key"));
  ASSERT_TRUE(write_savepoint(store_, to_, content(), checkpoints.store(), from, "w").ok());
  std::erase_if(store_.objects, [](const auto& object) { return object.first.starts_with(kFolder); });
  const auto savepoint = read_savepoint(store_, to_);
  ASSERT_TRUE(savepoint.ok()) << savepoint.error().to_string();
  EXPECT_EQ(savepoint->progress, content().progress);
  EXPECT_EQ(savepoint->pipeline, "p");
  const state::CheckpointStore copies(store_, to_);
  const auto manifest = copies.load(*savepoint->state);
  ASSERT_TRUE(manifest.ok()) << manifest.error().to_string();
  const std::vector<state::StateTableSpec> specs = {seen()};
  state::Tables tables = *state::Tables::make(specs, {}, kNoLimit);
  ASSERT_TRUE(state::restore_tables(copies, *manifest, "once", tables).ok());
  EXPECT_EQ(tables.list(0).items().size(), 2U);
}

TEST_F(SavepointTest, OfStepsWithoutStateIsTheProgressAlone) {
  ASSERT_TRUE(write_savepoint(store_, to_, content(), state::CheckpointStore(store_, kFolder), {}, "w").ok());
  EXPECT_EQ(read_savepoint(store_, to_)->state, std::nullopt);
  EXPECT_EQ(store_.objects.size(), 1U);
}

TEST_F(SavepointTest, IsNotReplaced) {
  const state::CheckpointStore none(store_, kFolder);
  ASSERT_TRUE(write_savepoint(store_, to_, content(), none, {}, "w").ok());
  EXPECT_EQ(write_savepoint(store_, to_, content(), none, {}, "x").error().kind(), ErrorKind::already_exists);
}

TEST_F(SavepointTest, IsNotTakenOfAStateThatIsDamagedAnywhere) {
  MortalRemover remover(store_.objects);
  Checkpoints checkpoints = process(remover);
  const auto from = *reference_below(kFolder, write(checkpoints, "key"));
  for (const auto& [uri, bytes] : Objects(store_.objects)) {
    for (size_t at = 0; at < bytes.size(); at += 7) {
      store_.objects[uri][at] = static_cast<char>(bytes[at] ^ 1);
      const auto taken = write_savepoint(store_, to_, content(), checkpoints.store(), from, "w" + std::to_string(at));
      ASSERT_FALSE(taken.ok()) << uri << " at " << at;
      EXPECT_THAT(taken.error().message(), HasSubstr(uri));
      EXPECT_FALSE(store_.objects.contains(to_ + "/savepoint"));
      store_.objects[uri] = bytes;
      std::erase_if(store_.objects, [&](const auto& object) { return object.first.starts_with(to_); });
    }
  }
}

TEST_F(SavepointTest, WhatIsNoneOrDamagedOrNewerIsSaidToBe) {
  EXPECT_EQ(read_savepoint(store_, to_).error().kind(), ErrorKind::not_found);
  const std::string whole = content().to_bytes();
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(Savepoint::from_bytes(whole.substr(0, size)).error().kind(), ErrorKind::corrupt) << size;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    EXPECT_EQ(Savepoint::from_bytes(damaged).error().kind(), ErrorKind::corrupt) << at;
  }
  std::string newer = whole.substr(0, whole.size() - 8);
  newer[8] = 2;
  const uint64_t hash = hash64(newer);
  newer.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  EXPECT_EQ(Savepoint::from_bytes(newer).error().kind(), ErrorKind::unsupported);
}

// The bytes of docs/formats/state.md: version 1 stays readable.
TEST_F(SavepointTest, VersionOneIsRead) {
  std::string bytes = "WEIRSAVE";
  bytes += std::string("\1\0\0\0", 4) + "\1p" + "\3key" + std::string("\7\0\0\0\0\0\0\0", 8);
  const std::string progress = R"({"v":1,"sources":{"s":{"p":{"p/0":[10]}}}})";
  bytes += static_cast<char>(progress.size()) + progress + '\1';
  bytes += "\1m" + std::string("\5\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0", 16);
  const uint64_t hash = hash64(bytes);
  bytes.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  const auto read = Savepoint::from_bytes(bytes);
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  Savepoint expected = content();
  expected.state = state::CheckpointReference{.manifest = "m", .size_bytes = 5, .checksum = 6};
  EXPECT_EQ(*read, expected);
}

}  // namespace
}  // namespace weir::runtime
