#include "cli/output/console.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weir::cli {
namespace {

using testing::HasSubstr;

/// What `say` writes to stderr, which is no terminal here.
template <typename Say>
std::string written(Say say) {
  observe::Redactor redactor;
  redactor.register_secret("hunter2-hunter2");
  Console console(redactor);
  testing::internal::CaptureStderr();
  say(console);
  return testing::internal::GetCapturedStderr();
}

TEST(Console, AnErrorIsOneLineWithItsKind) {
  EXPECT_EQ(written([](Console& c) { c.error(Error(ErrorKind::io, "disk is full")); }), "error: disk is full (io)\n");
  EXPECT_EQ(written([](Console& c) { c.error("no command 'x'"); }), "error: no command 'x'\n");
  EXPECT_EQ(written([](Console& c) { c.warning("ops.x cannot be read"); }), "warning: ops.x cannot be read\n");
}

TEST(Console, WhatATerminalObeysIsEscapedInMessages) {
  const auto text =
      written([](Console& c) { c.error(Error(ErrorKind::corrupt, "bad value '\x1b]0;x\x07\n\u009b2J\u202e\xff'")); });
  EXPECT_EQ(text, "error: bad value '\\x1b]0;x\\x07\\n\\x9b2J\\u202e\ufffd' (corrupt)\n");
}

TEST(Console, NoMessageHasASecret) {
  EXPECT_EQ(written([](Console& c) { c.error(Error(ErrorKind::io, "sent 'hunter2-hunter2'")); }),
            "error: sent '***' (io)\n");
  EXPECT_EQ(written([](Console& c) { c.error("https://u:pw@host/ does not answer"); }),
            "error: https://u:***@host/ does not answer\n");
}

/// Stands in for a stream of the process while it lives.
class Replaced {
 public:
  Replaced(int stream, int by) : stream_(stream), saved_(::dup(stream)) { ::dup2(by, stream); }
  ~Replaced() {
    ::dup2(saved_, stream_);
    ::close(saved_);
  }

