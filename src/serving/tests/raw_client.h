/// \file
/// A TCP client that sends exactly the bytes it is told to.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::serving::test {

class RawClient {
 public:
  /// Connects to 127.0.0.1; connected() tells whether it worked.
  explicit RawClient(uint16_t port);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  bool connected() const { return fd_ >= 0; }
  /// False when the peer no longer takes bytes.
  bool send(std::string_view bytes);
  /// No more will be sent.
  void finish_sending();
  /// Takes little of what the server sends: for slow readers. Before the first read.
  void shrink_receive_buffer();
  /// Reads one answer: header and, by its Content-Length, body (none after HEAD). What it got when the peer closes or
  /// 10 s pass.
  std::string read_answer(bool head_only = false);
  /// Reads until the peer closes; at most 10 s.
  std::string read_all();
  /// Whether the peer closed within `wait`.
  bool closes_within(std::chrono::milliseconds wait);

 private:
  bool read_some(std::chrono::milliseconds wait);
  int fd_ = -1;
  bool closed_ = false;
  std::string received_;
};

/// Sends `request` on a new connection and reads until the server closes it or, when it keeps it open, one answer.
std::string exchange(uint16_t port, std::string_view request);

/// 0 when `answer` is no HTTP answer.
int status_of(std::string_view answer);
/// What follows the empty line.
std::string body_of(std::string_view answer);

}  // namespace weir::serving::test
