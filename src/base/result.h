/// \file
/// The one error vocabulary: what went wrong, whose fault it is, whether trying again can help.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace weir {

/// What went wrong. The names are stable: they appear in logs, metrics and `--json` output.
enum class ErrorKind {
  invalid_argument,    ///< a value, file or expression that a user wrote is wrong
  not_found,           ///< a named thing does not exist
  already_exists,      ///< a named thing exists and must not
  corrupt,             ///< bytes that break their format
  unsupported,         ///< legal, but Weir does not do it
  permission_denied,   ///< refused by the system or a server
  unauthenticated,     ///< wrong or missing credentials
  unavailable,         ///< a server or device does not answer now
  timeout,             ///< a deadline passed
  resource_exhausted,  ///< out of disk, memory or another budget
  limit_exceeded,      ///< input above a configured bound
  conflict,            ///< somebody else changed what we wanted to change
  fenced,              ///< a newer process of the same pipeline owns the table
  table_changed,       ///< the table is not the one this pipeline wrote before
  position_lost,       ///< a source position that must be read no longer exists
  cancelled,           ///< stopped on request
  io,                  ///< the disk failed; never retried blindly
  internal,            ///< a bug
};

/// Whose fault an error is: decides the exit code and whom the message addresses.
enum class ErrorDomain { user, external, internal };

/// Whether the same call may succeed later. Policy never parses messages.
enum class RetryHint { no, backoff };

/// Returns the stable name, such as "invalid_argument".
std::string_view to_string(ErrorKind kind);

/// An error: kind, message and what to do about it. Cheap to move; one allocation when made, none on success paths.
class Error {
 public:
  Error(ErrorKind kind, std::string message);
  Error(const Error& other) : rep_(std::make_unique<Rep>(*other.rep_)) {}
  Error& operator=(const Error& other) {
    rep_ = std::make_unique<Rep>(*other.rep_);
    return *this;
  }
  Error(Error&&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;

  ErrorKind kind() const { return rep_->kind; }
  ErrorDomain domain() const;
  RetryHint retry() const;
  const std::string& message() const { return rep_->message; }

  /// Returns this error with `context` before the message: "reading a.yaml: line 3: ...".
  Error with_context(std::string_view context) &&;

  /// Returns "kind: message".
  std::string to_string() const;

 private:
  struct Rep {
    ErrorKind kind;
    std::string message;
  };
  std::unique_ptr<Rep> rep_;
};

/// A value, or why there is none. Reading the value of an error is a bug and ends the process.
template <typename T>
class [[nodiscard]] Result {
 public:
  // NOLINTBEGIN(google-explicit-constructor, bugprone-forwarding-reference-overload): `return value;` and `return
  // error;` are the point, and the constraints leave copying and moving alone.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  template <typename U>
  requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, T>)
      Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  // NOLINTEND(google-explicit-constructor, bugprone-forwarding-reference-overload)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    require_value();
    return std::get<0>(state_);
  }
  T& value() & {
    require_value();
    return std::get<0>(state_);
  }
  T&& value() && {
    require_value();
    return std::get<0>(std::move(state_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  void require_value() const {
    if (!ok()) [[unlikely]] {
      check_failed("Result::value", error().to_string(), __FILE__, __LINE__);
    }
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace weir

#define WEIR_CONCAT_INNER(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_INNER(a, b)

/// Returns from the enclosing function when `expression` (a Result) is an error.
#define WEIR_TRY(expression)                                                                                   \
  do {                                                                                                         \
    if (auto weir_try_result = (expression); !weir_try_result.ok()) return std::move(weir_try_result).error(); \
  } while (false)

/// `WEIR_ASSIGN(auto x, f());` declares x from the value of f(), or returns its error.
#define WEIR_ASSIGN(declaration, expression) \
  WEIR_ASSIGN_INNER(WEIR_CONCAT(weir_result_, __LINE__), declaration, expression)
#define WEIR_ASSIGN_INNER(name, declaration, expression) \
  auto name = (expression);                              \
  if (!name.ok()) return std::move(name).error();        \
  declaration = std::move(name).value()
