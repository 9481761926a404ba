/// \file
/// Headers of a Kafka message as one run of bytes, so that a batch keeps them without an allocation each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

struct Header {
  std::string_view name;
  std::optional<std::string_view> value;  ///< nothing: a header without a value, which is not an empty one
};

void append_header(const Header& header, std::string& encoded);

/// Takes the first header off the front of what append_header() has made; false when nothing is left.
bool take_header(std::string_view& encoded, Header& header);

}  // namespace weir
