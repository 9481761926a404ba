#include "base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weir {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> make_values() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
  return values;
}

constexpr auto kValues = make_values();

/// Decodes four characters, the last `padding` of which are '='. The bits that padding leaves over must be zero.
bool decode_quad(const char* in, int padding, std::string& out) {
  uint32_t bits = 0;
  for (int i = 0; i < 4 - padding; ++i) {
    const int8_t value = kValues[static_cast<uint8_t>(in[i])];
    if (value < 0) return false;
    bits |= static_cast<uint32_t>(value) << (18 - 6 * i);
  }
  const int bytes = 3 - padding;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(bits >> (16 - 8 * i)));
  return padding == 0 || (bits & ((1U << (8 * padding)) - 1)) == 0;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < n; ++j) bits |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i + j])) << (16 - 8 * j);
    for (size_t j = 0; j < 4; ++j) text.push_back(j <= n ? kAlphabet[(bits >> (18 - 6 * j)) & 63] : '=');
  }
  return text;
}

bool base64_decode(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  const size_t before = out.size();
  for (size_t i = 0; i < text.size(); i += 4) {
    int padding = 0;
    if (i + 4 == text.size()) padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (!decode_quad(text.data() + i, padding, out)) {
      out.resize(before);
      return false;
    }
  }
  return true;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string hex_encode(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text.push_back(kHex[static_cast<uint8_t>(byte) >> 4]);
    text.push_back(kHex[static_cast<uint8_t>(byte) & 15]);
  }
  return text;
}

bool hex_decode(std::string_view text, std::string& out) {
  if (text.size() % 2 != 0) return false;
  const size_t before = out.size();
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      out.resize(before);
      return false;
    }
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

}  // namespace weir
