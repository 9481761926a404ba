#include "state/keyed_table.h"

#include <cstring>
#include <map>
#include <optional>

#include <gmock/gmock.h>

#include "base/random.h"
#include "state/tests/key_batches.h"

namespace weir::state {
namespace {

using testing::HasSubstr;

constexpr int64_t kNoLimit = int64_t{1} << 40;

StateTableSpec spec_of(bool has_payload = false, bool is_windowed = false, bool expires = false) {
  return {.name = "counts",
          .codec = "test",
          .key_layout = "s",
          .value_bytes = 8,
          .has_payload = has_payload,
          .is_windowed = is_windowed,
          .expires = expires,
          .expiry_step_us = 10};
}

KeyedTable table_of(StateTableSpec spec, int64_t limit = kNoLimit) {
  return KeyedTable(std::move(spec), {0, kKeyGroupCount}, kKeyGroupCount, limit);
}

int64_t value_of(const Entry& entry) {
  int64_t value;
  std::memcpy(&value, entry.value, 8);
  return value;
}

void set_value(const Entry& entry, int64_t value) {
  std::memcpy(entry.value, &value, 8);
}

Entry find_one(const KeyedTable& table, const std::string& key, int64_t window = 0) {
  std::vector<Entry> entries;
  table.find(keys_of({key}), {.windows = {&window, 1}}, entries);
  return entries[0];
}

Entry insert_one(KeyedTable& table, const std::string& key, int64_t window = 0) {
  std::vector<Entry> entries;
  EXPECT_TRUE(table.find_or_insert(keys_of({key}), {.windows = {&window, 1}}, entries).ok());
  return entries[0];
}

/// A frozen table as a map from key to value.
std::map<std::string, int64_t> contents(const FrozenTable& frozen) {
  std::map<std::string, int64_t> found;
  for (uint32_t group = 0; group < kKeyGroupCount; ++group) {
    EXPECT_TRUE(frozen
                    .visit(group,
                           [&](const EntryView& entry) -> Result<void> {
                             int64_t value;
                             std::memcpy(&value, entry.value.data(), 8);
                             EXPECT_TRUE(found.emplace(std::string(entry.key), value).second);
                             return {};
                           })
                    .ok());
  }
  return found;
}

TEST(KeyedTable, RowsOfOneBatchWithTheSameKeyShareAnEntry) {
  KeyedTable table = table_of(spec_of());
  std::vector<Entry> entries;
  ASSERT_TRUE(table.find_or_insert(keys_of({"a", "b", "a", "a"}), {}, entries).ok());
  EXPECT_TRUE(entries[0].inserted);
  EXPECT_FALSE(entries[2].inserted);
  EXPECT_EQ(entries[0].value, entries[2].value);
  EXPECT_EQ(entries[0].value, entries[3].value);
  EXPECT_EQ(value_of(entries[1]), 0);
  EXPECT_EQ(table.size(), 2U);
}

TEST(KeyedTable, LooksAtTheRowsThatAreMeant) {
  KeyedTable table = table_of(spec_of());
  const std::vector<uint32_t> rows = {2, 0};
  std::vector<Entry> entries;
  const KeyBatch keys = keys_of({"a", "b", "c"});
  ASSERT_TRUE(table.find_or_insert(keys, {.rows = rows, .all = false}, entries).ok());
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(table.key(entries[0]), keys.key(2));
  EXPECT_EQ(find_one(table, "b").value, nullptr);
}

TEST(KeyedTable, AWindowIsPartOfTheKeyButNotOfTheGroup) {
  KeyedTable table = table_of(spec_of(false, true));
  const Entry first = insert_one(table, "a", 60);
  set_value(first, 1);
  const Entry second = insert_one(table, "a", 120);
  EXPECT_TRUE(second.inserted);
  EXPECT_EQ(first.group, second.group);
  EXPECT_EQ(value_of(find_one(table, "a", 60)), 1);
  EXPECT_EQ(table.window(find_one(table, "a", 120)), 120);
  EXPECT_EQ(find_one(table, "a", 180).value, nullptr);
}

TEST(KeyedTable, EntriesOfAGroupComeInTheOrderOfTheirKeys) {
  std::vector<std::string> texts;
  for (int i = 0; i < 3'000; ++i) texts.push_back(std::to_string(i * 7919 % 3'000));
  KeyedTable forwards = table_of(spec_of());
  KeyedTable backwards = table_of(spec_of());
  std::vector<Entry> entries;
  ASSERT_TRUE(forwards.find_or_insert(keys_of(texts), {}, entries).ok());
  std::reverse(texts.begin(), texts.end());
  ASSERT_TRUE(backwards.find_or_insert(keys_of(texts), {}, entries).ok());
  size_t seen = 0;
  for (uint32_t group = 0; group < kKeyGroupCount; ++group) {
    const std::vector<Entry> a = forwards.entries_of(group);
    const std::vector<Entry> b = backwards.entries_of(group);
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      ASSERT_EQ(forwards.key(a[i]), backwards.key(b[i]));
      EXPECT_TRUE(i == 0 || forwards.key(a[i - 1]) < forwards.key(a[i]));
    }
    seen += a.size();
  }
  EXPECT_EQ(seen, 3'000U);
}

TEST(KeyedTable, PayloadsGrowAndShrink) {
  KeyedTable table = table_of(spec_of(true));
  Entry entry = insert_one(table, "a");
  set_value(entry, 42);
  for (const size_t size : {0, 1, 100, 99, 70'000, 3, 200'000}) {
    ASSERT_TRUE(table.set_payload(entry, std::string(size, static_cast<char>('a' + size % 20))).ok());
    EXPECT_EQ(table.payload(entry), std::string(size, static_cast<char>('a' + size % 20)));
    EXPECT_EQ(value_of(entry), 42);
    EXPECT_EQ(table.payload(find_one(table, "a")).size(), size);
  }
  const auto refused = table.set_payload(entry, std::string(StateTableSpec::kPayloadBytesMax + 1, 'x'));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::limit_exceeded);
}

