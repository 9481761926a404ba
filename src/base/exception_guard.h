/// \file
/// The edge at which exceptions of libraries become errors.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "base/result.h"

namespace weir {

/// The error that an exception of `library` stands for: resource_exhausted for memory and threads that are not to be
/// had, else internal with what it says. Call it in a handler.
Error error_of_current_exception(std::string_view library);

/// Calls `call`, which returns a Result, and makes an error of whatever it throws. Memory that cannot be had is an
/// error like others; what `call` was working on is in an unknown state then, and must not be used again.
template <typename Call>
auto guard_exceptions(std::string_view library, Call&& call) -> decltype(call()) {
  try {
    return std::forward<Call>(call)();
  } catch (...) {
    return error_of_current_exception(library);
  }
}

}  // namespace weir
