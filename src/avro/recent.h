/// \file
/// The last few things that were made from texts: the manifests of a table have the same schemas, and making those anew
/// costs more than reading a small manifest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace weir::avro {

/// Thread-safe. `Value` is cheap to copy and never changes.
template <typename Value>
class Recent {
 public:
  /// What `make` made of `text` a moment ago, or what it makes now. Errors: those of `make`.
  template <typename Make>
  Result<Value> get(const std::string& text, const Make& make) {
    {
      const std::scoped_lock lock(mutex_);
      const auto known = std::ranges::find(made_, text, &Made::first);
      if (known != made_.end()) {
        std::rotate(made_.begin(), known, known + 1);
        return made_.front().second;
      }
    }
    WEIR_ASSIGN(Value value, make());
    if (text.size() > kTextBytesMax) return value;
    const std::scoped_lock lock(mutex_);
    if (made_.size() == kCount) made_.pop_back();
    made_.emplace(made_.begin(), text, value);
    return value;
  }

 private:
  using Made = std::pair<std::string, Value>;
  static constexpr size_t kCount = 16;
  static constexpr size_t kTextBytesMax = size_t{64} << 10;
  std::mutex mutex_;
  std::vector<Made> made_;  ///< the last one first
};

}  // namespace weir::avro
