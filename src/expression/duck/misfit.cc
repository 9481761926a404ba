#include <algorithm>

#include "base/civil_time.h"
#include "expression/duck/misfit_internal.h"

namespace weir::expression {
namespace {

bool is_present(duckdb_vector vector, int64_t i) {
  const uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity == nullptr || ((validity[i >> 6] >> (i & 63)) & 1) != 0;
}

bool may_misfit(const Type& type) {
  switch (type.kind()) {
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return true;
    default:
      return std::any_of(type.fields().begin(), type.fields().end(),
                         [](const Field& field) { return may_misfit(*field.type); });
  }
}

// DuckDB's infinities are the largest number and its negative, so outside as well.
bool is_outside(int32_t days) {
  return days < kDayMin || days >= kDayEnd;
}
bool is_outside(int64_t micros) {
  return micros < kInstantMin || micros >= kInstantEnd;
}
bool is_outside_of_day(int64_t micros) {
  return micros < 0 || micros >= kMicrosPerDay;
}

/// False when a quick look at the plain values says that all of them fit.
bool worth_a_look(duckdb_vector vector, const Type& type, int64_t begin, int64_t end) {
  const void* data = duckdb_vector_get_data(vector);
  const auto* days = static_cast<const int32_t*>(data);
  const auto* micros = static_cast<const int64_t*>(data);
  switch (type.kind()) {
    case TypeKind::date: return std::any_of(days + begin, days + end, [](int32_t value) { return is_outside(value); });
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
      return std::any_of(micros + begin, micros + end, [](int64_t value) { return is_outside(value); });
    case TypeKind::time: return std::any_of(micros + begin, micros + end, is_outside_of_day);
    default: return true;
  }
}

const char* misfit(duckdb_vector vector, const Type& type, int64_t i);

const char* misfit_inside(duckdb_vector vector, const Type& type, int64_t i) {
  if (type.kind() == TypeKind::structure) {
    for (size_t field = 0; field < type.fields().size(); ++field) {
      if (const char* reason = misfit(duckdb_struct_vector_get_child(vector, field), *type.fields()[field].type, i))
        return reason;
    }
    return nullptr;
  }
  const duckdb_list_entry entry = static_cast<const duckdb_list_entry*>(duckdb_vector_get_data(vector))[i];
  duckdb_vector child = duckdb_list_vector_get_child(vector);
  for (size_t field = 0; field < type.fields().size(); ++field) {
    duckdb_vector values = type.kind() == TypeKind::map ? duckdb_struct_vector_get_child(child, field) : child;
    for (uint64_t element = entry.offset; element < entry.offset + entry.length; ++element) {
      if (const char* reason = misfit(values, *type.fields()[field].type, static_cast<int64_t>(element))) return reason;
    }
  }
  return nullptr;
}

const char* misfit(duckdb_vector vector, const Type& type, int64_t i) {
  if (!may_misfit(type) || !is_present(vector, i)) return nullptr;
  const void* data = duckdb_vector_get_data(vector);
  switch (type.kind()) {
    case TypeKind::date:
      return is_outside(static_cast<const int32_t*>(data)[i]) ? "a date outside the years 1 to 9999" : nullptr;
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
      return is_outside(static_cast<const int64_t*>(data)[i]) ? "a timestamp outside the years 1 to 9999" : nullptr;
    case TypeKind::time:
      return is_outside_of_day(static_cast<const int64_t*>(data)[i]) ? "24:00:00 is not a time of the day" : nullptr;
    default: return misfit_inside(vector, type, i);
  }
}

}  // namespace

void find_misfits(duckdb_vector vector, const Type& type, int64_t begin, int64_t end,
                  const std::function<void(int64_t row, std::string reason)>& on_misfit) {
  if (!may_misfit(type) || !worth_a_look(vector, type, begin, end)) return;
  for (int64_t i = begin; i < end; ++i) {
    if (const char* reason = misfit(vector, type, i)) on_misfit(i, reason);
  }
}

}  // namespace weir::expression
