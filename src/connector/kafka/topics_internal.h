/// \file
/// Which topics a list of names and patterns selects.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::connector {

/// True for names that Kafka accepts: 1 to 249 of [A-Za-z0-9._-], not "." or "..".
bool is_topic_name(std::string_view name);

/// Exact names and regular expressions that begin with '^'. Immutable, cheap to copy.
class TopicSelection {
 public:
  /// Patterns are POSIX extended regular expressions in a subset that is matched in linear time: no back references, no
  /// repetition counts; a backslash only before punctuation. Errors: invalid_argument, naming the entry.
  static Result<TopicSelection> make(const std::vector<std::string>& topics);

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::string>& patterns() const { return patterns_; }
  bool has_patterns() const { return !patterns_.empty(); }

  /// True when `topic` is named, or when a pattern matches and it is not one of Kafka's own ("__consumer_offsets").
  bool selects(const std::string& topic) const;
  /// All named topics, and those of `existing` that are selected; sorted, each once.
  std::vector<std::string> resolve(std::span<const std::string> existing) const;

 private:
  struct Compiled;
  std::vector<std::string> names_;
  std::vector<std::string> patterns_;
  std::vector<std::shared_ptr<const Compiled>> compiled_;
};

}  // namespace weir::connector
