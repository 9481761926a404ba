/// \file
/// The edge to DuckDB: its C API throws where memory or file descriptors are missing.
#pragma once

#include <exception>
#include <new>

#include "expression/duck/duck_internal.h"

namespace weir::expression {

/// The error that the exception being handled stands for.
Error duck_error_of_current_exception();

/// Calls `call`, which returns a Result, and makes an error of what DuckDB, or our own code beside it, throws.
template <typename Call>
auto guard_duck(Call&& call) -> decltype(call()) {
  try {
    return call();
  } catch (...) {
    return duck_error_of_current_exception();
  }
}

}  // namespace weir::expression
