#include "serving/tests/raw_client.h"

#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::serving::test {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{10'000};

RawClient::RawClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return;
  ::close(fd_);
  fd_ = -1;
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

void RawClient::finish_sending() {
  ::shutdown(fd_, SHUT_WR);
}

void RawClient::shrink_receive_buffer() {
  const int size = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

bool RawClient::read_some(milliseconds wait) {
  if (closed_) return false;
  pollfd poll{.fd = fd_, .events = POLLIN, .revents = 0};
  if (::poll(&poll, 1, static_cast<int>(wait.count())) <= 0) return false;
  char chunk[65536];
  const ssize_t n = ::recv(fd_, chunk, sizeof(chunk), 0);
  if (n <= 0) {
    closed_ = true;
    return false;
  }
  received_.append(chunk, static_cast<size_t>(n));
  return true;
}

std::string RawClient::read_answer(bool head_only) {
  size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_some(kPatience)) return std::exchange(received_, {});
  }
  end += 4;
  const size_t length = received_.find("Content-Length: ");
  if (!head_only && length < end) end += static_cast<size_t>(std::atoll(received_.c_str() + length + 16));
  while (received_.size() < end && read_some(kPatience)) {
  }
  std::string answer = received_.substr(0, end);
  received_.erase(0, end);
  return answer;
}

std::string RawClient::read_all() {
  while (read_some(kPatience)) {
  }
  return std::exchange(received_, {});
}

bool RawClient::closes_within(milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  while (!closed_ && std::chrono::steady_clock::now() < until) read_some(milliseconds(10));
  return closed_;
}

std::string exchange(uint16_t port, std::string_view request) {
  RawClient client(port);
  client.send(request);
  return client.read_answer();
}

int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") && answer.size() > 12 ? std::atoi(std::string(answer.substr(9, 3)).c_str())
                                                               : 0;
}

std::string body_of(std::string_view answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(answer.substr(end + 4));
}

}  // namespace weir::serving::test
