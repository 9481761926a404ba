/// \file
/// What bytes that are neither JSON nor CSV are instead, for messages that tell a person what went wrong.
#pragma once

#include <string>
#include <string_view>

namespace weir::codec {

/// Names the format that `head` begins as: "a Parquet file", "UTF-16 text (byte order mark)", "a gzip stream"; empty
/// for what may be UTF-8 text.
std::string foreign_format(std::string_view head);

/// Why `event` is no JSON object, as far as its shape tells: bytes of another format, a schema-registry header, a
/// document that goes on in the next line, an array. Empty when it tells nothing.
std::string explain_no_event(std::string_view event);

}  // namespace weir::codec
