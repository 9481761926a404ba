#include "expression/engine.h"

#include <utility>

#include "expression/duck/duck_guard_internal.h"
#include "expression/duck/engine_internal.h"

namespace weir::expression {
namespace {

Result<DatabaseHandle> open_database(const EngineOptions& options) {
  return open_duck(options.memory_bytes_max,
                   {
                       {"enable_external_access", "false"},
                       // in_clause turns long IN lists into joins, which cost 100 us a batch. statistics_propagation
                       // keeps what it saw when the statement was prepared. common_subexpressions computes what CASE,
                       // AND and OR guard before the guard. reorder_filter could move a guard.
                       {"disabled_optimizers", "in_clause,statistics_propagation,common_subexpressions,reorder_filter"},
                       {"max_expression_depth", "300"},
                   });
}

}  // namespace

Result<JsonValue> Engine::Impl::parse(std::string_view sql) {
  const std::lock_guard lock(parse_mutex_);
  duckdb_bind_varchar_length(parse_statement_.get(), 1, sql.data(), sql.size());
  ResultHandle result;
  if (duckdb_execute_prepared(parse_statement_.get(), result.out()) != DuckDBSuccess) {
    return error_of(result).to_error();
  }
  const ChunkHandle chunk(duckdb_fetch_chunk(result.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) != 1)
    return Error(ErrorKind::internal, "DuckDB gives no syntax tree");
  return parse_json(
      to_view(*static_cast<duckdb_string_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)))));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::shared_ptr<Engine>> Engine::open(const EngineOptions& options) {
  return guard_duck([&]() -> Result<std::shared_ptr<Engine>> {
    auto impl = std::make_unique<Impl>();
    WEIR_ASSIGN(impl->database, open_database(options));
    WEIR_ASSIGN(ConnectionHandle connection, connect_duck(impl->database));
    WEIR_TRY(register_scan(connection.get(), impl->registry));
    WEIR_TRY(run_statement(connection.get(), "SET lock_configuration = true"));
    const char* parse =
        "SELECT CAST(json_serialize_sql(CAST($1 AS VARCHAR), skip_null := true, skip_empty := true) AS VARCHAR)";
    if (duckdb_prepare(connection.get(), parse, impl->parse_statement_.out()) != DuckDBSuccess) {
      return Error(ErrorKind::internal,
                   "DuckDB does not give syntax trees: " +
                       read_duck_error(duckdb_prepare_error(impl->parse_statement_.get())).message);
    }
    impl->parse_connection_ = std::move(connection);
    WEIR_TRY(impl->functions.load(impl->parse_connection_.get(),
                                  [raw = impl.get()](std::string_view sql) { return raw->parse(sql); }));
    return std::shared_ptr<Engine>(new Engine(std::move(impl)));
  });
}

Result<std::shared_ptr<Engine>> Engine::shared() {
  static std::mutex mutex;
  static std::weak_ptr<Engine> last;
  const std::lock_guard lock(mutex);
  if (std::shared_ptr<Engine> engine = last.lock()) return engine;
  WEIR_ASSIGN(std::shared_ptr<Engine> engine, Engine::open());
  last = engine;
  return engine;
}

}  // namespace weir::expression
