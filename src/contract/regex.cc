#include "contract/regex_internal.h"

namespace weir::contract {

Result<std::shared_ptr<const re2::RE2>> compile_regex(const std::string& pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return Error(ErrorKind::invalid_argument,
                 "the pattern is longer than " + std::to_string(kPatternBytesMax) + " bytes");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexBytesMax);
  auto regex = std::make_shared<const re2::RE2>(pattern, options);
  if (regex->ok()) return std::shared_ptr<const re2::RE2>(std::move(regex));
  return Error(ErrorKind::invalid_argument,
               "bad pattern: " + regex->error() + " (RE2 syntax; no look-around, no back-references)");
}

}  // namespace weir::contract
