#include <algorithm>
#include <limits>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "serving/http_request_internal.h"

namespace weir::serving::internal {
namespace {

namespace http = boost::beast::http;
using Header = http::request<http::empty_body>;

constexpr std::string_view kHeaderEnd = "\r\n\r\n";

Refusal refuse(std::string reason) {
  return {.status = 400, .reason = std::move(reason)};
}

/// Host, Content-Length and Transfer-Encoding: where two programs that read the same bytes may disagree, neither
/// reading is taken.
std::optional<Refusal> refuse_framing(const Header& header) {
  const size_t hosts = header.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && header.version() == 11)) return refuse("exactly one Host is required");
  const size_t lengths = header.count(http::field::content_length);
  const size_t encodings = header.count(http::field::transfer_encoding);
  if (lengths > 1) return refuse("Content-Length stands more than once");
  if (encodings > 1) return refuse("Transfer-Encoding stands more than once");
  if (lengths != 0 && encodings != 0) return refuse("Content-Length and Transfer-Encoding stand together");
  if (lengths == 0) return std::nullopt;
  const auto length = header[http::field::content_length];
  const bool digits = std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (length.empty() || !digits) return refuse("Content-Length is not a number");
  return std::nullopt;
}

/// Takes plain absolute paths only. Nothing is decoded or normalised, so nothing can be decoded or normalised twice.
std::optional<Refusal> refuse_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return refuse("the target is not an absolute path");
  if (path.find_first_of("%\\#") != std::string_view::npos) return refuse("the path has an escape in it");
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    if (segment == "." || segment == ".." || (segment.empty() && end != path.size()))
      return refuse("the path is not plain");
    at = end;
  }
  return std::nullopt;
}

}  // namespace

size_t header_end(std::string_view bytes, size_t searched) {
  const size_t from = searched < kHeaderEnd.size() ? 0 : searched - (kHeaderEnd.size() - 1);
  const size_t at = bytes.find(kHeaderEnd, from);
  return at == std::string_view::npos ? 0 : at + kHeaderEnd.size();
}

std::optional<Refusal> refuse_bytes(std::string_view header) {
  for (size_t i = 0; i < header.size(); ++i) {
    const auto byte = static_cast<unsigned char>(header[i]);
    const bool after_return = i > 0 && header[i - 1] == '\r';
    if (after_return != (byte == '\n')) return refuse("a line ends in something else than CR LF");
    const bool at_line_begin = i > 0 && header[i - 1] == '\n';
    if (at_line_begin && (byte == ' ' || byte == '\t')) return refuse("a header line is folded");
    if (byte > 0x7E || (byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t'))
      return refuse("a control or non-ASCII byte");
  }
  return std::nullopt;
}

std::optional<Refusal> parse_request(std::string_view header, ParsedRequest& request) {
  if (auto refusal = refuse_bytes(header)) return refusal;
  http::request_parser<http::empty_body> parser;
  parser.header_limit(std::numeric_limits<uint32_t>::max());  // the caller has bounded it
  parser.body_limit(boost::none);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(header.data(), header.size()), error);
  if (!error && !parser.is_header_done()) error = http::error::partial_message;
  if (error) return refuse("malformed request: " + error.message());
  const Header& parsed = parser.get();
  if (auto refusal = refuse_framing(parsed)) return refusal;

  const std::string_view target(parsed.target().data(), parsed.target().size());
  const size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (auto refusal = refuse_path(path)) return refusal;
  const std::string_view query = question == std::string_view::npos ? "" : target.substr(question + 1);
  if (query.find('#') != std::string_view::npos) return refuse("the target has a fragment");
  const auto length = parsed[http::field::content_length];
  const bool empty = std::all_of(length.begin(), length.end(), [](char c) { return c == '0'; });
  request = {.method = std::string(parsed.method_string()),
             .path = std::string(path),
             .query = std::string(query),
             .keep_alive = parsed.keep_alive(),
             .has_body = !empty || parsed.count(http::field::transfer_encoding) != 0};
  return std::nullopt;
}

}  // namespace weir::serving::internal
