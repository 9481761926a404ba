#include <algorithm>

#include "codec/json/unknown_fields_internal.h"
#include "codec/row_failure_internal.h"

namespace weir::codec {

void UnknownTally::add(std::string_view prefix, std::string_view name, int64_t events) {
  std::string path = excerpt(std::string(prefix).append(name));
  if (known_.size() >= kUnknownNamesMax && !known_.contains(path)) path = kOtherUnknownFields;
  if (events > 0) counts_[path] += events;  // a CSV header may come without rows that are taken
  if (!known_.insert(path).second || policy_ != UnknownFields::warn) return;
  if (path == kOtherUnknownFields) {
    notes_.push_back("more than " + std::to_string(kUnknownNamesMax) +
                     " fields are not in the contract; no more of them are named");
  } else {
    notes_.push_back("the field '" + path + "' is not in the contract and is left out");
  }
}

std::string json_escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20) {
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string no_known_field_text(const KeyTable& known, std::span<const std::string_view> found) {
  constexpr size_t kListedMax = 5;
  const auto is_same = [](std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
  };
  std::string text = "none of the event's fields is in the contract: it has ";
  std::string in_case;
  for (size_t i = 0; i < found.size() && i < kListedMax; ++i) {
    text += (i == 0 ? "'" : ", '") + excerpt(found[i]) + "'";
    for (size_t k = 0; k < known.size() && in_case.empty(); ++k) {
      if (is_same(known.name(k), found[i]))
        in_case =
            "; '" + excerpt(found[i]) + "' and the contract's '" + excerpt(known.name(k)) + "' differ only in case";
    }
  }
  if (found.size() > kListedMax) text += ", ...";
  if (!in_case.empty()) return text + in_case;
  text += "; the contract has ";
  for (size_t k = 0; k < known.size() && k < kListedMax; ++k)
    text += (k == 0 ? "'" : ", '") + excerpt(known.name(k)) + "'";
  return known.size() > kListedMax ? text + ", ..." : text;
}

}  // namespace weir::codec
