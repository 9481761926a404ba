#include "event/headers.h"

#include <cstdint>
#include <cstring>

namespace weir {
namespace {

constexpr uint32_t kNoValue = UINT32_MAX;

void append_size(uint32_t size, std::string& encoded) {
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  encoded.append(bytes, sizeof bytes);
}

uint32_t take_size(std::string_view& encoded) {
  uint32_t size = 0;
  std::memcpy(&size, encoded.data(), sizeof size);
  encoded.remove_prefix(sizeof size);
  return size;
}

std::string_view take_bytes(std::string_view& encoded, uint32_t size) {
  const std::string_view bytes = encoded.substr(0, size);
  encoded.remove_prefix(bytes.size());
  return bytes;
}

}  // namespace

void append_header(const Header& header, std::string& encoded) {
  append_size(static_cast<uint32_t>(header.name.size()), encoded);
  append_size(header.value ? static_cast<uint32_t>(header.value->size()) : kNoValue, encoded);
  encoded.append(header.name);
  if (header.value) encoded.append(*header.value);
}

bool take_header(std::string_view& encoded, Header& header) {
  if (encoded.size() < 2 * sizeof(uint32_t)) return false;
  const uint32_t name_size = take_size(encoded);
  const uint32_t value_size = take_size(encoded);
  header.name = take_bytes(encoded, name_size);
  header.value = std::nullopt;
  if (value_size != kNoValue) header.value = take_bytes(encoded, value_size);
  return true;
}

}  // namespace weir
