#include <algorithm>

#include "expression/duck/type_mapping_internal.h"
#include "expression/duck/vector_fill_internal.h"
#include "expression/scan_internal.h"

namespace weir::expression {
namespace {

/// One execution's way through the rows.
struct ScanState {
  ScanSource* source;
  std::vector<idx_t> projected;
  int64_t next = 0;
};

void bind(duckdb_bind_info info) {
  const auto* registry = static_cast<const ScanRegistry*>(duckdb_bind_get_extra_info(info));
  const ValueHandle id(duckdb_bind_get_parameter(info, 0));
  ScanSource* source = registry->find(duckdb_get_int64(id.get()));
  if (source == nullptr) return duckdb_bind_set_error(info, "no such batch");
  for (const ScanSource::SourceColumn& column : source->columns) {
    const LogicalTypeHandle type = to_duck(*column.type);
    duckdb_bind_add_result_column(info, column.name.c_str(), type.get());
  }
  const LogicalTypeHandle row_type(duckdb_create_logical_type(DUCKDB_TYPE_INTEGER));
  duckdb_bind_add_result_column(info, source->row_column.c_str(), row_type.get());
  duckdb_bind_set_cardinality(info, duckdb_vector_size(), false);
  duckdb_bind_set_bind_data(info, source, nullptr);
}

void init(duckdb_init_info info) {
  auto* state = new ScanState{.source = static_cast<ScanSource*>(duckdb_init_get_bind_data(info)), .projected = {}};
  const idx_t count = duckdb_init_get_column_count(info);
  for (idx_t i = 0; i < count; ++i) state->projected.push_back(duckdb_init_get_column_index(info, i));
  duckdb_init_set_max_threads(info, 1);
  duckdb_init_set_init_data(info, state, [](void* data) { delete static_cast<ScanState*>(data); });
}

void fill_row_numbers(duckdb_vector vector, Rows rows) {
  auto* to = static_cast<int32_t*>(duckdb_vector_get_data(vector));
  for (int64_t i = 0; i < rows.count; ++i) to[i] = static_cast<int32_t>(rows.row(i));
}

void fill(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto* state = static_cast<ScanState*>(duckdb_function_get_init_data(info));
  ScanSource& source = *state->source;
  const int64_t left = source.batch == nullptr ? 0 : source.rows.count - state->next;
  const int64_t size = std::min(left, static_cast<int64_t>(duckdb_vector_size()));
  if (size > 0) {
    const Rows rows = source.rows.slice(state->next, size);
    const idx_t vectors = duckdb_data_chunk_get_column_count(chunk);
    for (size_t i = 0; i < state->projected.size() && i < vectors; ++i) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      const idx_t column = state->projected[i];
      if (column < source.columns.size()) {
        fill_vector(vector, source.batch->column(static_cast<size_t>(source.columns[column].index)), rows);
      } else if (column == source.columns.size()) {
        fill_row_numbers(vector, rows);
      }  // beyond: a scan that only counts rows
    }
    state->next += size;
    source.rows_handed_out += size;
  }
  duckdb_data_chunk_set_size(chunk, static_cast<idx_t>(std::max<int64_t>(size, 0)));
}

}  // namespace

void ScanSource::begin(const Batch& from, Rows these_rows) {
  for (const SourceColumn& column : columns) {
    // Vectors of one type filled from another would be read beyond their end.
    WEIR_CHECK(static_cast<size_t>(column.index) < from.columns().size());
    WEIR_CHECK(from.column(static_cast<size_t>(column.index)).type->kind() == column.type->kind());
  }
  batch = &from;
  rows = these_rows;
  rows_handed_out = 0;
}

int64_t ScanSource::end() {
  batch = nullptr;
  return rows_handed_out;
}

int64_t ScanRegistry::add(ScanSource* source) {
  const std::lock_guard lock(mutex_);
  sources_[next_id_] = source;
  return next_id_++;
}

void ScanRegistry::remove(int64_t id) {
  const std::lock_guard lock(mutex_);
  sources_.erase(id);
}

ScanSource* ScanRegistry::find(int64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto at = sources_.find(id);
  return at == sources_.end() ? nullptr : at->second;
}

Result<void> register_scan(duckdb_connection connection, ScanRegistry& registry) {
  const TableFunctionHandle function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), "weir_batch");
  const LogicalTypeHandle id_type(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_table_function_add_parameter(function.get(), id_type.get());
  duckdb_table_function_set_extra_info(function.get(), &registry, nullptr);
  duckdb_table_function_set_bind(function.get(), bind);
  duckdb_table_function_set_init(function.get(), init);
  duckdb_table_function_set_function(function.get(), fill);
  duckdb_table_function_supports_projection_pushdown(function.get(), true);
  if (duckdb_register_table_function(connection, function.get()) != DuckDBSuccess) {
    return Error(ErrorKind::internal, "DuckDB refuses the table function weir_batch");
  }
  return {};
}

}  // namespace weir::expression
