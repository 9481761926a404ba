/// \file
/// The port for random numbers and identifiers, so that simulations repeat bit for bit.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

/// Thread rule: implementations of this port are called from one thread at a time, except system_random(), which is
/// thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual uint64_t next_u64() = 0;
};

/// The operating system's generator (getrandom).
RandomSource& system_random();

/// A repeatable generator (splitmix64) for tests and simulations.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t next_u64() override;

 private:
  uint64_t state_;
};

/// 16 bytes, big-endian, as RFC 9562 lays them out.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  /// Draws a version 4 UUID.
  static Uuid random(RandomSource& random);
  /// Draws a version 7 UUID: sortable by `unix_ms`.
  static Uuid time_ordered(RandomSource& random, int64_t unix_ms);
  /// Parses the 36-character form, upper or lower case. Errors: invalid_argument.
  static Result<Uuid> parse(std::string_view text);
  /// Parses without an error object, for hot paths; false when `text` is not a UUID.
  static bool try_parse(std::string_view text, Uuid& out);

  /// Returns the 36-character lower-case form.
  std::string to_string() const;

  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace weir
