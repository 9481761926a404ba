/// \file
/// A table of keyed state: found and changed a batch at a time, expired by event time, frozen without a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/frozen_table.h"
#include "state/key_groups.h"
#include "state/key_layout.h"
#include "state/table_spec.h"

namespace weir::state {

/// Where an entry is. Valid until the table is next changed by find_or_insert, erase, set_payload of the same entry,
/// drop_due or freeze.
struct Entry {
  std::byte* value = nullptr;  ///< spec().value_bytes bytes, at an address that 8 divides; may be written to
  uint32_t ref = 0;
  uint32_t group = 0;     ///< key group
  bool inserted = false;  ///< was not there before: its value is all zero
};

/// The rows of a KeyBatch that are meant, and their windows.
struct KeyRows {
  /// Indexes into the batch; all rows when `all`.
  std::span<const uint32_t> rows = {};
  bool all = true;
  /// Of windowed tables: one a row that is meant.
  std::span<const int64_t> windows = {};

  size_t size(const KeyBatch& keys) const { return all ? keys.size() : rows.size(); }
  size_t row(size_t i) const { return all ? i : rows[i]; }
};

/// One thread at a time. Nothing depends on the order of hashes: what is visited is visited in the order of
/// (expiry, window, key bytes) within a key group, groups ascending.
class KeyedTable {
 public:
  /// `limit_bytes` bounds memory_bytes(): an insertion above it is refused.
  KeyedTable(StateTableSpec spec, KeyGroupRange groups, uint32_t group_count, int64_t limit_bytes);
  ~KeyedTable();
  KeyedTable(KeyedTable&&) noexcept;
  KeyedTable& operator=(KeyedTable&&) = delete;

  const StateTableSpec& spec() const;
  KeyGroupRange groups() const;
  uint64_t size() const;

  /// Finds the entry of each key, or makes it with a value of zeros that never expires. out[i] is of the i-th row that
  /// is meant; rows with the same key get the same entry, the first of them `inserted`. All keys belong to groups().
  /// Errors: resource_exhausted when the table would grow above its limit: it is then as if the rest of the batch had
  /// not been looked up.
  Result<void> find_or_insert(const KeyBatch& keys, const KeyRows& rows, std::vector<Entry>& out);
  /// As find_or_insert, but makes nothing: `value` is null where the key is not there. The values must not be written
  /// to.
  void find(const KeyBatch& keys, const KeyRows& rows, std::vector<Entry>& out) const;
  void erase(const Entry& entry);

  std::string_view key(const Entry& entry) const;
  int64_t window(const Entry& entry) const;
  std::string_view payload(const Entry& entry) const;
  /// Replaces the variable part of the entry, which moves when it grows: `entry` is made good. Errors: limit_exceeded
  /// above kPayloadBytesMax; resource_exhausted.
  Result<void> set_payload(Entry& entry, std::string_view bytes);

  /// When the entry goes, in microseconds of event time; kNever: not by itself.
  int64_t expiry(const Entry& entry) const;
  void set_expiry(const Entry& entry, int64_t at_us);

  /// Entries whose bucket has passed when event time has come to `until_us`: those that expire at or before the last
  /// multiple of expiry_step_us there. Earliest bucket first, at most about `count_max` at a time (never less than the
  /// due ones of one bucket in one group); empty when nothing is due. Look at them, then drop_due(); between the two
  /// only freeze() may be called. An entry that was not dropped is due again after a restore.
  std::span<const Entry> due(int64_t until_us, size_t count_max);
  /// Erases what due() gave last.
  void drop_due();
  /// Drops all that is due without a look.
  void expire(int64_t until_us);

  /// The entries of one group in order.
  std::vector<Entry> entries_of(uint32_t group);

  /// The table as it is now, which may be read by another thread. On the table's own thread; O(groups). What is
  /// changed afterwards is copied first, page by page, as long as the frozen copy holds the page.
  FrozenTable freeze();

  /// Bytes asked of the allocator for what the table holds now. O(1).
  int64_t memory_bytes() const;
  /// Bytes that only frozen copies of this table hold: at most memory_bytes() at the time of each freeze(). O(1).
  int64_t frozen_bytes() const;

 private:
  class Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace weir::state
