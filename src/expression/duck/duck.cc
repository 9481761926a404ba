#include <algorithm>
#include <array>
#include <vector>

#include "base/exception_guard.h"
#include "base/utf8.h"
#include "expression/duck/duck_guard_internal.h"
#include "expression/duck/duck_internal.h"
#include "expression/duck/json_internal.h"
#include "expression/expression.h"

namespace weir::expression {
namespace {

struct ErrorName {
  std::string_view name;
  duckdb_error_type type;
};

/// The exception types that must be told apart where DuckDB gives only a text.
constexpr std::array<ErrorName, 13> kErrorNames = {{{"Conversion", DUCKDB_ERROR_CONVERSION},
                                                    {"Out of Range", DUCKDB_ERROR_OUT_OF_RANGE},
                                                    {"Invalid Input", DUCKDB_ERROR_INVALID_INPUT},
                                                    {"Out of Memory", DUCKDB_ERROR_OUT_OF_MEMORY},
                                                    {"INTERRUPT", DUCKDB_ERROR_INTERRUPT},
                                                    {"INTERNAL", DUCKDB_ERROR_INTERNAL},
                                                    {"FATAL", DUCKDB_ERROR_FATAL},
                                                    {"IO", DUCKDB_ERROR_IO},
                                                    {"Permission", DUCKDB_ERROR_PERMISSION},
                                                    {"Parser", DUCKDB_ERROR_PARSER},
                                                    {"Binder", DUCKDB_ERROR_BINDER},
                                                    {"Catalog", DUCKDB_ERROR_CATALOG},
                                                    {"Not implemented", DUCKDB_ERROR_NOT_IMPLEMENTED}}};

duckdb_error_type type_by_name(std::string_view name) {
  for (const ErrorName& known : kErrorNames) {
    if (known.name == name) return known.type;
  }
  return DUCKDB_ERROR_INVALID;
}

/// One line of bounded length, without lists of candidates and excerpts of the wrapped statement.
std::string clean(std::string message) {
  for (const std::string_view noise :
       {"\n\nLINE ", "\nLINE ", "\n\tCandidate functions:", "\n\tCandidate macros:", "\nCandidate bindings",
        " Use \"SET ", "\n\nStack Trace", "\n* Use ", "\n\nPossible solutions"}) {
    const size_t at = message.find(noise);
    if (at != std::string::npos) message.resize(at);
  }
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ' || message.back() == '\t'))
    message.pop_back();
  if (!is_utf8_text(message)) message = as_utf8(message);
  std::replace_if(
      message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  if (message.size() > kFailureBytesMax) {
    size_t end = kFailureBytesMax - 3;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;  // not inside a UTF-8 sequence
    message.resize(end);
    message += "...";
  }
  return message;
}

/// DuckDB takes its zone and its calendar from TZ and the locale. `SET GLOBAL` holds for connections to come, too;
/// settings given to open() must not name what an extension adds.
Result<void> ignore_environment(const DatabaseHandle& database) {
  WEIR_ASSIGN(const ConnectionHandle connection, connect_duck(database));
  WEIR_TRY(run_statement(connection.get(), "SET GLOBAL TimeZone = 'UTC'"));
  return run_statement(connection.get(), "SET GLOBAL Calendar = 'gregorian'");
}

}  // namespace

bool DuckError::is_about_a_row() const {
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
    case DUCKDB_ERROR_INTERRUPT:
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_TRANSACTION:
    case DUCKDB_ERROR_CONNECTION:
    case DUCKDB_ERROR_SCHEDULER:
    case DUCKDB_ERROR_EXECUTOR:
    case DUCKDB_ERROR_PERMISSION: return false;
    default: return true;
  }
}

Error DuckError::to_error() const {
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return Error(ErrorKind::resource_exhausted, "SQL evaluation is out of memory: " + message);
    case DUCKDB_ERROR_INTERRUPT: return Error(ErrorKind::cancelled, "SQL evaluation was interrupted");
    case DUCKDB_ERROR_IO: {
      const bool is_exhausted = message.find("Too many open files") != std::string::npos ||
                                message.find("Cannot allocate memory") != std::string::npos;
      return Error(is_exhausted ? ErrorKind::resource_exhausted : ErrorKind::io, message);
    }
    case DUCKDB_ERROR_PERMISSION: return Error(ErrorKind::permission_denied, message);
    case DUCKDB_ERROR_NOT_IMPLEMENTED: return Error(ErrorKind::unsupported, message);
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL: return Error(ErrorKind::internal, "DuckDB: " + message);
    default: return Error(ErrorKind::invalid_argument, message);
  }
}

