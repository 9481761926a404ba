/// \file
/// A format: how files are cut into events, and how an event becomes a row.
#pragma once

#include <functional>
#include <memory>

#include "codec/decoder.h"
#include "codec/framing.h"

namespace weir::codec {

/// An immutable value; what it makes is for one thread.
struct Format {
  /// Empty: not for files.
  MakeFramer make_framer = {};
  /// Whether files begin with what their decoder needs first, RawBatch::context(): it says then whether it can begin.
  bool has_context = false;
  /// Errors: invalid_argument, unsupported, when the spec does not fit; the message names the column.
  std::function<Result<std::unique_ptr<Decoder>>(const DecoderSpec& spec)> make_decoder = {};
};

/// JSON objects; in files one a line.
Format json_format();

/// JSON objects over any number of lines, or one array of them.
Format json_documents_format();

/// RFC 4180 with a header. `lines` and `options` have the same delimiter and quote.
Format csv_format(const CsvLines& lines = {}, const CsvOptions& options = {});

}  // namespace weir::codec
