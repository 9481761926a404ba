#include "base/result.h"

namespace weir {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return "invalid_argument";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::already_exists: return "already_exists";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::permission_denied: return "permission_denied";
    case ErrorKind::unauthenticated: return "unauthenticated";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::resource_exhausted: return "resource_exhausted";
    case ErrorKind::limit_exceeded: return "limit_exceeded";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::fenced: return "fenced";
    case ErrorKind::table_changed: return "table_changed";
    case ErrorKind::position_lost: return "position_lost";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::io: return "io";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

Error::Error(ErrorKind kind, std::string message) : rep_(std::make_unique<Rep>(Rep{kind, std::move(message)})) {}

ErrorDomain Error::domain() const {
  switch (kind()) {
    case ErrorKind::invalid_argument:
    case ErrorKind::not_found:
    case ErrorKind::already_exists:
    case ErrorKind::unsupported:
    case ErrorKind::limit_exceeded: return ErrorDomain::user;
    case ErrorKind::internal: return ErrorDomain::internal;
    default: return ErrorDomain::external;
  }
}

RetryHint Error::retry() const {
  switch (kind()) {
    case ErrorKind::unavailable:
    case ErrorKind::timeout:
    case ErrorKind::conflict: return RetryHint::backoff;
    default: return RetryHint::no;
  }
}

Error Error::with_context(std::string_view context) && {
  std::string message(context);
  message.append(": ").append(rep_->message);
  rep_->message = std::move(message);
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string text(weir::to_string(kind()));
  return text.append(": ").append(message());
}

}  // namespace weir
