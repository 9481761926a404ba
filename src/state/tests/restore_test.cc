#include "state/restore.h"

#include <cstring>
#include <map>

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "state/tests/key_batches.h"
#include "state/tests/memory_store.h"

namespace weir::state {
namespace {

using testing::HasSubstr;

constexpr int64_t kNoLimit = int64_t{1} << 40;

StateTableSpec counts() {
  return {.name = "counts",
          .codec = "test.count",
          .key_layout = "s",
          .value_bytes = 8,
          .has_payload = true,
          .expires = true};
}

StateTableSpec splits() {
  return {.name = "splits", .kind = TableKind::dealt, .codec = "test.split"};
}

StateTableSpec everywhere() {
  return {.name = "seen", .kind = TableKind::every, .codec = "test.seen"};
}

std::vector<StateTableSpec> all_specs() {
  return {counts(), splits(), everywhere()};
}

/// The rows of `keys` that belong to the task.
std::vector<uint32_t> rows_of_task(const KeyBatch& keys, TaskPlace place) {
  std::vector<uint32_t> rows;
  for (uint32_t i = 0; i < keys.size(); ++i) {
    if (task_of_key_group(key_group_of(keys.hashes[i]), place.tasks) == place.task) rows.push_back(i);
  }
  return rows;
}

struct Checkpoint {
  MemoryStore store;
  CheckpointStore checkpoints{store, "memory://bucket/pipeline"};
  Manifest manifest;
  CheckpointReference reference;
};

/// State of `keys` held by `tasks` tasks: the value is the key's place, the payload its text, the expiry 100 + place.
void take_checkpoint(Checkpoint& to, uint32_t tasks, const std::vector<std::string>& texts) {
  const CheckpointName name{.commit_key = "key-1", .writer = "3-abc"};
  to.manifest.commit_key = name.commit_key;
  to.manifest.steps.push_back({.name = "once", .tasks = tasks, .tables = {}});
  for (const auto& spec : all_specs()) to.manifest.steps[0].tables.push_back(TableDescription::of(spec));
  const KeyBatch keys = keys_of(texts);
  for (uint32_t task = 0; task < tasks; ++task) {
    Tables tables = *Tables::make(all_specs(), {.task = task, .tasks = tasks}, kNoLimit);
    const auto rows = rows_of_task(keys, tables.place());
    std::vector<Entry> entries;
    ASSERT_TRUE(tables.keyed(0).find_or_insert(keys, {.rows = rows, .all = false}, entries).ok());
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto value = static_cast<int64_t>(rows[i]);
      std::memcpy(entries[i].value, &value, 8);
      tables.keyed(0).set_expiry(entries[i], 100 + value);
      ASSERT_TRUE(tables.keyed(0).set_payload(entries[i], texts[rows[i]]).ok());
    }
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(tables.list(1).put("split-" + std::to_string(task) + std::to_string(i), "s").ok());
    }
    ASSERT_TRUE(tables.list(2).put("task-" + std::to_string(task), "t").ok());
    auto parts = to.checkpoints.put_parts(name, "once", 0, tables.place(), tables.freeze());
    ASSERT_TRUE(parts.ok());
    to.manifest.parts.insert(to.manifest.parts.end(), parts->begin(), parts->end());
  }
  auto reference = to.checkpoints.put_manifest(name, to.manifest);
  ASSERT_TRUE(reference.ok());
  to.reference = *reference;
}

