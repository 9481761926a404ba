#include "base/exception_guard.h"

namespace weir {

Error error_of_current_exception(std::string_view library) {
  const std::string name(library);
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::resource_exhausted, name + ": out of memory");
  } catch (const std::system_error& error) {
    const bool is_exhausted = error.code() == std::errc::resource_unavailable_try_again ||
                              error.code() == std::errc::too_many_files_open ||
                              error.code() == std::errc::not_enough_memory;
    return Error(is_exhausted ? ErrorKind::resource_exhausted : ErrorKind::io, name + ": " + error.what());
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, name + ": " + error.what());
  } catch (...) {
    return Error(ErrorKind::internal, name + " threw something that is not an exception");
  }
}

}  // namespace weir
