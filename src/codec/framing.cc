#include "codec/framing.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "codec/json/find_either_internal.h"

namespace weir::codec {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

size_t find_newline(std::string_view bytes) {
  const void* at = bytes.empty() ? nullptr : std::memchr(bytes.data(), '\n', bytes.size());
  return at == nullptr ? std::string_view::npos : static_cast<size_t>(static_cast<const char*>(at) - bytes.data());
}

/// What lines and CSV records have in common: everything but where a record ends.
class StreamFramer : public RecordFramer {
 public:
  explicit StreamFramer(size_t record_bytes_max) : record_bytes_max_(record_bytes_max) {}

  void feed(std::string_view chunk) final {
    WEIR_CHECK(chunk_.empty() && !finished_);
    chunk_ = chunk;
  }
  void finish() final { finished_ = true; }

  bool next(FramedRecord& record) final {
    while (next_piece(record)) {
      if (is_passed_over(record)) continue;
      if (take_header(record)) continue;
      record.number = next_number_++;
      return true;
    }
    return false;
  }

  void seek(int64_t byte, int64_t number, int64_t line) final {
    WEIR_CHECK(has_context());
    line_ = line;
    lines_inside_ = 0;
    chunk_ = {};
    carry_.clear();
    pending_ = 0;
    finished_ = false;
    begin_ = byte;
    next_number_ = number;
    reset_scan(byte);
  }
  int64_t next_byte() const final { return begin_; }

 protected:
  /// Returns the index in `bytes` of the LF that ends the record, npos when it does not end in them; the next call sees
  /// what follows.
  virtual size_t find_end(std::string_view bytes) = 0;
  /// True when a record may hold line ends.
  virtual bool spans_lines() const { return false; }
  /// Where the quote opens that what find_end() has seen ends in; -1 when it ends in none.
  virtual int64_t open_quote() const { return -1; }
  /// Forgets what find_end() remembers: the next bytes begin a record at byte `byte` of the stream.
  virtual void reset_scan(int64_t byte) = 0;
  virtual bool is_passed_over(const FramedRecord& record) = 0;
  /// True when `record` is no record but the header.
  virtual bool take_header(const FramedRecord&) { return false; }

 private:
  /// The next run of bytes up to a record end (or the end of the stream).
  bool next_piece(FramedRecord& record) {
    if (pending_ == 0) carry_.clear();  // the record that was in it has been seen
    const size_t end = find_end(chunk_);
    if (end != std::string_view::npos) {
      yield(chunk_.substr(0, end), 1, record);
      record.open_quote = -1;
      chunk_.remove_prefix(end + 1);
      return true;
    }
    keep(chunk_);
    chunk_ = {};
    if (!finished_ || pending_ == 0) return false;
    yield({}, 0, record);
    record.open_quote = open_quote();
    return true;
  }

  /// Carries over the beginning of a record; a little above the limit, for the CR and the byte order mark that do not
  /// count.
  void keep(std::string_view bytes) {
    if (bytes.empty()) return;
    pending_ += bytes.size();
    if (spans_lines()) lines_inside_ += std::count(bytes.begin(), bytes.end(), '\n');
    last_byte_ = bytes.back();
    const size_t carry_max = record_bytes_max_ + kByteOrderMark.size() + 1;
    carry_.append(bytes.substr(0, carry_max - carry_.size()));
  }

  void yield(std::string_view rest, size_t line_end, FramedRecord& record) {
    size_t size = rest.size();
    if (pending_ > 0) {
      keep(rest);
      size = pending_;
      rest = carry_;
    } else if (!rest.empty()) {
      last_byte_ = rest.back();
      if (spans_lines()) lines_inside_ += std::count(rest.begin(), rest.end(), '\n');
    }
    record.line = line_;
    line_ += std::exchange(lines_inside_, 0) + static_cast<int64_t>(line_end);
    record.byte_begin = begin_;
    record.byte_end = begin_ + static_cast<int64_t>(size + line_end);
    if (line_end != 0 && size > 0 && last_byte_ == '\r') {
      if (rest.size() == size) rest.remove_suffix(1);
      --size;
    }
    if (begin_ == 0 && rest.starts_with(kByteOrderMark)) {
      rest.remove_prefix(kByteOrderMark.size());
      size -= kByteOrderMark.size();
      record.byte_begin = static_cast<int64_t>(kByteOrderMark.size());
    }
    record.is_oversize = size > record_bytes_max_;
    record.bytes = rest.substr(0, record_bytes_max_);
    begin_ = record.byte_end;
    pending_ = 0;
  }

  size_t record_bytes_max_;
  std::string_view chunk_;  ///< not yet looked at
  std::string carry_;       ///< the beginning of the record that chunk_ continues, cut off above the limit
  size_t pending_ = 0;      ///< bytes of that record so far
  char last_byte_ = '\0';   ///< of that record
  bool finished_ = false;
  int64_t begin_ = 0;         ///< where the record begins in the stream
  int64_t line_ = 1;          ///< in which it begins
  int64_t lines_inside_ = 0;  ///< line ends in it so far
  int64_t next_number_ = 0;
};

class LineFramer final : public StreamFramer {
 public:
  using StreamFramer::StreamFramer;
  bool has_context() const override { return true; }
  std::string_view context() const override { return {}; }

