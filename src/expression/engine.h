/// \file
/// The one place where SQL expressions are given their meaning: a locked-down DuckDB inside this process.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"

namespace weir::expression {

struct EngineOptions {
  /// DuckDB's own limit. It covers what DuckDB keeps in its buffers (sorts, hash tables), not the values of the rows in
  /// flight.
  int64_t memory_bytes_max = int64_t{256} << 20;
};

/// An in-memory DuckDB without threads of its own, files, network, extensions or settings that text could change; time
/// zone UTC and Gregorian calendar, whatever TZ and the locale say.
///
/// Thread-safe: expressions bound to one engine may live on different threads; each has its own connection. Opening
/// costs about 25 ms of CPU and 4 MB (23 MB the first time in a process); a bound expression 0.3 ms and 50 KB.
class Engine {
 public:
  struct Impl;

  /// Errors: internal, when DuckDB does not come up or lacks what expressions need.
  static Result<std::shared_ptr<Engine>> open(const EngineOptions& options = {});

  /// The engine that expressions use when they are given none: opened when first asked for, closed with its last user.
  /// Thread-safe.
  static Result<std::shared_ptr<Engine>> shared();

  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// For this module's own sources.
  Impl& impl() { return *impl_; }

 private:
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::expression
