/// \file
/// One connection of the HTTP server: reads a request, answers, reads the next. All on the server's one thread.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "serving/http_request_internal.h"
#include "serving/http_server.h"

namespace weir::serving::internal {

class HttpSession;

/// What all connections of a server share; outlives them.
struct HttpService {
  HttpLimits limits;
  std::function<void(int status)> on_answer;
  std::map<std::string, HttpHandler, std::less<>> routes;
  std::set<HttpSession*> sessions;     ///< open ones; each enters and removes itself
  std::function<void()> on_last_gone;  ///< called when the last session goes; set while stopping
};

/// The bytes of an answer: status line, header and, unless `head_only`, body.
std::string render_response(const HttpResponse& response, bool keep_alive, bool head_only);

/// {"status":"refused","reason":"..."}
HttpResponse render_refusal(const Refusal& refusal);

/// Kept alive by its pending operations alone.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(HttpService& service, boost::asio::ip::tcp::socket socket);
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;
  ~HttpSession();

  void start() { await_request(); }
  /// Closes now, or after the answer that is being written.
  void stop();

 private:
  enum class Phase { idle, header, writing, draining };

  void await_request();
  void read_more();
  void take_bytes();
  void answer(const ParsedRequest& request);
  HttpResponse respond(const ParsedRequest& request);
  void refuse(const Refusal& refusal);
  void send(const HttpResponse& response, bool keep_alive, bool head_only);
  void drain();
  void read_and_discard();
  void arm(int64_t ms);
  void on_timeout();
  void close();

  HttpService& service_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Phase phase_ = Phase::idle;
  uint64_t timer_generation_ = 0;
  bool timed_out_ = false;
  bool stopping_ = false;
  int requests_ = 0;
  std::array<char, 4096> chunk_{};
  std::string input_;    ///< received and not yet answered
  size_t searched_ = 0;  ///< how much of input_ is known to hold no end of a header
  std::string output_;   ///< being written
  size_t discarded_ = 0;
};

}  // namespace weir::serving::internal