 private:
  size_t find_end(std::string_view bytes) override { return find_newline(bytes); }
  void reset_scan(int64_t) override {}
  bool is_passed_over(const FramedRecord& record) override {
    return !record.is_oversize && record.bytes.find_first_not_of(" \t\r") == std::string_view::npos;
  }
};

class CsvFramer final : public StreamFramer {
 public:
  CsvFramer(size_t record_bytes_max, const CsvLines& lines)
      : StreamFramer(record_bytes_max),
        delimiter_(lines.delimiter),
        quote_(lines.quote),
        comment_(lines.comment),
        skip_lines_(lines.skip_lines) {}
  bool has_context() const override { return has_header_; }
  std::string_view context() const override { return header_; }

 private:
  bool spans_lines() const override { return true; }

  enum class State { record_start, field_start, unquoted, quoted, after_quote };

  int64_t open_quote() const override { return state_ == State::quoted ? quote_byte_ : -1; }

  size_t find_end(std::string_view bytes) override {
    size_t i = 0;
    if (bytes.empty()) return std::string_view::npos;
    if (skip_lines_ > 0) return skip_line(bytes);
    while (i < bytes.size() && scanned_ < static_cast<int64_t>(kByteOrderMark.size())) {
      if (step(bytes[i])) return i;
      ++i;
    }
    const size_t end = find_end_from(bytes, i);
    scanned_ += static_cast<int64_t>((end == std::string_view::npos ? bytes.size() : end + 1) - i);
    return end;
  }

  /// A line in which nothing means anything.
  size_t skip_line(std::string_view bytes) {
    const size_t end = find_newline(bytes);
    scanned_ += static_cast<int64_t>(end == std::string_view::npos ? bytes.size() : end + 1);
    return end;
  }

  /// Jumps from one quote or line end to the next.
  size_t find_end_from(std::string_view bytes, size_t i) {
    const int64_t first = scanned_ - static_cast<int64_t>(i);  // byte of the stream that bytes[0] is
    if (state_ == State::record_start && i < bytes.size()) {
      is_comment_ = comment_ != '\0' && bytes[i] == comment_;
      state_ = State::field_start;
    }
    if (is_comment_) {
      const size_t end = bytes.find('\n', i);
      if (end != std::string_view::npos) end_record();
      return end;
    }
    while (true) {
      if (state_ == State::quoted) {
        i = bytes.find(quote_, i);
        if (i == std::string_view::npos) return i;
        state_ = State::after_quote;
        ++i;
      }
      const size_t stop = find_either(bytes, i, '\n', quote_);
      const size_t seen = stop == std::string_view::npos ? bytes.size() : stop;
      if (seen > i) state_ = bytes[seen - 1] == delimiter_ ? State::field_start : State::unquoted;
      if (stop == std::string_view::npos) return stop;
      if (bytes[stop] == '\n') {
        end_record();
        return stop;
      }
      if (state_ == State::field_start) quote_byte_ = first + static_cast<int64_t>(stop);
      if (state_ != State::unquoted) state_ = State::quoted;  // after_quote: a doubled quote
      i = stop + 1;
    }
  }

  /// Takes one byte of those that may be a byte order mark; true when it ends the record.
  bool step(char c) {
    const auto at = static_cast<size_t>(scanned_++);
    if (state_ == State::record_start && c != kByteOrderMark[at]) {
      is_comment_ = comment_ != '\0' && c == comment_;
      state_ = State::field_start;
    }
    if (is_comment_ && c != '\n') return false;
    if (state_ == State::quoted) {
      if (c == quote_) state_ = State::after_quote;
      return false;
    }
    if (c == '\n') {
      end_record();
      return true;
    }
    if (c == delimiter_) {
      state_ = State::field_start;
    } else if (c == quote_ && state_ != State::unquoted) {
      if (state_ != State::after_quote) quote_byte_ = scanned_ - 1;
      state_ = State::quoted;
    } else if (c != kByteOrderMark[at]) {
      state_ = State::unquoted;
    }
    return false;
  }

  void reset_scan(int64_t byte) override {
    end_record();
    skip_lines_ = 0;  // they are in front of the header, which is known
    scanned_ = byte;
  }
  void end_record() {
    state_ = State::record_start;
    is_comment_ = false;
  }
  bool is_passed_over(const FramedRecord& record) override {
    if (skip_lines_ > 0) {
      --skip_lines_;
      end_record();
      return true;
    }
    if (comment_ != '\0' && record.bytes.starts_with(comment_)) return true;
    return record.bytes.empty() && !record.is_oversize;
  }
  bool take_header(const FramedRecord& record) override {
    if (has_header_ || is_headless_) return false;
    is_headless_ = record.open_quote >= 0 || record.is_oversize || has_bare_cr(record.bytes);
    if (is_headless_) return false;
    has_header_ = true;
    header_ = record.bytes;
    return true;
  }
  bool has_bare_cr(std::string_view record) const {
    bool is_quoted = false;
    for (const char c : record) {
      if (c == quote_) is_quoted = !is_quoted;
      if (c == '\r' && !is_quoted) return true;
    }
    return false;
  }

  char delimiter_;
  char quote_;
  char comment_;
  int64_t skip_lines_;       ///< still to come
  bool is_comment_ = false;  ///< the record at hand is one
  State state_ = State::record_start;
  int64_t scanned_ = 0;     ///< where find_end() stands in the stream
  int64_t quote_byte_ = 0;  ///< where the last quote opened
  bool has_header_ = false;
  bool is_headless_ = false;  ///< the first record cannot be a header
  std::string header_;
};

}  // namespace

std::unique_ptr<RecordFramer> make_line_framer(size_t record_bytes_max) {
  return std::make_unique<LineFramer>(record_bytes_max);
}

std::unique_ptr<RecordFramer> make_csv_framer(size_t record_bytes_max, const CsvLines& lines) {
  return std::make_unique<CsvFramer>(record_bytes_max, lines);
}

}  // namespace weir::codec
