#include "connector/files/encoding.h"

#include <array>
#include <cstdint>
#include <string>

namespace weir::connector {
namespace {

constexpr char kNotUtf8 = '\xff';

void append_utf8(uint32_t c, std::string& out) {
  const auto add = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xc0 | c >> 6);
  } else if (c < 0x10000) {  // half a surrogate pair, too: it comes out as bytes that no reader takes for UTF-8
    add(0xe0 | c >> 12);
    add(0x80 | (c >> 6 & 0x3f));
  } else {
    add(0xf0 | c >> 18);
    add(0x80 | (c >> 12 & 0x3f));
    add(0x80 | (c >> 6 & 0x3f));
  }
  add(0x80 | (c & 0x3f));
}

class Utf16 final : public Transcoder {
 public:
  explicit Utf16(Encoding encoding) : is_known_(encoding != Encoding::utf16), is_big_(encoding == Encoding::utf16be) {}

  Result<std::string_view> convert(std::string_view piece) override {
    out_.clear();
    for (const char c : piece) {
      if (!has_half_) {
        half_ = static_cast<uint8_t>(c);
        has_half_ = true;
        continue;
      }
      has_half_ = false;
      const auto second = static_cast<uint8_t>(c);
      if (!is_known_) WEIR_TRY(learn(second));
      take(is_big_ ? uint32_t{half_} << 8 | second : uint32_t{second} << 8 | half_);
    }
    return std::string_view(out_);
  }

  std::string_view finish() override {
    out_.clear();
    flush_surrogate();
    if (has_half_) out_ += kNotUtf8;
    has_half_ = false;
    return out_;
  }

 private:
  Result<void> learn(uint8_t second) {
    is_known_ = true;
    is_big_ = half_ == 0xfe && second == 0xff;
    if (is_big_ || (half_ == 0xff && second == 0xfe)) return {};
    return Error(ErrorKind::corrupt,
                 "the file has no byte order mark, so `encoding: utf-16` cannot tell its byte order; write utf-16le or "
                 "utf-16be (or utf-8)");
  }

  void take(uint32_t unit) {
    const bool is_first = std::exchange(at_start_, false);
    if (is_first && unit == 0xfeff) return;
    if (unit >= 0xdc00 && unit < 0xe000 && surrogate_ != 0) {
      append_utf8(0x10000 + ((surrogate_ - 0xd800) << 10) + (unit - 0xdc00), out_);
      surrogate_ = 0;
      return;
    }
    flush_surrogate();
    if (unit >= 0xd800 && unit < 0xdc00)
      surrogate_ = unit;
    else
      append_utf8(unit, out_);
  }

  void flush_surrogate() {
    if (surrogate_ != 0) append_utf8(std::exchange(surrogate_, 0), out_);
  }

  bool is_known_;
  bool is_big_;
  bool at_start_ = true;
  bool has_half_ = false;
  uint8_t half_ = 0;
  uint32_t surrogate_ = 0;  ///< the first half of a pair, when it has been seen
  std::string out_;
};

/// Encodings of one byte a character.
class SingleByte final : public Transcoder {
 public:
  explicit SingleByte(bool is_windows) : is_windows_(is_windows) {}

  Result<std::string_view> convert(std::string_view piece) override {
    // WHATWG Encoding Standard, index windows-1252, without what it gives to bytes that have no letter.
    static constexpr std::array<uint16_t, 32> kWindows = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};
    out_.clear();
    for (const char c : piece) {
      const auto byte = static_cast<uint8_t>(c);
      if (!is_windows_ || byte < 0x80 || byte >= 0xa0) {
        append_utf8(byte, out_);
      } else if (const uint16_t letter = kWindows[byte - 0x80]; letter != 0) {
        append_utf8(letter, out_);
      } else {
        out_ += kNotUtf8;
      }
    }
    return std::string_view(out_);
  }
  std::string_view finish() override { return {}; }

 private:
  bool is_windows_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Transcoder> make_transcoder(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8: return nullptr;
    case Encoding::utf16:
    case Encoding::utf16le:
    case Encoding::utf16be: return std::make_unique<Utf16>(encoding);
    case Encoding::latin1: return std::make_unique<SingleByte>(false);
    case Encoding::windows_1252: return std::make_unique<SingleByte>(true);
  }
  return nullptr;
}

}  // namespace weir::connector
