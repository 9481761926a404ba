#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "columnar/nested.h"
#include "expression/bind_context_internal.h"
#include "expression/duck/column_shape_internal.h"
#include "expression/duck/duck_guard_internal.h"
#include "expression/duck/misfit_internal.h"
#include "expression/duck/type_mapping_internal.h"
#include "expression/duck/vector_read_internal.h"
#include "expression/expression.h"
#include "expression/sql/function_catalog_internal.h"
#include "expression/sql/statement_internal.h"
#include "expression/sql/syntax_internal.h"

namespace weir::expression {
namespace {

/// One column of the output: taken from the input, or computed.
struct Output {
  Field field;
  std::vector<int> path;  ///< of a plain reference; empty: computed
  size_t item = 0;        ///< which item it comes from
};

/// One computed column.
struct Computed {
  std::string sql;
  size_t item = 0;
  size_t begin = 0;  ///< of `sql` in the item's text
  TypePtr type = nullptr;
  bool needs_cast = false;
  size_t output = 0;
};

void add_value(SqlBuilder& sql, const Computed& computed) {
  if (computed.needs_cast) sql.add("CAST(");
  sql.add_expression(computed.sql, computed.item, computed.begin);
  if (computed.needs_cast) sql.add(" AS " + to_duck_sql(*computed.type) + ")");
}

SqlBuilder values_sql(const std::vector<Computed>& computed, const Session& session) {
  SqlBuilder sql;
  sql.add("SELECT ");
  for (size_t i = 0; i < computed.size(); ++i) {
    if (i != 0) sql.add(", ");
    add_value(sql, computed[i]);
  }
  sql.add(" FROM ").add(session.from());
  return sql;
}

SqlBuilder guarded_sql(const std::vector<Computed>& computed, const Session& session) {
  SqlBuilder sql;
  sql.add("SELECT TRY(struct_pack(");
  for (size_t i = 0; i < computed.size(); ++i) {
    sql.add((i == 0 ? "v" : ", v") + std::to_string(i) + " := ");
    add_value(sql, computed[i]);
  }
  sql.add(")) FROM ").add(session.from());
  return sql;
}

/// The field that a path leads to: required only when everything on the way is.
Field field_at(const Schema& input, const std::vector<int>& path) {
  const Field* field = &input.field(static_cast<size_t>(path[0]));
  bool required = field->required;
  for (size_t i = 1; i < path.size(); ++i) {
    field = &field->type->fields()[static_cast<size_t>(path[i])];
    required &= field->required;
  }
  Field found = *field;
  found.required = required;
  return found;
}

/// What becomes of the selected rows in the computed columns. Indexes count selected rows.
struct Values {
  std::vector<ColumnPtr> columns;
  std::vector<std::pair<int64_t, std::string>> failures;  ///< ascending
};

/// The column whose name `text` is, also where that is a word of SQL ("at") or holds blanks: nothing else can be meant.
/// -1 when there is none, or others differ from it only in case, which SQL does not tell apart.
int only_column_called(const std::string& text, const Schema& input) {
  const int column = input.find(text);
  const std::string lower = to_lower(text);
  const auto same = [&](const Field& field) { return to_lower(field.name) == lower; };
  return column >= 0 && std::count_if(input.fields().begin(), input.fields().end(), same) == 1 ? column : -1;
}

}  // namespace

struct Projection::Impl {
  SchemaPtr schema;
  std::vector<Output> outputs;
  std::vector<Computed> computed;
  std::unique_ptr<Session> session;  // before the statements, which need it
  std::optional<Statement> values;
  std::optional<Statement> guarded;                    ///< made when a row first fails
  std::vector<std::unique_ptr<ColumnReader>> readers;  ///< of the batch at hand

