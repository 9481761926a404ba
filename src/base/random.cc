#include "base/random.h"

#include <sys/random.h>

#include "base/base64.h"

namespace weir {
namespace {

class SystemRandom final : public RandomSource {
 public:
  uint64_t next_u64() override {
    uint64_t value = 0;
    WEIR_CHECK(getrandom(&value, sizeof value, 0) == sizeof value);
    return value;
  }
};

bool is_hyphen_place(size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

void put_u64(std::array<uint8_t, 16>& bytes, size_t at, uint64_t value) {
  for (size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

void stamp_version(std::array<uint8_t, 16>& bytes, uint8_t version) {
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
}

}  // namespace

RandomSource& system_random() {
  static SystemRandom random;
  return random;
}

uint64_t SeededRandom::next_u64() {
  // splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
  uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

Uuid Uuid::random(RandomSource& random) {
  Uuid uuid;
  put_u64(uuid.bytes, 0, random.next_u64());
  put_u64(uuid.bytes, 8, random.next_u64());
  stamp_version(uuid.bytes, 4);
  return uuid;
}

Uuid Uuid::time_ordered(RandomSource& random, int64_t unix_ms) {
  Uuid uuid;
  put_u64(uuid.bytes, 0, (static_cast<uint64_t>(unix_ms) << 16) | (random.next_u64() & 0xffff));
  put_u64(uuid.bytes, 8, random.next_u64());
  stamp_version(uuid.bytes, 7);
  return uuid;
}

bool Uuid::try_parse(std::string_view text, Uuid& out) {
  if (text.size() != 36) return false;
  size_t byte = 0;
  for (size_t i = 0; i < 36;) {
    if (is_hyphen_place(i)) {
      if (text[i] != '-') return false;
      ++i;
      continue;
    }
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    out.bytes[byte++] = static_cast<uint8_t>(high * 16 + low);
    i += 2;
  }
  return true;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  Uuid uuid;
  if (!try_parse(text, uuid)) {
    return Error(ErrorKind::invalid_argument,
                 "'" + std::string(text.substr(0, 64)) + "' is not a UUID (8-4-4-4-12 hex digits)");
  }
  return uuid;
}

std::string Uuid::to_string() const {
  std::string text = hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const size_t place : {8, 13, 18, 23}) text.insert(place, 1, '-');
  return text;
}

}  // namespace weir
