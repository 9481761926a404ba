#include "state/restore.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/hash.h"
#include "state/restore_internal.h"

namespace weir::state {
namespace {

constexpr size_t kEntriesAtOnce = 1'024;

Error corrupt(const StateTableSpec& spec, const std::string& what) {
  return Error(ErrorKind::corrupt, "state table '" + spec.name + "': " + what);
}

/// Brings a stored value to the present version of its codec.
Result<StoredValue> migrate(const StateTableSpec& spec, uint32_t version, const EntryView& entry) {
  StoredValue value{.fixed = std::string(entry.value), .payload = std::string(entry.payload)};
  for (; version < spec.codec_version; ++version) {
    WEIR_ASSIGN(value, spec.migrations.at(version)(std::move(value)));
  }
  if (spec.kind == TableKind::keyed &&
      (value.fixed.size() != spec.value_bytes || (!spec.has_payload && !value.payload.empty()))) {
    return corrupt(spec, "a migration made a value of another size");
  }
  return value;
}

/// Takes entries of one section into a keyed table, many at a time.
class EntryLoader {
 public:
  EntryLoader(KeyedTable& table, uint32_t version, uint32_t group, uint32_t group_count)
      : table_(table), version_(version), group_(group), group_count_(group_count) {}

  Result<void> add(const EntryView& entry) {
    if (entry.key.empty()) return corrupt(table_.spec(), "a key without bytes");
    const uint64_t hash = hash64(entry.key);
    if (key_group_of(hash, group_count_) != group_) return corrupt(table_.spec(), "a key in another key's group");
    keys_.ends.resize(std::max<size_t>(keys_.ends.size(), 1));
    keys_.hashes.push_back(hash);
    keys_.bytes.insert(keys_.bytes.end(), entry.key.begin(), entry.key.end());
    keys_.ends.push_back(static_cast<uint32_t>(keys_.bytes.size()));
    windows_.push_back(entry.window);
    expiries_.push_back(entry.expires_at_us);
    WEIR_ASSIGN(values_.emplace_back(), migrate(table_.spec(), version_, entry));
    return keys_.size() == kEntriesAtOnce ? flush() : Result<void>();
  }

  Result<void> flush() {
    const StateTableSpec& spec = table_.spec();
    WEIR_TRY(table_.find_or_insert(
        keys_, {.windows = spec.is_windowed ? std::span<const int64_t>(windows_) : std::span<const int64_t>()},
        entries_));
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (!entries_[i].inserted) return corrupt(spec, "a key twice");
      std::memcpy(entries_[i].value, values_[i].fixed.data(), spec.value_bytes);
      if (spec.expires) table_.set_expiry(entries_[i], expiries_[i]);
      if (spec.has_payload) WEIR_TRY(table_.set_payload(entries_[i], values_[i].payload));
    }
    keys_.hashes.clear();
    keys_.bytes.clear();
    keys_.ends.assign(1, 0);
    windows_.clear();
    expiries_.clear();
    values_.clear();
    return {};
  }

 private:
  KeyedTable& table_;
  uint32_t version_;
  uint32_t group_;
  uint32_t group_count_;
  KeyBatch keys_;
  std::vector<int64_t> windows_;
  std::vector<int64_t> expiries_;
  std::vector<StoredValue> values_;
  std::vector<Entry> entries_;
};

/// The items of one list over all tasks of the checkpoint.
using Items = std::map<std::string, std::string, std::less<>>;

class StepRestorer {
 public:
  StepRestorer(const StepDescription& stored, Tables& tables) : stored_(stored), tables_(tables) {}

  /// Which table of the task takes which stored one. Errors: unsupported for a table that does not fit.
  Result<void> match() {
    for (size_t i = 0; i < tables_.size(); ++i) {
      for (const TableDescription& description : stored_.tables) {
        if (description.name != tables_.spec(i).name) continue;
        const MatchedTable matched = match_table(stored_.name, description, tables_.spec(i));
        if (matched.match == TableMatch::refused) {
          return Error(ErrorKind::unsupported,
                       "state table '" + matched.table + "' of step '" + matched.step + "': " + matched.why);
        }
        by_name_.emplace(description.name, i);
      }
    }
    return {};
  }