 private:
  int stream_;
  int saved_;
};

/// What `say` writes to stderr when that is a terminal of `columns` columns.
template <typename Say>
std::string on_terminal(int columns, Say say) {
  const int screen = ::posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_EQ(::grantpt(screen) + ::unlockpt(screen), 0);
  const int terminal = ::open(::ptsname(screen), O_RDWR | O_NOCTTY);
  const winsize size{.ws_row = 20, .ws_col = static_cast<unsigned short>(columns), .ws_xpixel = 0, .ws_ypixel = 0};
  EXPECT_EQ(::ioctl(terminal, TIOCSWINSZ, &size), 0);
  {
    const Replaced stderr_is(STDERR_FILENO, terminal);
    observe::Redactor redactor;
    Console console(redactor);
    say(console);
  }
  // The kernel hands it over piece by piece: read up to a sign of our own.
  constexpr char kEnd = '\x01';
  EXPECT_EQ(::write(terminal, &kEnd, 1), 1);
  std::string shown;
  for (char c = 0; ::read(screen, &c, 1) == 1 && c != kEnd;) shown += c;
  ::close(terminal);
  ::close(screen);
  return shown;
}

TEST(ConsoleOnATerminal, ALineTakesThePlaceOfTheLiveLine) {
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(on_terminal(80,
                        [](Console& c) {
                          c.live("12 events");
                          c.err("committed\n");
                          c.err("again\n");
                          c.live("13 events");
                          c.end_live();
                        }),
            "\r\x1b[2K12 events\r\x1b[2Kcommitted\r\nagain\r\n\r\x1b[2K13 events\r\x1b[2K");
}

TEST(ConsoleOnATerminal, TheLiveLineIsCutToTheWidth) {
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(on_terminal(10, [](Console& c) { c.live("123456\u00fc8901234"); }), "\r\x1b[2K123456\u00fc89");
}

TEST(ConsoleOnATerminal, ColoursAndMovesAreOnlyForTerminalsThatWantThem) {
  ::setenv("TERM", "xterm", 1);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(on_terminal(80, [](Console& c) { c.error("x"); }), "error: x\r\n");
  EXPECT_FALSE(on_terminal(80, [](Console& c) { EXPECT_FALSE(c.err_has_colour()); }).size());
  ::unsetenv("NO_COLOR");
  EXPECT_EQ(on_terminal(80, [](Console& c) { c.error("x"); }), "\x1b[31merror: \x1b[0mx\r\n");
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(on_terminal(80,
                        [](Console& c) {
                          c.error("x");
                          c.live("12 events");
                          c.end_live();
                        }),
            "error: x\r\n");
}

TEST(ConsoleOutput, ASlowReaderThatDoesNotBlockGetsAllOfIt) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  const std::string text(1'000'000, 'x');
  std::string read;
  std::thread reader([&] {
    std::string piece(4096, '\0');
    while (read.size() < text.size()) {
      const ssize_t n = ::read(ends[0], piece.data(), piece.size());
      if (n > 0) read.append(piece, 0, static_cast<size_t>(n));
      if (n == 0) return;
      if (n < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  {
    const Replaced stdout_is(STDOUT_FILENO, ends[1]);
    observe::Redactor redactor;
    Console console(redactor);
    console.out(text);
    EXPECT_EQ(console.out_error(), 0);
  }
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  EXPECT_EQ(read, text);
}

TEST(ConsoleOutput, MessagesThatNobodyReadsStopNothing) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const Replaced stderr_is(STDERR_FILENO, ends[1]);
  ::close(ends[1]);
  observe::Redactor redactor;
  Console console(redactor);
  console.error("nobody reads this");
  EXPECT_EQ(console.out_error(), 0);
}

TEST(ConsoleOutput, WhatCannotBeWrittenIsRemembered) {
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  const Replaced stdout_is(STDOUT_FILENO, full);
  ::close(full);
  observe::Redactor redactor;
  Console console(redactor);
  EXPECT_TRUE(console.has_reader());
  console.out("x");
  EXPECT_EQ(console.out_error(), ENOSPC);
}

TEST(Printable, LinesStayOnlyWhereTheyMay) {
  EXPECT_EQ(printable("a\nb\tc\r\xc3\xa9"), "a\\nb\\tc\\r\u00e9");
  EXPECT_EQ(printable_lines("a\x1b\n\nb\r\n"), "a\\x1b\n\nb\\r\n");
  EXPECT_EQ(printable_lines(""), "");
}

TEST(FormatCount, GroupsThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(-1234567), "-1,234,567");
}

TEST(FormatBytes, HasTwoOrThreeDigitsAndPowersOfTen) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(1000), "1.0 kB");
  EXPECT_EQ(format_bytes(99'949), "99.9 kB");
  EXPECT_EQ(format_bytes(99'950), "100 kB");
  EXPECT_EQ(format_bytes(999'499), "999 kB");
  EXPECT_EQ(format_bytes(999'500), "1.0 MB");
  EXPECT_EQ(format_bytes(12'345'678'901), "12.3 GB");
  EXPECT_EQ(format_bytes(5'000'000'000'000'000), "5000 TB");
}

TEST(FormatDuration, IsAsExactAsItMatters) {
  EXPECT_EQ(format_duration_ms(0), "0 ms");
  EXPECT_EQ(format_duration_ms(999), "999 ms");
  EXPECT_EQ(format_duration_ms(1000), "1.0 s");
  EXPECT_EQ(format_duration_ms(12'340), "12.3 s");
  EXPECT_EQ(format_duration_ms(59'949), "59.9 s");
  EXPECT_EQ(format_duration_ms(59'999), "1 min 0 s") << "there is no \"60.0 s\"";
  EXPECT_EQ(format_duration_ms(60'000), "1 min 0 s");
  EXPECT_EQ(format_duration_ms(3'725'000), "62 min 5 s");
}

TEST(FormatTable, AlignsNumbersToTheRightAndTextToTheLeft) {
  EXPECT_EQ(format_table({{"table", "rows"}, {"ops.flights", "9"}, {"x", "1,200"}}),
            "table         rows\n"
            "ops.flights      9\n"
            "x            1,200\n");
  EXPECT_EQ(format_table({{"a", "b"}}), "a  b\n");
  EXPECT_EQ(format_table({}), "");
}

TEST(FormatTable, CountsCharactersAndNotBytes) {
  EXPECT_EQ(format_table({{"name", "x"}, {"Z\u00fcrich", "a"}, {"Berlin", "b"}}),
            "name    x\n"
            "Z\u00fcrich  a\n"
            "Berlin  b\n");
}

TEST(FormatTable, CellsCannotMoveTheCaret) {
  const std::string text = format_table({{"n\x1b[2J", "v"}, {"a\nb", "\u202e\u009b"}});
  EXPECT_EQ(text,
            "n\\x1b[2J  v\n"
            "a\\nb      \\u202e\\x9b\n");
}

TEST(JsonString, IsAlwaysValid) {
  EXPECT_EQ(json_string("a\"\n\x1b"), "\"a\\\"\\n\\u001b\"");
  EXPECT_THAT(json_string("\xff"), HasSubstr("\ufffd"));
}

}  // namespace
}  // namespace weir::cli
