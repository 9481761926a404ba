#include "config/quantity.h"

#include <charconv>
#include <span>

namespace weir::config {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

// Largest first within each system, so that formatting finds the shortest text.
constexpr Unit kDurations[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr Unit kSizes[] = {
    {"TiB", 1LL << 40}, {"TB", 1'000'000'000'000}, {"GiB", 1LL << 30}, {"GB", 1'000'000'000}, {"MiB", 1LL << 20},
    {"MB", 1'000'000},  {"KiB", 1LL << 10},        {"KB", 1000},       {"kB", 1000},          {"B", 1}};

Result<int64_t> parse(std::string_view text, std::span<const Unit> units, std::string_view what) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view name = text.substr(static_cast<size_t>(end - text.data()));
  if (error == std::errc() && count >= 0 && !text.starts_with('-')) {
    for (const Unit& unit : units) {
      if (unit.name != name) continue;
      int64_t value = 0;
      if (__builtin_mul_overflow(count, unit.factor, &value))
        return Error(ErrorKind::invalid_argument, std::string(what) + " is too large");
      return value;
    }
  }
  if (error == std::errc::result_out_of_range)
    return Error(ErrorKind::invalid_argument, std::string(what) + " is too large");
  return Error(ErrorKind::invalid_argument, "not " + std::string(what));
}

std::string format(int64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return std::to_string(value) + std::string(units.back().name);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  WEIR_ASSIGN(const int64_t milliseconds, parse(text, kDurations, "a duration"));
  return Duration(milliseconds);
}

Result<ByteSize> parse_byte_size(std::string_view text) {
  WEIR_ASSIGN(const int64_t bytes, parse(text, kSizes, "a size"));
  return ByteSize{bytes};
}

std::string format_duration(Duration duration) {
  return format(duration.count(), kDurations);
}
std::string format_byte_size(ByteSize size) {
  return format(size.bytes, kSizes);
}

}  // namespace weir::config
