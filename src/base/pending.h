/// \file
/// A value that is there or on its way, for code that may not wait.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "base/result.h"

namespace weir {

/// Asked again and again by whoever wants it. One thread at a time.
template <typename T>
class Pending {
 public:
  /// Returns the value once, when it is there; nothing while it is on its way. Never waits. Errors: it will not come.
  using Ask = std::function<Result<std::optional<T>>()>;

  // NOLINTNEXTLINE(google-explicit-constructor): a value stands for itself
  Pending(T value) : value_(std::move(value)) {}
  explicit Pending(Ask ask) : ask_(std::move(ask)) {}

  /// As Ask; not again after it has returned a value or an error.
  Result<std::optional<T>> take() {
    if (ask_) return ask_();
    return std::exchange(value_, std::nullopt);
  }

 private:
  std::optional<T> value_;
  Ask ask_;
};

}  // namespace weir
