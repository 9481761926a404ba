#include "serving/http_server.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <pthread.h>
#include <signal.h>

#include "base/check.h"
#include "serving/http_session_internal.h"

namespace weir::serving {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr auto kAcceptRetry = std::chrono::milliseconds(100);

Result<tcp::endpoint> parse_address(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "' is not an address to listen on: " +
                                                  std::string(why) + "; write ADDRESS:PORT, such as 127.0.0.1:9464");
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("it has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (end.ec != std::errc() || end.ptr != digits.data() + digits.size())
    return wrong("the port is not a number from 0 to 65535");
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed)
    return wrong("'" + std::string(host) + "' is no IP address ([...] around version 6)");
  return tcp::endpoint(address, port);
}

Error listen_error(const ErrorCode& error, std::string_view address) {
  const std::string where = "cannot listen on " + std::string(address) + ": ";
  if (error == asio::error::address_in_use) {
    return {ErrorKind::unavailable,
            where + "the port is taken; stop the other program or choose another port (0 for any)"};
  }
  if (error == asio::error::access_denied) {
    return {ErrorKind::permission_denied, where + "not permitted; choose a port above 1023"};
  }
  return {ErrorKind::unavailable, where + error.message()};
}

std::string endpoint_text(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

}  // namespace

/// Members are destroyed from the last to the first: connections go with the io_context, while the service still
/// stands.
struct HttpServer::Impl {
  internal::HttpService service;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer retry{io};
  asio::steady_timer stop_timer{io};
  tcp::endpoint local;
  std::thread thread;

  Result<void> listen(const tcp::endpoint& endpoint);
  void accept();
  void admit(tcp::socket socket);
  void refuse_busy(tcp::socket socket);
  void run();
  void begin_stop();
};

Result<void> HttpServer::Impl::listen(const tcp::endpoint& endpoint) {
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) local = acceptor.local_endpoint(error);
  if (!error) return {};
  ErrorCode ignored;
  acceptor.close(ignored);
  return listen_error(error, endpoint_text(endpoint));
}

void HttpServer::Impl::accept() {
  acceptor.async_accept([this](const ErrorCode& error, tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (error) {
      // Out of descriptors, most likely: asking again at once would only burn the CPU.
      retry.expires_after(kAcceptRetry);
      retry.async_wait([this](const ErrorCode& cancelled) {
        if (!cancelled && acceptor.is_open()) accept();
      });
      return;
    }
    admit(std::move(socket));
    accept();
  });
}

void HttpServer::Impl::admit(tcp::socket socket) {
  if (service.sessions.size() >= static_cast<size_t>(service.limits.connections_max))
    return refuse_busy(std::move(socket));
  try {
    std::make_shared<internal::HttpSession>(service, std::move(socket))->start();
  } catch (const std::exception&) {  // out of memory: this connection is closed, the next may do better
  }
}

/// Takes no time: what the kernel does not take at once is not said.
void HttpServer::Impl::refuse_busy(tcp::socket socket) {
  static const std::string answer =
      internal::render_response(internal::render_refusal({503, "too many connections"}), false, false);
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(answer), ignored);
  socket.shutdown(tcp::socket::shutdown_both, ignored);
  if (service.on_answer) service.on_answer(503);
}

void HttpServer::Impl::run() {
  pthread_setname_np(pthread_self(), "weir-http");
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception&) {  // out of memory in one connection, which is gone; the others go on
    }
  }
}

void HttpServer::Impl::begin_stop() {
  ErrorCode ignored;
  acceptor.close(ignored);
  retry.cancel();
  if (service.sessions.empty()) return io.stop();
  service.on_last_gone = [this] { io.stop(); };
  stop_timer.expires_after(std::chrono::milliseconds(service.limits.stop_ms));
  stop_timer.async_wait([this](const ErrorCode&) { io.stop(); });
  for (internal::HttpSession* session : service.sessions)
    session->stop();  // which only cancels: none goes away in here
}

HttpServer::HttpServer(HttpLimits limits, std::function<void(int status)> on_answer) : impl_(std::make_unique<Impl>()) {
  impl_->service.limits = limits;
  impl_->service.on_answer = std::move(on_answer);
}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::add_route(std::string path, HttpHandler handler) {
  WEIR_CHECK(!impl_->thread.joinable());
  impl_->service.routes[std::move(path)] = std::move(handler);
}

Result<void> HttpServer::start(std::string_view address) {
  WEIR_CHECK(!impl_->thread.joinable());
  WEIR_ASSIGN(const tcp::endpoint endpoint, parse_address(address));
  WEIR_TRY(impl_->listen(endpoint));
  impl_->accept();
  // Signals belong to the thread that waits for them, so the new thread must be born with all of them blocked.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Result<void> started;
  try {
    impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
  } catch (const std::system_error& error) {
    started =
        Error(ErrorKind::resource_exhausted, std::string("cannot start the HTTP server's thread: ") + error.what());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

std::string HttpServer::address() const {
  return port() == 0 ? "" : endpoint_text(impl_->local);
}

uint16_t HttpServer::port() const {
  return impl_->local.port();
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  try {
    asio::post(impl_->io, [impl = impl_.get()] { impl->begin_stop(); });
    impl_->thread.join();
    impl_->service.on_last_gone = nullptr;
  } catch (const std::exception& error) {  // not even the memory to ask for the end: there is none in good order
    check_failed("HttpServer::stop", error.what(), __FILE__, __LINE__);
  }
}

}  // namespace weir::serving
