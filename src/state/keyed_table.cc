#include "state/keyed_table.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"
#include "state/expiry_internal.h"
#include "state/frozen_table_internal.h"
#include "state/record_layout_internal.h"
#include "state/record_pages_internal.h"
#include "state/tag_index_internal.h"

namespace weir::state {
namespace {

/// A row's place in the index, then its record, are asked of the memory so many rows before they are looked at: long
/// enough for both to come, few enough to stay in the nearest cache.
constexpr size_t kAheadRows = 16;

/// A row that is on its way through each_key().
struct RowAhead {
  uint64_t hash = 0;
  uint32_t group = 0;
  RecordRef first = 0;  ///< the first record with its tag, or 0
};

struct Group {
  explicit Group(FrozenMeter* meter) : pages(meter) {}
  TagIndex index;
  RecordPages pages;
};

/// std::memcmp() costs a call, which is more than to compare the usual key.
bool equal_bytes(const char* a, const char* b, size_t size) {
  if (size < 8 || size > 16) return std::memcmp(a, b, size) == 0;
  const auto word = [](const char* at) { return RecordLayout::load<uint64_t>(at); };
  return word(a) == word(b) && word(a + size - 8) == word(b + size - 8);  // the two overlap
}

/// The hash of (key, window): the group of the key, another tag for each window.
uint64_t with_window(uint64_t hash, int64_t window) {
  uint64_t mixed = hash ^ (static_cast<uint64_t>(window) * 0x9e3779b97f4a7c15U);
  mixed = (mixed ^ (mixed >> 32)) * 0xff51afd7ed558ccdU;
  return (hash & 0xffffffff00000000U) | (mixed >> 32);
}

}  // namespace

class KeyedTable::Rep {
 public:
  Rep(StateTableSpec table_spec, KeyGroupRange groups, uint32_t group_count, int64_t limit_bytes)
      : spec(std::move(table_spec)),
        layout(spec),
        range(groups),
        count_of_groups(group_count),
        limit(limit_bytes),
        expiry(spec.expiry_step_us) {
    WEIR_CHECK(spec.value_bytes % 8 == 0 && spec.value_bytes <= StateTableSpec::kValueBytesMax);
    WEIR_CHECK(spec.expiry_step_us > 0);
    for (uint32_t i = 0; i < groups.size(); ++i) group_list.emplace_back(meter.get());
    memory = static_cast<int64_t>(group_list.capacity() * sizeof(Group));
  }

  Group& group_at(uint32_t group) { return group_list[group - range.begin]; }

  /// The hash under which the i-th row is filed.
  uint64_t hash_of(const KeyBatch& keys, const KeyRows& rows, size_t i) const {
    const uint64_t hash = keys.hashes[rows.row(i)];
    return layout.window_at == 0 ? hash : with_window(hash, rows.windows[i]);
  }
  bool is_key(const char* record, std::string_view key, int64_t window) const {
    if (layout.window_at != 0 && layout.window(record) != window) return false;
    const std::string_view own = layout.key(record);
    return own.size() == key.size() && equal_bytes(own.data(), key.data(), key.size());
  }
  uint64_t hash_of_record(const char* record) const {
    const uint64_t hash = hash64(layout.key(record));
    return layout.window_at == 0 ? hash : with_window(hash, layout.window(record));
  }

  /// What find and find_or_insert do alike: calls `one(i, hash, group, first)` for each row in order, where `first` is
  /// the first record with its tag, or 0, as it was shortly before.
  template <typename One>
  Result<void> each_key(const KeyBatch& keys, const KeyRows& rows, One one);
  RecordRef find_record(const Group& group, uint64_t hash, RecordRef first, std::string_view key, int64_t window) const;
  Result<RecordRef> insert(Group& group, uint64_t hash, std::string_view key, int64_t window);
  Entry entry(uint32_t group, RecordRef ref, char* record) const {
    return {.value = reinterpret_cast<std::byte*>(record + layout.value_at), .ref = ref, .group = group};
  }
  const char* record(const Entry& at) { return group_at(at.group).pages.at(at.ref); }
  void erase(const Entry& at, uint64_t hash);
  /// Compacts the group when most of it is erased, and shrinks its index.
  void tidy(Group& group);
  Error exhausted(int64_t more) const;
  template <typename Change>
  void metered(Group& group, Change change) {
    const int64_t before = group.pages.memory_bytes() + group.index.memory_bytes();
    change();
    memory += group.pages.memory_bytes() + group.index.memory_bytes() - before;
  }
  void sort(std::vector<Entry>& list);
  bool next_due_bucket(int64_t until_us);
  void gather_due_group();