std::vector<std::string> many_keys() {
  std::vector<std::string> texts;
  for (int i = 0; i < 5'000; ++i) texts.push_back("key " + std::to_string(i));
  return texts;
}

class ChangeOfParallelism : public testing::TestWithParam<std::pair<uint32_t, uint32_t>> {};

TEST_P(ChangeOfParallelism, KeepsEveryEntryOnce) {
  const auto [before, after] = GetParam();
  const auto texts = many_keys();
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, before, texts);
  const Manifest manifest = *checkpoint.checkpoints.load(checkpoint.reference);
  EXPECT_EQ(manifest, checkpoint.manifest);
  const KeyBatch keys = keys_of(texts);
  uint64_t entries_seen = 0;
  std::map<std::string, int> splits_seen;
  for (uint32_t task = 0; task < after; ++task) {
    Tables tables = *Tables::make(all_specs(), {.task = task, .tasks = after}, kNoLimit);
    const auto restored = restore_tables(checkpoint.checkpoints, manifest, "once", tables);
    ASSERT_TRUE(restored.ok()) << restored.error().to_string();
    const auto rows = rows_of_task(keys, tables.place());
    std::vector<Entry> entries;
    tables.keyed(0).find(keys, {.rows = rows, .all = false}, entries);
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_NE(entries[i].value, nullptr) << texts[rows[i]];
      int64_t value;
      std::memcpy(&value, entries[i].value, 8);
      ASSERT_EQ(value, rows[i]);
      ASSERT_EQ(tables.keyed(0).payload(entries[i]), texts[rows[i]]);
      ASSERT_EQ(tables.keyed(0).expiry(entries[i]), 100 + value);
    }
    ASSERT_EQ(tables.keyed(0).size(), rows.size());
    entries_seen += rows.size();
    for (const auto& [name, value] : tables.list(1).items()) ++splits_seen[name];
    EXPECT_EQ(tables.list(2).items().size(), before) << "every task gets what all tasks had";
    tables.keyed(0).expire(10'000'000);
    EXPECT_EQ(tables.keyed(0).size(), 0U) << "restored entries expire";
  }
  EXPECT_EQ(entries_seen, texts.size());
  EXPECT_EQ(splits_seen.size(), before * 3);
  for (const auto& [name, count] : splits_seen) EXPECT_EQ(count, 1) << name;
}

INSTANTIATE_TEST_SUITE_P(FromAndTo, ChangeOfParallelism,
                         testing::Values(std::pair(1U, 1U), std::pair(1U, 4U), std::pair(4U, 1U), std::pair(2U, 3U),
                                         std::pair(3U, 2U), std::pair(4U, 4U), std::pair(1U, 128U)));

TEST(Restore, ReadsOnlyPartsOfItsGroups) {
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, 4, many_keys());
  for (const PartReference& part : checkpoint.manifest.parts) {
    if (part.task != 0) checkpoint.store.objects.erase("memory://bucket/pipeline/" + part.name);
  }
  const std::vector<StateTableSpec> keyed_only = {counts()};
  Tables tables = *Tables::make(keyed_only, {.task = 0, .tasks = 4}, kNoLimit);
  EXPECT_TRUE(restore_tables(checkpoint.checkpoints, checkpoint.manifest, "once", tables).ok());
  EXPECT_GT(tables.keyed(0).size(), 0U);
}

/// What may happen to an object while nobody looks.
struct Damage {
  const char* what;
  void (*harm)(std::map<std::string, std::string>& objects, const std::string& uri);
  ErrorKind kind;
  const char* said;
};

void flip(std::string& bytes, size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
}

const Damage kDamages[] = {
    {"removed", [](auto& objects, const std::string& uri) { objects.erase(uri); }, ErrorKind::not_found, "is missing"},
    {"truncated", [](auto& objects, const std::string& uri) { objects[uri].resize(12); }, ErrorKind::corrupt,
     "it has 12 of the "},
    {"empty", [](auto& objects, const std::string& uri) { objects[uri].clear(); }, ErrorKind::corrupt, "it has 0 of"},
    {"longer", [](auto& objects, const std::string& uri) { objects[uri] += "x"; }, ErrorKind::corrupt, "more than the"},
    {"flipped at its beginning", [](auto& objects, const std::string& uri) { flip(objects[uri], 10); },
     ErrorKind::corrupt, "checksum"},
    {"flipped near its end",
     [](auto& objects, const std::string& uri) { flip(objects[uri], objects[uri].size() - 30); }, ErrorKind::corrupt,
     "checksum"},
};

