/// \file
/// Text in other encodings to UTF-8.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace weir::connector {

enum class Encoding {
  utf8,          ///< as it is; decoders check it
  utf16,         ///< a byte order mark says which
  utf16le,       ///< little-endian, with or without its mark
  utf16be,       ///< big-endian, with or without its mark
  latin1,        ///< ISO 8859-1
  windows_1252,  ///< as Latin-1, with letters and signs in 0x80 to 0x9f, where five bytes have no meaning
};

/// Converts a stream piece by piece. What has no meaning in the encoding (half a surrogate pair, half a unit, bytes
/// without a letter) becomes bytes that are not UTF-8, so that the record which holds it is rejected and no other. One
/// thread.
class Transcoder {
 public:
  virtual ~Transcoder() = default;
  /// The next piece in UTF-8, valid until the next call; it may be empty. Errors: corrupt when utf16 lacks its mark.
  virtual Result<std::string_view> convert(std::string_view piece) = 0;
  /// What is left at the end of the stream.
  virtual std::string_view finish() = 0;
};

/// Null for utf8, which needs none.
std::unique_ptr<Transcoder> make_transcoder(Encoding encoding);

}  // namespace weir::connector