  Result<void> read_items(Engine& engine, std::span<const SelectItem> items, const Schema& input,
                          std::set<int>& columns, TextPlace& place);
  Result<void> prepare(TextPlace& place);
  Result<void> make_schema(TextPlace& place);
  Result<Values> compute(const Batch& batch);
  Result<Values> compute_guarded(const Batch& batch, Rows rows);
  void start_columns();
  /// Reads the rows [begin, end) of a chunk that `first` rows came before.
  void read_rows(const std::function<duckdb_vector(size_t)>& vector_of, int64_t first, int64_t begin, int64_t end,
                 Values& out);
  Result<void> finish_columns(int64_t rows, Values& out);
  Result<Projected> assemble(const Batch& batch, Values values);
};

Projection::Projection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Projection::~Projection() = default;

const SchemaPtr& Projection::schema() const {
  return impl_->schema;
}

Result<std::unique_ptr<Projection>> Projection::bind(std::span<const SelectItem> items, const SchemaPtr& input,
                                                     const BindOptions& options) {
  return guard_duck([&]() -> Result<std::unique_ptr<Projection>> {
    TextPlace unused;
    WEIR_ASSIGN(const BindContext context, BindContext::from(options, unused));
    TextPlace& place = *context.place;
    auto impl = std::make_unique<Impl>();
    std::set<int> columns;
    WEIR_TRY(impl->read_items(*context.engine, items, *input, columns, place));
    if (!impl->computed.empty()) {
      WEIR_ASSIGN(impl->session, Session::open(context.engine, *input, {columns.begin(), columns.end()}));
      WEIR_TRY(impl->prepare(place));
    }
    WEIR_TRY(impl->make_schema(place));
    return std::unique_ptr<Projection>(new Projection(std::move(impl)));
  });
}

Result<void> Projection::Impl::read_items(Engine& engine, std::span<const SelectItem> items, const Schema& input,
                                          std::set<int>& columns, TextPlace& place) {
  for (size_t i = 0; i < items.size(); ++i) {
    place = {.item = i, .offset = 0};
    ParsedItem parsed;
    if (const int column = only_column_called(items[i].sql, input); column >= 0) {
      parsed.kind = ParsedItem::Kind::reference;
      parsed.path = {column};
    } else {
      WEIR_ASSIGN(parsed, parse_select_item(engine, items[i].sql, input, place.offset));
    }
    place.offset = 0;
    if (!items[i].name.empty() && !parsed.alias.empty() && items[i].name != parsed.alias) {
      return Error(ErrorKind::invalid_argument, "the column is called '" + items[i].name + "' and, in its text, '" +
                                                    parsed.alias + "'; name it once");
    }
    const std::string name = items[i].name.empty() ? parsed.alias : items[i].name;
    if (parsed.kind == ParsedItem::Kind::all_columns) {
      if (!name.empty())
        return Error(ErrorKind::invalid_argument, "'*' stands for several columns and cannot be called '" + name + "'");
      for (const int column : parsed.columns)
        outputs.push_back({.field = input.field(static_cast<size_t>(column)), .path = {column}, .item = i});
    } else if (parsed.kind == ParsedItem::Kind::reference) {
      Output output{.field = field_at(input, parsed.path), .path = parsed.path, .item = i};
      if (!name.empty()) output.field.name = name;
      outputs.push_back(std::move(output));
    } else {
      if (name.empty()) return Error(ErrorKind::invalid_argument, "the column needs a name; write: expression as name");
      columns.insert(parsed.columns.begin(), parsed.columns.end());
      computed.push_back(
          {.sql = std::move(parsed.sql), .item = i, .begin = parsed.sql_begin, .output = outputs.size()});
      outputs.push_back({.field = {.name = name, .type = nullptr}, .path = {}, .item = i});
    }
  }
  return {};
}

Result<void> Projection::Impl::prepare(TextPlace& place) {
  WEIR_ASSIGN(values, Statement::prepare(*session, values_sql(computed, *session), &place));
  bool any_cast = false;
  for (size_t i = 0; i < computed.size(); ++i) {
    place = {.item = computed[i].item, .offset = computed[i].begin};
    const LogicalTypeHandle type = values->column_type(i);
    WEIR_ASSIGN(MappedType mapped, from_duck(type.get()));
    computed[i].type = mapped.type;
    computed[i].needs_cast = mapped.needs_cast;
    any_cast |= mapped.needs_cast;
  }
  if (any_cast) {
    WEIR_ASSIGN(values, Statement::prepare(*session, values_sql(computed, *session), &place));
  }
  return {};
}

Result<void> Projection::Impl::make_schema(TextPlace& place) {
  for (const Computed& column : computed) outputs[column.output].field.type = column.type;
  std::set<std::string> names;
  std::vector<Field> fields;
  for (const Output& output : outputs) {
    place = {.item = output.item, .offset = 0};
    if (!names.insert(to_lower(output.field.name)).second) {
      return Error(ErrorKind::invalid_argument,
                   "two columns are called '" + output.field.name + "'; rename one: ... as other_name");
    }
    fields.push_back(output.field);
  }
  place = {};
  if (fields.empty()) return Error(ErrorKind::invalid_argument, "no columns are selected");
  fields = assign_ids(fields);
  for (size_t i = 0; i < outputs.size(); ++i) outputs[i].field = fields[i];
  for (Computed& column : computed) column.type = outputs[column.output].field.type;
  schema = std::make_shared<const Schema>(std::move(fields));
  return {};
}

void Projection::Impl::read_rows(const std::function<duckdb_vector(size_t)>& vector_of, int64_t first, int64_t begin,
                                 int64_t end, Values& out) {
  for (size_t i = 0; i < computed.size(); ++i) {
    duckdb_vector vector = vector_of(i);
    readers[i]->append(vector, Rows{.begin = begin, .count = end - begin}, nullptr);
    find_misfits(vector, *computed[i].type, begin, end, [&](int64_t row, const std::string& reason) {
      out.failures.emplace_back(first + row, "'" + outputs[computed[i].output].field.name + "': " + reason);
    });
  }
}

Result<void> Projection::Impl::finish_columns(int64_t rows, Values& out) {
  for (const auto& reader : readers) {
    if (reader->length() != rows)
      return Error(ErrorKind::internal,
                   "DuckDB gave " + std::to_string(reader->length()) + " rows for " + std::to_string(rows));
    WEIR_ASSIGN(ColumnPtr column, reader->finish());
    out.columns.push_back(std::move(column));
  }
  std::stable_sort(out.failures.begin(), out.failures.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  return {};
}

void Projection::Impl::start_columns() {
  readers.clear();
  for (const Computed& column : computed) readers.push_back(ColumnReader::make(column.type));
}

Result<Values> Projection::Impl::compute(const Batch& batch) {
  const Rows rows = selected_rows(batch);
  start_columns();
  Values out;
  WEIR_ASSIGN(const Execution execution,
              values->run(batch, rows, [&](duckdb_data_chunk chunk, int64_t first, int64_t count) {
                read_rows([&](size_t i) { return duckdb_data_chunk_get_vector(chunk, i); }, first, 0, count, out);
              }));
  if (!execution.complete) return compute_guarded(batch, rows);
  WEIR_TRY(finish_columns(rows.count, out));
  return out;
}

Result<Values> Projection::Impl::compute_guarded(const Batch& batch, Rows rows) {
  if (!guarded) {
    WEIR_ASSIGN(guarded, Statement::prepare(*session, guarded_sql(computed, *session), nullptr));
  }
  start_columns();
  Values out;
  const auto fail = [&](int64_t index, std::string message) {
    for (const auto& reader : readers) reader->append_nulls(1);
    out.failures.emplace_back(index, std::move(message));
  };
  const auto read = [&](duckdb_data_chunk chunk, int64_t first, int64_t count) {
    duckdb_vector pack = duckdb_data_chunk_get_vector(chunk, 0);
    uint64_t* validity = duckdb_vector_get_validity(pack);
    const auto read_run = [&](int64_t begin, int64_t end) {
      if (begin < end)
        read_rows([&](size_t i) { return duckdb_struct_vector_get_child(pack, i); }, first, begin, end, out);
    };
    int64_t begin = 0;
    for (int64_t i = 0; validity != nullptr && i < count; ++i) {
      if (duckdb_validity_row_is_valid(validity, static_cast<idx_t>(i))) continue;
      read_run(begin, i);
      begin = i + 1;
      fail(first + i, std::string());
    }
    read_run(begin, count);
  };
  WEIR_TRY(guarded->run_without_failures(batch, rows, read, fail));
  WEIR_TRY(finish_columns(rows.count, out));
  for (auto& [row, message] : out.failures) {
    if (!message.empty()) continue;
    WEIR_ASSIGN(message, values->reason(batch, static_cast<int32_t>(rows.row(row)),
                                        "the select list has no value for this row"));
  }
  return out;
}

Result<Projected> Projection::Impl::assemble(const Batch& batch, Values computed_values) {
  const Rows rows = selected_rows(batch);
  const bool dense = batch.all_selected();
  // Making the plain columns dense copies them; spreading the computed ones out touches every physical row.
  const bool keep = dense || batch.rows() * 2 >= batch.physical_rows();
  std::vector<ColumnPtr> columns(outputs.size());
  for (size_t i = 0; i < computed.size(); ++i) {
    const ColumnPtr& column = computed_values.columns[i];
    columns[computed[i].output] = dense || !keep ? column : spread(*column, batch.selection(), batch.physical_rows());
  }
  Projected out;
  Batch plain = batch;
  if (!keep) {
    std::vector<ColumnPtr> sources;
    for (const Output& output : outputs) {
      if (!output.path.empty()) sources.push_back(column_at(batch, output.path));
    }
    plain = batch.with_columns(schema, std::move(sources)).compact();
  }
  size_t next = 0;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].path.empty()) continue;
    columns[i] = retype(keep ? column_at(batch, outputs[i].path) : plain.columns()[next++], outputs[i].field.type);
  }
  out.batch = plain.with_columns(schema, std::move(columns));
  if (computed_values.failures.empty()) return out;
  std::vector<int32_t> good;
  auto failure = computed_values.failures.begin();
  for (int64_t i = 0; i < rows.count; ++i) {
    if (failure == computed_values.failures.end() || failure->first != i) {
      good.push_back(static_cast<int32_t>(keep ? rows.row(i) : i));
      continue;
    }
    out.failures.push_back({.row = static_cast<int32_t>(rows.row(i)), .message = std::move(failure->second)});
    while (failure != computed_values.failures.end() && failure->first == i) ++failure;
  }
  out.batch = out.batch.with_selection(std::move(good));
  return out;
}

Result<Projected> Projection::apply(const Batch& batch) {
  return guard_duck([&]() -> Result<Projected> {
    Values values;
    if (impl_->computed.empty()) {
      std::vector<ColumnPtr> columns;
      for (const Output& output : impl_->outputs)
        columns.push_back(retype(column_at(batch, output.path), output.field.type));
      return Projected{.batch = batch.with_columns(impl_->schema, std::move(columns)), .failures = {}};
    }
    WEIR_ASSIGN(values, impl_->compute(batch));
    return impl_->assemble(batch, std::move(values));
  });
}

}  // namespace weir::expression