TEST(Restore, ALostOrDamagedPartIsNamedWithWhatIsWrongWithIt) {
  for (const Damage& damage : kDamages) {
    Checkpoint checkpoint;
    take_checkpoint(checkpoint, 1, {"a", "b"});
    const std::string uri = "memory://bucket/pipeline/" + checkpoint.manifest.parts[0].name;
    damage.harm(checkpoint.store.objects, uri);
    Tables tables = *Tables::make(all_specs(), {}, kNoLimit);
    const auto restored = restore_tables(checkpoint.checkpoints, checkpoint.manifest, "once", tables);
    ASSERT_FALSE(restored.ok()) << damage.what;
    EXPECT_EQ(restored.error().kind(), damage.kind) << damage.what;
    EXPECT_THAT(restored.error().message(), HasSubstr(uri)) << damage.what;
    EXPECT_THAT(restored.error().message(), HasSubstr(damage.said)) << damage.what;
  }
}

TEST(Restore, ALostOrDamagedManifestIsNamedWithWhatIsWrongWithIt) {
  for (const Damage& damage : kDamages) {
    Checkpoint checkpoint;
    take_checkpoint(checkpoint, 1, {"a", "b"});
    const std::string uri = "memory://bucket/pipeline/" + checkpoint.reference.manifest;
    damage.harm(checkpoint.store.objects, uri);
    const auto loaded = checkpoint.checkpoints.load(checkpoint.reference);
    ASSERT_FALSE(loaded.ok()) << damage.what;
    EXPECT_EQ(loaded.error().kind(), damage.kind) << damage.what;
    EXPECT_THAT(loaded.error().message(), HasSubstr(uri)) << damage.what;
    EXPECT_THAT(loaded.error().message(), HasSubstr(damage.said)) << damage.what;
  }
}

TEST(Restore, ACheckpointOfANewerProgramIsNamedAsThat) {
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, 1, {"a"});
  std::string bytes = checkpoint.manifest.to_bytes();
  bytes[8] = 9;  // its version
  const std::string body = bytes.substr(0, bytes.size() - 8);
  ByteWriter out;
  out.raw(body);
  out.fixed(hash64(body));
  bytes = std::move(out).release();
  checkpoint.store.objects["memory://bucket/pipeline/" + checkpoint.reference.manifest] = bytes;
  checkpoint.reference.checksum = hash64(bytes);
  const auto loaded = checkpoint.checkpoints.load(checkpoint.reference);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind(), ErrorKind::unsupported);
  EXPECT_THAT(loaded.error().message(), HasSubstr(checkpoint.reference.manifest));
  EXPECT_THAT(loaded.error().message(), HasSubstr("version 9"));
}

TEST(Restore, AManifestThatIsNotTheNamedOneIsRefused) {
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, 1, {"a"});
  checkpoint.store.objects["memory://bucket/pipeline/" + checkpoint.reference.manifest] = Manifest().to_bytes();
  EXPECT_EQ(checkpoint.checkpoints.load(checkpoint.reference).error().kind(), ErrorKind::corrupt);
}

TEST(Restore, ObjectsAreNeverReplaced) {
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, 1, {"a"});
  Tables tables = *Tables::make(all_specs(), {}, kNoLimit);
  const CheckpointName name{.commit_key = "key-1", .writer = "3-abc"};
  EXPECT_EQ(checkpoint.checkpoints.put_parts(name, "once", 0, {}, tables.freeze()).error().kind(),
            ErrorKind::already_exists);
  EXPECT_EQ(checkpoint.checkpoints.put_manifest(name, checkpoint.manifest).error().kind(), ErrorKind::already_exists);
}

TEST(Restore, OlderValuesAreMigratedStepByStep) {
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, 1, {"a", "b"});
  StateTableSpec spec = counts();
  spec.codec_version = 3;
  spec.value_bytes = 16;
  spec.migrations[1] = [](StoredValue old) -> Result<StoredValue> {
    old.fixed += old.fixed;  // version 2 has the number twice
    return old;
  };
  spec.migrations[2] = [](StoredValue old) -> Result<StoredValue> {
    old.payload += "!";
    return old;
  };
  Tables tables = *Tables::make(std::vector{spec}, {}, kNoLimit);
  ASSERT_TRUE(restore_tables(checkpoint.checkpoints, checkpoint.manifest, "once", tables).ok());
  std::vector<Entry> entries;
  tables.keyed(0).find(keys_of({"b"}), {}, entries);
  int64_t numbers[2];
  std::memcpy(numbers, entries[0].value, 16);
  EXPECT_EQ(numbers[0], 1);
  EXPECT_EQ(numbers[1], 1);
  EXPECT_EQ(tables.keyed(0).payload(entries[0]), "b!");
  const auto matched = match_state(checkpoint.manifest, std::vector<StepTables>{{"once", {spec}}});
  EXPECT_EQ(matched[0].match, TableMatch::migrated);
}

