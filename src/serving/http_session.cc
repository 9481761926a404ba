#include <algorithm>
#include <chrono>
#include <exception>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "observe/escape.h"
#include "serving/http_session_internal.h"

namespace weir::serving::internal {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr int64_t kDrainMs = 1'000;
constexpr size_t kDrainBytesMax = 65'536;

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "";
  }
}

}  // namespace

std::string render_response(const HttpResponse& response, bool keep_alive, bool head_only) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out.append(reason_phrase(response.status)).append("\r\nContent-Type: ").append(response.content_type);
  out.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  out.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
  if (response.status == 405) out.append("Allow: GET, HEAD\r\n");
  out.append(keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
  if (!head_only) out.append(response.body);
  return out;
}

HttpResponse render_refusal(const Refusal& refusal) {
  std::string body = "{\"status\":\"refused\",\"reason\":\"";
  observe::append_escaped(body, refusal.reason, observe::EscapeStyle::json, 512);
  return {.status = refusal.status, .body = body + "\"}\n"};
}

HttpSession::HttpSession(HttpService& service, asio::ip::tcp::socket socket)
    : service_(service), socket_(std::move(socket)), timer_(socket_.get_executor()) {
  service_.sessions.insert(this);
}

HttpSession::~HttpSession() {
  service_.sessions.erase(this);
  if (service_.sessions.empty() && service_.on_last_gone) service_.on_last_gone();
}

void HttpSession::stop() {
  stopping_ = true;
  if (phase_ != Phase::writing) close();
}

/// What a client sent ahead is taken first; requests are answered one by one, in order.
void HttpSession::await_request() {
  phase_ = Phase::idle;
  searched_ = 0;
  if (!input_.empty()) {
    take_bytes();
  } else {
    // A new connection that says nothing gets no more patience than a header that does not end.
    arm(requests_ == 0 ? service_.limits.header_ms : service_.limits.idle_ms);
    read_more();
  }
}

void HttpSession::read_more() {
  socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](const ErrorCode& error, size_t size) {
    if (self->timed_out_ && self->phase_ == Phase::header)
      return self->refuse({408, "the request's header took too long"});
    if (error || self->timed_out_ || self->stopping_) return self->close();
    self->input_.append(self->chunk_.data(), size);
    self->take_bytes();
  });
}

void HttpSession::take_bytes() {
  const size_t end = header_end(input_, searched_);
  const std::string_view header = std::string_view(input_).substr(0, end != 0 ? end : input_.size());
  if (header.size() > service_.limits.header_bytes_max) {
    return refuse({431, "the header has more than " + std::to_string(service_.limits.header_bytes_max) + " bytes"});
  }
  if (end == 0) {
    // Judged before it is complete: a header with bare line feeds would never end.
    if (const auto refusal = refuse_bytes(header)) return refuse(*refusal);
    searched_ = input_.size();
    if (phase_ == Phase::idle) {
      phase_ = Phase::header;
      arm(service_.limits.header_ms);
    }
    return read_more();
  }
  ParsedRequest request;
  if (const auto refusal = parse_request(header, request)) return refuse(*refusal);
  input_.erase(0, end);
  answer(request);
}

void HttpSession::answer(const ParsedRequest& request) {
  ++requests_;
  const bool keep_alive =
      request.keep_alive && !request.has_body && requests_ < service_.limits.requests_per_connection_max;
  send(respond(request), keep_alive, request.method == "HEAD");
}

HttpResponse HttpSession::respond(const ParsedRequest& request) {
  const auto route = service_.routes.find(request.path);
  if (route == service_.routes.end()) {
    std::string known;
    for (const auto& [path, handler] : service_.routes) known += (known.empty() ? "" : ", ") + path;
    return render_refusal({404, "no such path; there are " + known});
  }
  if (request.method != "GET" && request.method != "HEAD") return render_refusal({405, "only GET and HEAD"});
  if (request.has_body) return render_refusal({400, "a request has no body here"});
  try {
    return route->second({.path = request.path, .query = request.query});
  } catch (const std::exception&) {
    return render_refusal({500, "the handler failed"});
  }
}

void HttpSession::refuse(const Refusal& refusal) {
  input_.clear();
  send(render_refusal(refusal), false, false);
}

void HttpSession::send(const HttpResponse& response, bool keep_alive, bool head_only) {
  keep_alive = keep_alive && !stopping_;
  phase_ = Phase::writing;
  output_ = render_response(response, keep_alive, head_only);
  if (service_.on_answer) service_.on_answer(response.status);
  arm(service_.limits.write_ms);
  asio::async_write(socket_, asio::buffer(output_),
                    [self = shared_from_this(), keep_alive](const ErrorCode& error, size_t) {
                      if (error || self->timed_out_) return self->close();
                      self->phase_ = Phase::draining;
                      if (self->stopping_) return self->close();
                      if (!keep_alive) return self->drain();
                      self->await_request();
                    });
}

/// Closing while the peer still sends makes the kernel reset the connection, and the peer may lose the answer: so read
/// on a little.
void HttpSession::drain() {
  ErrorCode ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  arm(kDrainMs);
  read_and_discard();
}

void HttpSession::read_and_discard() {
  socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](const ErrorCode& error, size_t size) {
    self->discarded_ += size;
    if (error || self->timed_out_ || self->discarded_ > kDrainBytesMax) return self->close();
    self->read_and_discard();
  });
}

/// Limits the phase that begins now. The timer of an earlier phase is void, though its handler may already be queued.
void HttpSession::arm(int64_t ms) {
  timed_out_ = false;
  timer_.expires_after(std::chrono::milliseconds(ms));
  timer_.async_wait([weak = weak_from_this(), generation = ++timer_generation_](const ErrorCode& error) {
    const auto self = weak.lock();
    if (!error && self && self->timer_generation_ == generation) self->on_timeout();
  });
}

/// The pending operation ends with an error and sees timed_out_.
void HttpSession::on_timeout() {
  timed_out_ = true;
  ErrorCode ignored;
  socket_.cancel(ignored);
}

void HttpSession::close() {
  timer_.cancel();
  ErrorCode ignored;
  // What a peer does not take would otherwise stay in the kernel for as long as that peer likes.
  if (phase_ == Phase::writing) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

}  // namespace weir::serving::internal