  StateTableSpec spec;
  RecordLayout layout;
  KeyGroupRange range;
  uint32_t count_of_groups;
  int64_t limit;
  int64_t memory = 0;  ///< without `expiry`
  uint64_t entries = 0;
  std::shared_ptr<FrozenMeter> meter = std::make_shared<FrozenMeter>();  // before the groups, which use it
  std::vector<Group> group_list;
  ExpiryBuckets expiry;

  // The bucket that is being expired.
  int64_t due_bucket = 0;
  std::vector<uint64_t> due_hashes;  ///< sorted: group by group
  size_t due_next = 0;               ///< the first of them that was not looked at
  std::vector<Entry> due_entries;    ///< handed out by due()
};

template <typename One>
Result<void> KeyedTable::Rep::each_key(const KeyBatch& keys, const KeyRows& rows, One one) {
  const size_t count = rows.size(keys);
  std::array<RowAhead, 4 * kAheadRows> ring;
  const auto ahead = [&](size_t i) -> RowAhead& { return ring[i % ring.size()]; };
  const auto ask_for_index = [&](size_t i) {
    RowAhead& row = ahead(i);
    row.hash = hash_of(keys, rows, i);
    row.group = key_group_of(row.hash, count_of_groups);
    WEIR_CHECK(range.contains(row.group));
    group_at(row.group).index.prefetch(static_cast<uint32_t>(row.hash));
  };
  const auto ask_for_record = [&](size_t i) {
    RowAhead& row = ahead(i);
    const Group& group = group_at(row.group);
    row.first = group.index.find_first(static_cast<uint32_t>(row.hash));
    if (row.first == 0) return;
    const char* record = group.pages.at(row.first);
    __builtin_prefetch(record, 1);
    __builtin_prefetch(record + layout.key_at, 1);
  };
  for (size_t i = 0; i < std::min(count, 2 * kAheadRows); ++i) ask_for_index(i);
  for (size_t i = 0; i < std::min(count, kAheadRows); ++i) ask_for_record(i);
  for (size_t i = 0; i < count; ++i) {
    if (i + 2 * kAheadRows < count) ask_for_index(i + 2 * kAheadRows);
    if (i + kAheadRows < count) ask_for_record(i + kAheadRows);
    WEIR_TRY(one(i, ahead(i).hash, ahead(i).group, ahead(i).first));
  }
  return {};
}

RecordRef KeyedTable::Rep::find_record(const Group& group, uint64_t hash, RecordRef first, std::string_view key,
                                       int64_t window) const {
  const auto is_wanted = [&](RecordRef ref) { return is_key(group.pages.at(ref), key, window); };
  if (first != 0 && is_wanted(first)) return first;
  // Another key has the tag, or a row before this one has made the entry in the meantime.
  return group.index.find(static_cast<uint32_t>(hash), is_wanted);
}

Result<RecordRef> KeyedTable::Rep::insert(Group& group, uint64_t hash, std::string_view key, int64_t window) {
  const uint32_t size = layout.size_for(key.size(), 0);
  const int64_t more = group.pages.growth_for(size) + group.index.growth();
  if (more != 0 && memory + expiry.memory_bytes() + more > limit) return exhausted(more);
  RecordRef ref = 0;
  metered(group, [&] {
    ref = group.pages.allocate(size);
    if (ref != 0) group.index.insert(static_cast<uint32_t>(hash), ref);
  });
  if (ref == 0) return exhausted(size);
  char* record = group.pages.writable(ref);
  RecordLayout::store(record + 4, static_cast<uint32_t>(key.size()));
  if (layout.expires_at != 0) RecordLayout::store(record + layout.expires_at, kNever);
  if (layout.window_at != 0) RecordLayout::store(record + layout.window_at, window);
  std::memcpy(record + layout.key_at, key.data(), key.size());
  ++entries;
  return ref;
}

void KeyedTable::Rep::erase(const Entry& at, uint64_t hash) {
  Group& group = group_at(at.group);
  metered(group, [&] {
    group.index.erase(static_cast<uint32_t>(hash), at.ref);
    group.pages.release(at.ref);
  });
  --entries;
}

void KeyedTable::Rep::tidy(Group& group) {
  metered(group, [&] {
    if (group.pages.is_sparse()) {
      group.pages.compact([&](RecordRef from, RecordRef to, const char* moved) {
        group.index.replace(static_cast<uint32_t>(hash_of_record(moved)), from, to);
      });
    }
    group.index.shrink();
  });
}

Error KeyedTable::Rep::exhausted(int64_t more) const {
  return Error(ErrorKind::resource_exhausted, "state table '" + spec.name + "' holds " + std::to_string(entries) +
                                                  " entries in " + std::to_string(memory + expiry.memory_bytes()) +
                                                  " bytes and needs " + std::to_string(more) + " more; its limit is " +
                                                  std::to_string(limit) +
                                                  ". Give the pipeline more memory, or let the state expire sooner");
}

void KeyedTable::Rep::sort(std::vector<Entry>& list) {
  std::sort(list.begin(), list.end(), [&](const Entry& a, const Entry& b) {
    if (a.group != b.group) return a.group < b.group;
    const char* left = record(a);
    const char* right = record(b);
    if (layout.expiry(left) != layout.expiry(right)) return layout.expiry(left) < layout.expiry(right);
    if (layout.window(left) != layout.window(right)) return layout.window(left) < layout.window(right);
    return layout.key(left) < layout.key(right);
  });
}

bool KeyedTable::Rep::next_due_bucket(int64_t until_us) {
  due_next = 0;
  due_hashes.clear();
  if (!expiry.take_due(until_us, due_bucket, due_hashes)) return false;
  std::sort(due_hashes.begin(), due_hashes.end());
  return true;
}

/// Adds the due entries of the next group of the bucket, and files anew those that have been touched since.
void KeyedTable::Rep::gather_due_group() {
  const size_t first = due_entries.size();
  const uint32_t number = key_group_of(due_hashes[due_next], count_of_groups);
  Group& group = group_at(number);
  for (; due_next < due_hashes.size() && key_group_of(due_hashes[due_next], count_of_groups) == number; ++due_next) {
    const uint64_t hash = due_hashes[due_next];
    if (due_next != 0 && hash == due_hashes[due_next - 1]) continue;
    group.index.find(static_cast<uint32_t>(hash), [&](RecordRef ref) {
      const char* at = group.pages.at(ref);
      const int64_t time = layout.expiry(at);
      if (time != kNever && expiry.bucket_of(time) <= due_bucket) {
        due_entries.push_back(entry(number, ref, const_cast<char*>(at)));
      } else {
        expiry.file(time, hash);
      }
      return false;  // all that have the tag
    });
  }
  // Two hashes of one tag name the same entries.
  std::sort(due_entries.begin() + static_cast<ptrdiff_t>(first), due_entries.end(),
            [](const Entry& a, const Entry& b) { return a.ref < b.ref; });
  due_entries.erase(std::unique(due_entries.begin() + static_cast<ptrdiff_t>(first), due_entries.end(),
                                [](const Entry& a, const Entry& b) { return a.ref == b.ref; }),
                    due_entries.end());
}

KeyedTable::KeyedTable(StateTableSpec spec, KeyGroupRange groups, uint32_t group_count, int64_t limit_bytes)
    : rep_(std::make_unique<Rep>(std::move(spec), groups, group_count, limit_bytes)) {}
KeyedTable::~KeyedTable() = default;
KeyedTable::KeyedTable(KeyedTable&&) noexcept = default;

const StateTableSpec& KeyedTable::spec() const {
  return rep_->spec;
}

KeyGroupRange KeyedTable::groups() const {
  return rep_->range;
}

uint64_t KeyedTable::size() const {
  return rep_->entries;
}

Result<void> KeyedTable::find_or_insert(const KeyBatch& keys, const KeyRows& rows, std::vector<Entry>& out) {
  Rep& rep = *rep_;
  WEIR_CHECK(rep.due_entries.empty());
  out.resize(rows.size(keys));
  return rep.each_key(keys, rows, [&](size_t i, uint64_t hash, uint32_t number, RecordRef first) -> Result<void> {
    Group& group = rep.group_at(number);
    const std::string_view key = keys.key(rows.row(i));
    const int64_t window = rows.windows.empty() ? 0 : rows.windows[i];
    RecordRef ref = rep.find_record(group, hash, first, key, window);
    const bool is_new = ref == 0;
    if (is_new) {
      WEIR_ASSIGN(ref, rep.insert(group, hash, key, window));
    }
    out[i] = rep.entry(number, ref, group.pages.writable(ref));
    out[i].inserted = is_new;
    return {};
  });
}

void KeyedTable::find(const KeyBatch& keys, const KeyRows& rows, std::vector<Entry>& out) const {
  Rep& rep = *rep_;
  out.resize(rows.size(keys));
  const Result<void> found =
      rep.each_key(keys, rows, [&](size_t i, uint64_t hash, uint32_t number, RecordRef first) -> Result<void> {
        const Group& group = rep.group_at(number);
        const int64_t window = rows.windows.empty() ? 0 : rows.windows[i];
        const RecordRef ref = rep.find_record(group, hash, first, keys.key(rows.row(i)), window);
        out[i] = ref == 0 ? Entry() : rep.entry(number, ref, const_cast<char*>(group.pages.at(ref)));
        return {};
      });
  WEIR_CHECK(found.ok());
}

void KeyedTable::erase(const Entry& entry) {
  WEIR_CHECK(rep_->due_entries.empty());
  rep_->erase(entry, rep_->hash_of_record(rep_->record(entry)));
  rep_->tidy(rep_->group_at(entry.group));
}

std::string_view KeyedTable::key(const Entry& entry) const {
  return rep_->layout.key(rep_->record(entry));
}

int64_t KeyedTable::window(const Entry& entry) const {
  return rep_->layout.window(rep_->record(entry));
}

std::string_view KeyedTable::payload(const Entry& entry) const {
  return rep_->layout.payload(rep_->record(entry));
}

Result<void> KeyedTable::set_payload(Entry& entry, std::string_view bytes) {
  Rep& rep = *rep_;
  const RecordLayout& layout = rep.layout;
  WEIR_CHECK(layout.payload_size_at != 0);
  if (bytes.size() > StateTableSpec::kPayloadBytesMax) {
    return Error(ErrorKind::limit_exceeded, "an entry of state table '" + rep.spec.name + "' would have " +
                                                std::to_string(bytes.size()) + " bytes; at most " +
                                                std::to_string(StateTableSpec::kPayloadBytesMax) + " are possible");
  }
  Group& group = rep.group_at(entry.group);
  char* record = group.pages.writable(entry.ref);
  const size_t key_bytes = layout.key(record).size();
  if (layout.size_for(key_bytes, bytes.size()) > record_bytes(record)) {
    // Half as much again, so that what grows by little moves seldom.
    const uint32_t size = layout.size_for(key_bytes, bytes.size() + bytes.size() / 2);
    const int64_t more = group.pages.growth_for(size);
    if (more != 0 && rep.memory + rep.expiry.memory_bytes() + more > rep.limit) return rep.exhausted(more);
    RecordRef ref = 0;
    rep.metered(group, [&] { ref = group.pages.allocate(size); });
    if (ref == 0) return rep.exhausted(size);
    char* moved = group.pages.writable(ref);
    record = group.pages.writable(entry.ref);
    std::memcpy(moved + 4, record + 4, layout.key_at + key_bytes - 4);
    const auto tag = static_cast<uint32_t>(rep.hash_of_record(record));
    group.index.replace(tag, entry.ref, ref);
    rep.metered(group, [&] { group.pages.release(entry.ref); });
    const bool inserted = entry.inserted;
    entry = rep.entry(entry.group, ref, moved);
    entry.inserted = inserted;
    record = moved;
  }
  RecordLayout::store(record + layout.payload_size_at, static_cast<uint32_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(record + layout.key_at + key_bytes, bytes.data(), bytes.size());
  return {};
}

int64_t KeyedTable::expiry(const Entry& entry) const {
  return rep_->layout.expiry(rep_->record(entry));
}

void KeyedTable::set_expiry(const Entry& entry, int64_t at_us) {
  Rep& rep = *rep_;
  WEIR_CHECK(rep.layout.expires_at != 0);
  char* record = rep.group_at(entry.group).pages.writable(entry.ref);
  const int64_t before = rep.layout.expiry(record);
  RecordLayout::store(record + rep.layout.expires_at, at_us);
  const bool is_filed = before != kNever && rep.expiry.bucket_of(before) <= rep.expiry.bucket_of(at_us);
  if (!is_filed) rep.expiry.file(at_us, rep.hash_of_record(record));
}

std::span<const Entry> KeyedTable::due(int64_t until_us, size_t count_max) {
  Rep& rep = *rep_;
  WEIR_CHECK(rep.due_entries.empty());
  do {
    if (rep.due_next == rep.due_hashes.size() && !rep.next_due_bucket(until_us)) break;
    while (rep.due_next < rep.due_hashes.size() && rep.due_entries.size() < count_max) rep.gather_due_group();
  } while (rep.due_entries.empty());
  rep.sort(rep.due_entries);
  return rep.due_entries;
}

void KeyedTable::drop_due() {
  Rep& rep = *rep_;
  for (const Entry& entry : rep.due_entries) rep.erase(entry, rep.hash_of_record(rep.record(entry)));
  for (size_t i = 0; i < rep.due_entries.size(); ++i) {
    if (i == 0 || rep.due_entries[i].group != rep.due_entries[i - 1].group) {
      rep.tidy(rep.group_at(rep.due_entries[i].group));
    }
  }
  rep.due_entries.clear();
}

void KeyedTable::expire(int64_t until_us) {
  Rep& rep = *rep_;
  WEIR_CHECK(rep.due_entries.empty());
  while (rep.due_next < rep.due_hashes.size() || rep.next_due_bucket(until_us)) {
    while (rep.due_next < rep.due_hashes.size()) {
      rep.gather_due_group();
      drop_due();
    }
  }
}

std::vector<Entry> KeyedTable::entries_of(uint32_t group) {
  Rep& rep = *rep_;
  std::vector<Entry> list;
  RecordPages& pages = rep.group_at(group).pages;
  rep.group_at(group).index.each(
      [&](RecordRef ref) { list.push_back(rep.entry(group, ref, const_cast<char*>(pages.at(ref)))); });
  rep.sort(list);
  return list;
}

FrozenTable KeyedTable::freeze() {
  auto frozen = std::make_unique<FrozenTable::Rep>(rep_->spec, rep_->range, rep_->meter);
  frozen->pages.reserve(rep_->group_list.size());
  for (Group& group : rep_->group_list) frozen->pages.emplace_back(group.pages.freeze());
  return FrozenTable(std::move(frozen));
}

int64_t KeyedTable::memory_bytes() const {
  return rep_->memory + rep_->expiry.memory_bytes();
}

int64_t KeyedTable::frozen_bytes() const {
  return rep_->meter->bytes.load(std::memory_order_relaxed);
}

}  // namespace weir::state