TEST(MatchState, SaysWhatHasNoCounterpart) {
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, 1, {"a"});
  StateTableSpec other = counts();
  other.name = "sums";
  const std::vector<StepTables> now = {{.step = "once", .tables = {counts(), other}},
                                       {.step = "later", .tables = {counts()}}};
  const auto matched = match_state(checkpoint.manifest, now);
  ASSERT_EQ(matched.size(), 5U);
  EXPECT_EQ(matched[0], (MatchedTable{"once", "counts", TableMatch::restored, ""}));
  EXPECT_EQ(matched[1], (MatchedTable{"once", "sums", TableMatch::fresh, ""}));
  EXPECT_EQ(matched[2], (MatchedTable{"later", "counts", TableMatch::fresh, ""}));
  EXPECT_EQ(matched[3], (MatchedTable{"once", "splits", TableMatch::dropped, ""}));
  EXPECT_EQ(matched[4], (MatchedTable{"once", "seen", TableMatch::dropped, ""}));
}

TEST(MatchState, RefusesWhatCannotBeRead) {
  Checkpoint checkpoint;
  take_checkpoint(checkpoint, 1, {"a"});
  const auto why = [&](const StateTableSpec& spec, uint32_t groups = kKeyGroupCount) {
    const auto matched = match_state(checkpoint.manifest, std::vector<StepTables>{{"once", {spec}}}, groups);
    EXPECT_EQ(matched[0].match, TableMatch::refused);
    Tables tables = *Tables::make(std::vector{spec}, {.group_count = groups}, kNoLimit);
    EXPECT_FALSE(restore_tables(checkpoint.checkpoints, checkpoint.manifest, "once", tables).ok());
    return matched[0].why;
  };
  StateTableSpec spec = counts();
  spec.key_layout = "i";
  EXPECT_THAT(why(spec), HasSubstr("key has changed"));
  spec = counts();
  spec.codec = "test.sum";
  EXPECT_THAT(why(spec), HasSubstr("mean something else"));
  spec = counts();
  spec.codec_version = 2;
  EXPECT_THAT(why(spec), HasSubstr("nothing reads version 1"));
  spec = counts();
  spec.value_bytes = 16;
  EXPECT_THAT(why(spec), HasSubstr("another size"));
  spec = counts();
  spec.is_windowed = true;
  EXPECT_THAT(why(spec), HasSubstr("keyed by window"));
  EXPECT_THAT(why(counts(), 64), HasSubstr("64 key groups"));
}

TEST(Tables, RefuseSpecsThatContradictThemselves) {
  const auto kind_of = [](std::vector<StateTableSpec> specs, TaskPlace place = {}) {
    return Tables::make(specs, place, kNoLimit).ok();
  };
  EXPECT_TRUE(kind_of({counts(), splits()}));
  EXPECT_FALSE(kind_of({counts(), counts()}));
  StateTableSpec odd = counts();
  odd.value_bytes = 7;
  EXPECT_FALSE(kind_of({odd}));
  EXPECT_FALSE(kind_of({counts()}, {.task = 2, .tasks = 2}));
  EXPECT_FALSE(kind_of({counts()}, {.task = 0, .tasks = 129}));
}

TEST(ListTable, IsBounded) {
  ListTable list(splits());
  const std::string megabyte(1 << 20, 'x');
  Result<void> put;
  for (int i = 0; i < 100 && put.ok(); ++i) put = list.put(std::to_string(i), megabyte);
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().kind(), ErrorKind::resource_exhausted);
  EXPECT_LE(list.memory_bytes(), ListTable::kBytesMax);
  list.erase("0");
  EXPECT_TRUE(list.put("again", megabyte).ok());
}

}  // namespace
}  // namespace weir::state
