/// \file
/// Reads one request's header and judges it. No socket.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::serving::internal {

/// What is wrong with a request, and the status that says so.
struct Refusal {
  int status = 400;
  std::string reason;
};

struct ParsedRequest {
  std::string method;
  std::string path;
  std::string query;
  bool keep_alive = false;
  bool has_body = false;  ///< a body follows that nobody reads: answer and close
};

/// Returns the length of the header with its empty line; 0 when the end has not come yet. `searched` is how far an
/// earlier call looked.
size_t header_end(std::string_view bytes, size_t searched);

/// Finds what must never be in a header, in one that is not complete as well: a line feed without carriage return or
/// the reverse, other control characters, bytes above 0x7e, a folded line.
std::optional<Refusal> refuse_bytes(std::string_view header);

/// Parses a whole header, its empty line included. Either `request` is filled and nothing is returned, or the reason
/// why not.
std::optional<Refusal> parse_request(std::string_view header, ParsedRequest& request);

}  // namespace weir::serving::internal
