/// \file
/// DuckDB's C handles as values that close themselves, and its errors as ours.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <duckdb.h>

#include "base/result.h"

namespace weir::expression {

/// Owns one handle of a C type that is destroyed through a pointer to it.
template <typename T, void (*destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T value) : value_(value) {}
  Handle(Handle&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      value_ = std::exchange(other.value_, T{});
    }
    return *this;
  }
  ~Handle() { reset(); }

  T get() const { return value_; }
  /// For functions that fill the handle in.
  T* out() {
    reset();
    return &value_;
  }
  explicit operator bool() const { return value_ != nullptr; }

 private:
  void reset() {
    try {
      if (value_ != nullptr) destroy(&value_);
    } catch (...) {  // out of memory while it gives memory back: what is left is the process's end to free
    }
    value_ = T{};
  }
  T value_{};
};

using DatabaseHandle = Handle<duckdb_database, &duckdb_close>;
using ConnectionHandle = Handle<duckdb_connection, &duckdb_disconnect>;
using ConfigHandle = Handle<duckdb_config, &duckdb_destroy_config>;
using PreparedHandle = Handle<duckdb_prepared_statement, &duckdb_destroy_prepare>;
using PendingHandle = Handle<duckdb_pending_result, &duckdb_destroy_pending>;
using ChunkHandle = Handle<duckdb_data_chunk, &duckdb_destroy_data_chunk>;
using LogicalTypeHandle = Handle<duckdb_logical_type, &duckdb_destroy_logical_type>;
using TableFunctionHandle = Handle<duckdb_table_function, &duckdb_destroy_table_function>;
using ValueHandle = Handle<duckdb_value, &duckdb_destroy_value>;

/// A result; valid after any call that filled it, also a failed one.
class ResultHandle {
 public:
  ResultHandle() = default;
  ResultHandle(ResultHandle&& other) noexcept : result_(std::exchange(other.result_, duckdb_result{})) {}
  ResultHandle& operator=(ResultHandle&& other) noexcept {
    std::swap(result_, other.result_);
    return *this;
  }
  ~ResultHandle() {
    try {
      duckdb_destroy_result(&result_);
    } catch (...) {  // as in Handle
    }
  }
  duckdb_result* out() {
    duckdb_destroy_result(&result_);
    result_ = duckdb_result{};
    return &result_;
  }
  duckdb_result& get() { return result_; }

 private:
  duckdb_result result_{};
};

/// What DuckDB said, without its decorations.
struct DuckError {
  duckdb_error_type type = DUCKDB_ERROR_INVALID;
  std::string message;
  int64_t position = -1;  ///< byte in the statement's text; -1 when it does not say

  /// True when another row of the same batch may well succeed.
  bool is_about_a_row() const;
  /// As an error of ours, for what is no row's fault.
  Error to_error() const;
};

/// Reads an error text, in DuckDB's JSON form (errors_as_json) or plain. `type` may be DUCKDB_ERROR_INVALID when
/// unknown.
DuckError read_duck_error(const char* text, duckdb_error_type type = DUCKDB_ERROR_INVALID);

/// The error of a result that failed, or whose chunks came to an end because of one.
DuckError error_of(ResultHandle& result);

/// A name of DuckDB's configuration and its value.
using DuckSetting = std::pair<const char*, std::string>;

/// An in-memory DuckDB with one thread, no spilling to disk and no extensions; its errors are JSON; zone UTC and the
/// Gregorian calendar on every connection, whatever the process's environment says. `more` is set besides.
Result<DatabaseHandle> open_duck(int64_t memory_bytes_max, std::initializer_list<DuckSetting> more = {});
Result<ConnectionHandle> connect_duck(const DatabaseHandle& database);

/// A duckdb_string_t's bytes.
inline std::string_view to_view(const duckdb_string_t& text) {
  return {text.value.inlined.length <= 12 ? text.value.inlined.inlined : text.value.pointer.ptr,
          text.value.inlined.length};
}

/// "name" with quotes inside doubled.
std::string quote_identifier(std::string_view name);
/// 'text' with quotes inside doubled.
std::string quote_literal(std::string_view text);

/// Runs statements of ours whose result does not matter.
Result<void> run_statement(duckdb_connection connection, const std::string& sql);

}  // namespace weir::expression
