/// \file
/// Takes secrets out of text before it leaves the process. Whoever shows text asks for it: the logger, the metrics, the
/// health routes, the console.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::observe {

/// What stands where a secret stood.
inline constexpr std::string_view kRedacted = "***";

/// Registered values shorter than this are not searched for in text: they would blot out ordinary words. Fields with a
/// secret key hide them all the same.
inline constexpr size_t kSecretBytesMin = 4;

/// Knows the secrets of one process. Thread-safe. Outlives every Logger and Metrics that was given it.
class Redactor {
 public:
  Redactor() = default;
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;
  /// Overwrites the copies of the secrets.
  ~Redactor();

  /// Makes sure that `value` is never shown again: as it is, percent-encoded (URLs) and JSON-escaped.
  void register_secret(std::string_view value);

  /// Returns `text` with `***` for every registered value; for what follows `password=`, `"token": ` and the like; for
  /// the password of `scheme://user:password@host`; and for the credentials of an Authorization header. Call it before
  /// escaping and cutting.
  std::string redact(std::string_view text) const;

  /// Returns `text` with `***` for registered values only: for text whose `key=value` parts were redacted one by one.
  std::string redact_registered(std::string_view text) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> needles_;  ///< guarded by mutex_
};

/// Tells whether a field of this name holds a secret: "sasl.password", "apiToken", "aws_secret_access_key",
/// "Authorization", "key". Names of measures ("token_count", "key_bytes") and of table keys ("primary_key",
/// "partition_key") do not.
bool is_secret_key(std::string_view key);

}  // namespace weir::observe
