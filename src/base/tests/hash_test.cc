#include "base/hash.h"

#include <string>

#include <gtest/gtest.h>

namespace weir {
namespace {

/// Bit by bit, as the polynomial says.
uint32_t crc_by_definition(std::string_view bytes) {
  uint32_t c = 0xffffffffU;
  for (const char byte : bytes) {
    c ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xedb88320U ^ (c >> 1) : c >> 1;
  }
  return c ^ 0xffffffffU;
}

TEST(Crc32, IsThatOfZlib) {
  EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32(""), 0U);
}

TEST(Crc32, AgreesWithItsDefinitionAtEveryLengthAndPlace) {
  std::string bytes;
  for (uint32_t i = 0; i < 700; ++i) bytes.push_back(static_cast<char>(i * 2654435761U >> 24));
  for (size_t begin = 0; begin < 17; ++begin) {
    for (size_t size = 0; begin + size <= 600; size += size < 200 ? 1 : 13) {
      const std::string_view part = std::string_view(bytes).substr(begin, size);
      ASSERT_EQ(crc32(part), crc_by_definition(part)) << begin << " " << size;
    }
  }
}

}  // namespace
}  // namespace weir