TEST(KeyedTable, GrowthAboveTheLimitIsRefusedAndWhatIsThereStays) {
  KeyedTable table = table_of(spec_of(), 400'000);
  Result<void> inserted;
  int count = 0;
  std::vector<Entry> entries;
  while (inserted.ok() && count < 1'000'000)
    inserted = table.find_or_insert(keys_of({std::to_string(count++)}), {}, entries);
  ASSERT_FALSE(inserted.ok());
  EXPECT_EQ(inserted.error().kind(), ErrorKind::resource_exhausted);
  EXPECT_THAT(inserted.error().message(), HasSubstr("'counts'"));
  EXPECT_LE(table.memory_bytes(), 400'000);
  EXPECT_GT(table.memory_bytes(), 200'000);
  EXPECT_NE(find_one(table, "0").value, nullptr);
  EXPECT_TRUE(table.find_or_insert(keys_of({"0"}), {}, entries).ok()) << "nothing new is needed";
}

TEST(KeyedTable, MemoryComesBackWhenEntriesGo) {
  KeyedTable table = table_of(spec_of(true, false, true));
  const int64_t empty = table.memory_bytes();
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 5'000; ++i) texts.push_back(std::to_string(round) + "/" + std::to_string(i));
    std::vector<Entry> entries;
    ASSERT_TRUE(table.find_or_insert(keys_of(texts), {}, entries).ok());
    for (const Entry& entry : entries) table.set_expiry(entry, round * 100 + 50);
    ASSERT_LT(table.memory_bytes(), 5'000 * 150 + 3 * 1'000'000) << "round " << round;
    table.expire(round * 100 + 50);
    ASSERT_EQ(table.size(), 0U);
  }
  EXPECT_LE(table.memory_bytes(), empty + 128 * 1024);
}

TEST(KeyedTable, EntriesAreDueWithTheirBucketAndInOrder) {
  KeyedTable table = table_of(spec_of(false, false, true));
  for (const auto& [key, at] : std::map<std::string, int64_t>{{"a", 10}, {"b", 11}, {"c", 20}, {"d", 21}}) {
    table.set_expiry(insert_one(table, key), at);
  }
  insert_one(table, "never");
  EXPECT_TRUE(table.due(9, 100).empty());
  auto due = table.due(10, 100);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(table.expiry(due[0]), 10);
  table.drop_due();
  EXPECT_TRUE(table.due(19, 100).empty()) << "the bucket of 11..20 is not over";
  std::vector<int64_t> times;
  for (due = table.due(20, 100); !due.empty(); due = table.due(20, 100)) {
    for (const Entry& entry : due) times.push_back(table.expiry(entry));
    table.drop_due();
  }
  std::sort(times.begin(), times.end());
  EXPECT_EQ(times, (std::vector<int64_t>{11, 20}));
  EXPECT_EQ(table.size(), 2U);
}

TEST(KeyedTable, DueEntriesComeInPiecesThatAFreezeMayPart) {
  KeyedTable table = table_of(spec_of(false, false, true));
  for (int i = 0; i < 1'000; ++i) table.set_expiry(insert_one(table, std::to_string(i)), 10);
  size_t seen = 0;
  std::optional<FrozenTable> frozen;
  for (auto due = table.due(10, 20); !due.empty(); due = table.due(10, 20)) {
    if (seen >= 500 && !frozen) frozen = table.freeze();
    EXPECT_LT(due.size(), 60U);
    seen += due.size();
    table.drop_due();
    if (frozen && contents(*frozen).empty()) FAIL() << "a frozen table changed";
  }
  EXPECT_EQ(seen, 1'000U);
  const size_t left = contents(*frozen).size();
  EXPECT_GT(left, 400U) << "what was not dropped at the freeze is due again after a restore";
  EXPECT_LE(left, 500U);
}

TEST(KeyedTable, AnEntryThatIsTouchedMovesToALaterBucket) {
  KeyedTable table = table_of(spec_of(false, false, true));
  const Entry entry = insert_one(table, "a");
  for (int64_t at = 10; at < 1'000; ++at) table.set_expiry(entry, at);
  const int64_t bytes = table.memory_bytes();
  table.expire(990);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_LE(table.memory_bytes(), bytes) << "touching files nothing";
  table.expire(1'000);
  EXPECT_EQ(table.size(), 0U);
}

TEST(KeyedTable, AnEntryThatIsBroughtForwardGoesEarlier) {
  KeyedTable table = table_of(spec_of(false, false, true));
  const Entry entry = insert_one(table, "a");
  table.set_expiry(entry, 1'000);
  table.set_expiry(entry, 20);
  table.expire(20);
  EXPECT_EQ(table.size(), 0U);
  table.expire(1'000);
}

TEST(KeyedTable, AFrozenTableKeepsWhatItWas) {
  KeyedTable table = table_of(spec_of());
  std::vector<std::string> texts;
  for (int i = 0; i < 10'000; ++i) texts.push_back(std::to_string(i));
  const KeyBatch keys = keys_of(texts);
  std::vector<Entry> entries;
  ASSERT_TRUE(table.find_or_insert(keys, {}, entries).ok());
  for (size_t i = 0; i < entries.size(); ++i) set_value(entries[i], static_cast<int64_t>(i));
  EXPECT_EQ(table.frozen_bytes(), 0);
  const int64_t before = table.memory_bytes();
  {
    const FrozenTable frozen = table.freeze();
    const auto old = contents(frozen);
    ASSERT_EQ(old.size(), 10'000U);
    EXPECT_EQ(table.frozen_bytes(), 0) << "a freeze copies nothing";
    ASSERT_TRUE(table.find_or_insert(keys, {}, entries).ok());
    for (const Entry& entry : entries) set_value(entry, -1);
    insert_one(table, "new");
    EXPECT_GT(table.frozen_bytes(), 0);
    EXPECT_LE(table.frozen_bytes(), before);
    EXPECT_EQ(contents(frozen), old);
  }
  EXPECT_EQ(table.frozen_bytes(), 0);
  EXPECT_EQ(value_of(find_one(table, "17")), -1);
}

TEST(KeyedTable, OnlyTouchedPagesAreCopied) {
  KeyedTable table = table_of(spec_of());
  std::vector<std::string> texts;
  for (int i = 0; i < 200'000; ++i) texts.push_back(std::to_string(i));
  std::vector<Entry> entries;
  ASSERT_TRUE(table.find_or_insert(keys_of(texts), {}, entries).ok());
  const FrozenTable frozen = table.freeze();
  insert_one(table, "17");
  EXPECT_GT(table.frozen_bytes(), 0);
  EXPECT_LE(table.frozen_bytes(), 65'536);
}

/// Random histories against a map, with freezes that are checked later.
class KeyedTableHistory : public testing::TestWithParam<int> {
 protected:
  struct Value {
    int64_t number = 0;
    std::string payload;
    int64_t expiry = kNever;
    bool operator==(const Value&) const = default;
  };
  using Model = std::map<std::pair<std::string, int64_t>, Value>;

  uint64_t below(uint64_t bound) { return random_.next_u64() % bound; }

  Model::iterator any_entry() { return std::next(model_.begin(), static_cast<ptrdiff_t>(below(model_.size()))); }

  static Model read(const FrozenTable& from) {
    Model found;
    for (uint32_t group = 0; group < kKeyGroupCount; ++group) {
      const auto visited = from.visit(group, [&](const EntryView& entry) -> Result<void> {
        Value value{.payload = std::string(entry.payload), .expiry = entry.expires_at_us};
        std::memcpy(&value.number, entry.value.data(), 8);
        const bool is_new =
            found.emplace(std::pair(std::string(entry.key.substr(5)), entry.window), std::move(value)).second;
        EXPECT_TRUE(is_new);
        return {};
      });
      EXPECT_TRUE(visited.ok());
    }
    return found;
  }

  void count_some() {
    std::vector<std::string> texts;
    std::vector<int64_t> windows;
    for (uint64_t i = below(80); i > 0; --i) {
      texts.push_back("k" + std::to_string(below(below(4) == 0 ? 2'000 : 50)));
      windows.push_back(static_cast<int64_t>(below(3)));
    }
    std::vector<Entry> entries;
    ASSERT_TRUE(table_.find_or_insert(keys_of(texts), {.windows = windows}, entries).ok());
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto [at, inserted] = model_.try_emplace({texts[i], windows[i]});
      ASSERT_EQ(entries[i].inserted, inserted);
      ASSERT_EQ(value_of(entries[i]), at->second.number);
      set_value(entries[i], ++at->second.number);
      at->second.expiry = now_ + static_cast<int64_t>(below(100));
      table_.set_expiry(entries[i], at->second.expiry);
    }
  }

  void change_payloads() {
    for (uint64_t i = below(20); i > 0 && !model_.empty(); --i) {
      const auto at = any_entry();
      Entry entry = insert_one(table_, at->first.first, at->first.second);
      ASSERT_FALSE(entry.inserted);
      at->second.payload = std::string(below(below(10) == 0 ? 80'000 : 40), static_cast<char>('a' + below(26)));
      ASSERT_TRUE(table_.set_payload(entry, at->second.payload).ok());
    }
  }

  void erase_some() {
    for (uint64_t i = below(10); i > 0 && !model_.empty(); --i) {
      const auto at = any_entry();
      table_.erase(find_one(table_, at->first.first, at->first.second));
      model_.erase(at);
    }
  }

  void let_time_pass() {
    now_ += static_cast<int64_t>(below(30));
    table_.expire(now_);
    std::erase_if(model_, [&](const auto& entry) { return entry.second.expiry <= now_ / 10 * 10; });
  }

  SeededRandom random_{static_cast<uint64_t>(GetParam())};
  KeyedTable table_ = table_of(spec_of(true, true, true));
  Model model_;
  int64_t now_ = 0;
};

TEST_P(KeyedTableHistory, IsThatOfAMap) {
  std::vector<std::pair<FrozenTable, Model>> frozen;
  for (int step = 0; step < 400; ++step) {
    const uint64_t what = below(8);
    if (what < 4) {
      count_some();
    } else if (what == 4) {
      change_payloads();
    } else if (what == 5) {
      erase_some();
    } else if (what == 6) {
      let_time_pass();
    } else {
      if (frozen.size() == 3) frozen.erase(frozen.begin() + static_cast<ptrdiff_t>(below(3)));
      frozen.emplace_back(table_.freeze(), model_);
    }
    ASSERT_FALSE(HasFatalFailure()) << "step " << step;
    ASSERT_EQ(table_.size(), model_.size()) << "step " << step;
    if (step % 20 != 0) continue;
    ASSERT_EQ(read(table_.freeze()), model_) << "step " << step;
    for (const auto& [copy, was] : frozen) ASSERT_EQ(read(copy), was);
  }
  frozen.clear();
  EXPECT_EQ(table_.frozen_bytes(), 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, KeyedTableHistory, testing::Range(0, 20));

}  // namespace
}  // namespace weir::state