DuckError read_duck_error(const char* text, duckdb_error_type type) {
  DuckError error;
  error.type = type;
  std::string_view rest = text == nullptr ? "no reason given" : text;
  const size_t brace = rest.find('{');
  if (brace != std::string_view::npos) {
    const JsonValue json = parse_json(rest.substr(brace));
    if (const JsonValue* message = json.find("exception_message")) {
      if (type == DUCKDB_ERROR_INVALID) error.type = type_by_name(json.text_of("exception_type"));
      error.message = clean(message->text);
      const std::string_view position = json.text_of("position");
      if (!position.empty()) error.position = std::strtoll(std::string(position).c_str(), nullptr, 10);
      return error;
    }
  }
  const size_t colon = rest.find(" Error: ");
  if (colon < 32) {
    if (type == DUCKDB_ERROR_INVALID) error.type = type_by_name(rest.substr(0, colon));
    rest.remove_prefix(colon + 8);
  }
  error.message = clean(std::string(rest));
  return error;
}

DuckError error_of(ResultHandle& result) {
  return read_duck_error(duckdb_result_error(&result.get()), duckdb_result_error_type(&result.get()));
}

Error duck_error_of_current_exception() {
  Error error = error_of_current_exception("DuckDB");
  if (error.kind() != ErrorKind::internal) return error;
  try {
    throw;
  } catch (const std::exception& exception) {
    const DuckError known = read_duck_error(exception.what());
    return known.type == DUCKDB_ERROR_INVALID ? error : known.to_error();
  } catch (...) {
    return error;
  }
}

Result<DatabaseHandle> open_duck(int64_t memory_bytes_max, std::initializer_list<DuckSetting> more) {
  std::vector<DuckSetting> settings = {
      {"threads", "1"},
      {"memory_limit", std::to_string(memory_bytes_max) + "B"},
      {"temp_directory", ""},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"errors_as_json", "true"},
  };
  settings.insert(settings.end(), more);
  ConfigHandle config;
  duckdb_create_config(config.out());
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config.get(), name, value.c_str()) != DuckDBSuccess)
      return Error(ErrorKind::internal, std::string("DuckDB does not know the setting ") + name);
  }
  DatabaseHandle database;
  char* reason = nullptr;
  if (duckdb_open_ext(nullptr, database.out(), config.get(), &reason) != DuckDBSuccess) {
    const DuckError error = read_duck_error(reason);
    duckdb_free(reason);
    return Error(ErrorKind::internal, "opening DuckDB: " + error.message);
  }
  WEIR_TRY(ignore_environment(database));
  return database;
}

Result<ConnectionHandle> connect_duck(const DatabaseHandle& database) {
  ConnectionHandle connection;
  if (duckdb_connect(database.get(), connection.out()) != DuckDBSuccess)
    return Error(ErrorKind::internal, "DuckDB gives no connection");
  return connection;
}

std::string quote_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string quote_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

Result<void> run_statement(duckdb_connection connection, const std::string& sql) {
  ResultHandle result;
  if (duckdb_query(connection, sql.c_str(), result.out()) != DuckDBSuccess) {
    return Error(ErrorKind::internal, "'" + sql.substr(0, 120) + "': " + error_of(result).message);
  }
  return {};
}

}  // namespace weir::expression