  bool wants(const PartReference& part) const {
    if (part.has_lists && has_list()) return true;
    const KeyGroupRange own = tables_.place().groups();
    return part.groups.begin < own.end && own.begin < part.groups.end;
  }

  Result<void> take(std::string_view part) {
    WEIR_ASSIGN(const PartHeader header, read_part_header(part));
    if (header.step != stored_.name || header.tables != stored_.tables ||
        header.group_count != tables_.place().group_count) {
      return Error(ErrorKind::corrupt, "a part of a state checkpoint is of another step than its manifest says");
    }
    for (const Section& section : header.sections) {
      const TableDescription& description = header.tables[section.table];
      const auto at = by_name_.find(description.name);
      if (at == by_name_.end()) continue;
      if (description.kind != TableKind::keyed) {
        WEIR_TRY(take_list(part, header, section, at->second));
      } else if (tables_.place().groups().contains(section.group)) {
        EntryLoader loader(tables_.keyed(at->second), description.codec_version, section.group, header.group_count);
        WEIR_TRY(visit_entries(part, header, section, [&](const EntryView& entry) { return loader.add(entry); }));
        WEIR_TRY(loader.flush());
      }
    }
    return {};
  }

  /// Deals the lists, once all parts were taken.
  Result<void> finish() {
    for (const auto& [index, items] : items_) {
      const bool is_dealt = tables_.spec(index).kind == TableKind::dealt && stored_.tasks != tables_.place().tasks;
      uint32_t turn = 0;
      for (const auto& [name, value] : items) {
        if (is_dealt && turn++ % tables_.place().tasks != tables_.place().task) continue;
        WEIR_TRY(tables_.list(index).put(name, value));
      }
    }
    return {};
  }

 private:
  bool has_list() const {
    for (size_t i = 0; i < tables_.size(); ++i) {
      if (tables_.spec(i).kind != TableKind::keyed && by_name_.contains(tables_.spec(i).name)) return true;
    }
    return false;
  }

  Result<void> take_list(std::string_view part, const PartHeader& header, const Section& section, size_t index) {
    const StateTableSpec& spec = tables_.spec(index);
    const bool is_own = header.task == tables_.place().task;
    if (spec.kind == TableKind::dealt && stored_.tasks == tables_.place().tasks && !is_own) return {};
    const uint32_t version = header.tables[section.table].codec_version;
    return visit_entries(part, header, section, [&](const EntryView& entry) -> Result<void> {
      WEIR_ASSIGN(StoredValue value, migrate(spec, version, entry));
      if (!items_[index].emplace(entry.key, std::move(value.payload)).second) {
        return corrupt(spec, "two items are called '" + std::string(entry.key) + "'");
      }
      return {};
    });
  }

  const StepDescription& stored_;
  Tables& tables_;
  std::map<std::string, size_t> by_name_;
  std::map<size_t, Items> items_;
};

}  // namespace

Result<void> restore_tables(const CheckpointStore& store, const Manifest& manifest, const std::string& step,
                            Tables& tables) {
  const StepDescription* stored = find_step(manifest, step);
  if (stored == nullptr) return {};
  StepRestorer restorer(*stored, tables);
  WEIR_TRY(restorer.match());
  if (manifest.group_count != tables.place().group_count) {
    return Error(ErrorKind::unsupported, "the checkpoint has " + std::to_string(manifest.group_count) +
                                             " key groups and the pipeline " +
                                             std::to_string(tables.place().group_count));
  }
  for (const PartReference& reference : manifest.parts) {
    if (&manifest.steps[reference.step] != stored || !restorer.wants(reference)) continue;
    WEIR_ASSIGN(const std::string part, store.load_part(reference));
    Result<void> taken = restorer.take(part);
    if (!taken.ok()) return std::move(taken).error().with_context("'" + store.uri(reference.name) + "'");
  }
  return restorer.finish();
}

}  // namespace weir::state
