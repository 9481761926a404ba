#include "state/tables.h"

#include <set>

namespace weir::state {
namespace {

Error bad_spec(const StateTableSpec& spec, const std::string& why) {
  return Error(ErrorKind::invalid_argument, "state table '" + spec.name + "': " + why);
}

Result<void> check(const StateTableSpec& spec) {
  if (spec.name.empty() || spec.codec.empty()) return bad_spec(spec, "a table has a name and a codec");
  if (spec.codec_version == 0) return bad_spec(spec, "versions of a codec begin with 1");
  for (const auto& [version, migration] : spec.migrations) {
    if (version == 0 || version >= spec.codec_version || migration == nullptr) {
      return bad_spec(spec, "a migration takes a version before the present one");
    }
  }
  if (spec.kind != TableKind::keyed) return {};
  if (spec.key_layout.empty()) return bad_spec(spec, "a keyed table has the layout of its key");
  if (spec.value_bytes % 8 != 0 || spec.value_bytes > StateTableSpec::kValueBytesMax) {
    return bad_spec(spec, "the fixed part of a value has a multiple of 8 bytes, at most " +
                              std::to_string(StateTableSpec::kValueBytesMax));
  }
  if (spec.expiry_step_us <= 0) return bad_spec(spec, "the step of expiry is above 0");
  return {};
}

}  // namespace

Result<Tables> Tables::make(std::span<const StateTableSpec> specs, TaskPlace place, int64_t limit_bytes) {
  if (place.group_count == 0 || place.group_count > kKeyGroupCountMax || place.tasks == 0 ||
      place.tasks > place.group_count || place.task >= place.tasks) {
    return Error(ErrorKind::invalid_argument, "task " + std::to_string(place.task) + " of " +
                                                  std::to_string(place.tasks) + " with " +
                                                  std::to_string(place.group_count) + " key groups does not exist");
  }
  Tables tables;
  tables.place_ = place;
  std::set<std::string> names;
  for (const StateTableSpec& spec : specs) {
    WEIR_TRY(check(spec));
    if (!names.insert(spec.name).second) return bad_spec(spec, "another table of the step has this name");
    if (spec.kind == TableKind::keyed) {
      tables.tables_.emplace_back(std::make_unique<KeyedTable>(spec, place.groups(), place.group_count, limit_bytes));
    } else {
      tables.tables_.emplace_back(std::make_unique<ListTable>(spec));
    }
  }
  return tables;
}

const StateTableSpec& Tables::spec(size_t i) const {
  return std::visit([](const auto& table) -> const StateTableSpec& { return table->spec(); }, tables_[i]);
}

FrozenTables Tables::freeze() {
  FrozenTables frozen;
  frozen.reserve(tables_.size());
  for (auto& table : tables_) {
    if (auto* keyed = std::get_if<std::unique_ptr<KeyedTable>>(&table)) {
      frozen.emplace_back((*keyed)->freeze());
    } else {
      const ListTable& list = *std::get<std::unique_ptr<ListTable>>(table);
      frozen.emplace_back(FrozenList{.spec = list.spec(), .items = list.items()});
    }
  }
  return frozen;
}

int64_t Tables::memory_bytes() const {
  int64_t bytes = 0;
  for (const auto& table : tables_) bytes += std::visit([](const auto& t) { return t->memory_bytes(); }, table);
  return bytes;
}

int64_t Tables::frozen_bytes() const {
  int64_t bytes = 0;
  for (const auto& table : tables_) {
    if (const auto* keyed = std::get_if<std::unique_ptr<KeyedTable>>(&table)) bytes += (*keyed)->frozen_bytes();
  }
  return bytes;
}

}  // namespace weir::state
