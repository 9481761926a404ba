/// \file
/// An object store that waits passing faults out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir {

/// For so long since its first failure a call is made again: below any stop deadline, above the time that a server
/// takes to start anew.
inline constexpr int64_t kStorePatienceMs = 20'000;

/// Hands every call on, and makes it again after an error with a retry hint (RetryHint::backoff), from a twentieth of a
/// second to two seconds later. A put whose answer got lost is looked for by its content. Thread-safe.
class PatientStore final : public ObjectStore, public ObjectRemover {
 public:
  /// Told of every error that is waited out, and for how many milliseconds. Any thread.
  using OnRetry = std::function<void(const Error& error, int64_t wait_ms)>;

  /// All references outlive it; `on_retry` may be empty.
  PatientStore(ObjectStore& store, ObjectRemover& remover, const Clock& clock, OnRetry on_retry = {})
      : store_(store), remover_(remover), clock_(clock), on_retry_(std::move(on_retry)) {}

  Result<std::string> get(const std::string& uri, int64_t size_max) override;
  Result<int64_t> size_of(const std::string& uri) override;
  Result<void> put(const std::string& uri, std::string_view bytes) override;
  Result<std::unique_ptr<ObjectWriter>> create(const std::string& uri) override;
  Result<void> remove(const std::string& uri) override;

 private:
  class Writer;

  ObjectStore& store_;
  ObjectRemover& remover_;
  template <typename Call>
  auto patiently(const Call& call) const -> decltype(call());

  const Clock& clock_;
  const OnRetry on_retry_;
};

}  // namespace weir
