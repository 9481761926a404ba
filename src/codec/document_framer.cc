#include <algorithm>

#include "base/check.h"
#include "codec/framing.h"

namespace weir::codec {
namespace {

constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

class DocumentFramer final : public RecordFramer {
 public:
  explicit DocumentFramer(size_t record_bytes_max) : record_bytes_max_(record_bytes_max) {}

  void feed(std::string_view chunk) override {
    WEIR_CHECK(chunk_.empty() && !finished_);
    chunk_ = chunk;
  }
  void finish() override { finished_ = true; }

  bool next(FramedRecord& record) override {
    if (place_ == Place::between) {
      carry_.clear();  // the record that was in it has been seen
      skip_between();
      if (chunk_.empty()) return false;
      begin_record();
    }
    const size_t size = find_end();
    if (size != std::string_view::npos) {
      yield(chunk_.substr(0, size), record);
      chunk_.remove_prefix(size);
      return true;
    }
    keep(chunk_);
    chunk_ = {};
    if (!finished_) return false;
    yield({}, record);
    return true;
  }

  void seek(int64_t byte, int64_t number, int64_t line) override {
    line_ = line;
    chunk_ = {};
    carry_.clear();
    finished_ = false;
    place_ = Place::between;
    byte_ = byte;
    next_byte_ = byte;
    next_number_ = number;
  }
  int64_t next_byte() const override { return next_byte_; }
  bool has_context() const override { return true; }
  std::string_view context() const override { return {}; }

 private:
  enum class Place { between, object, string, escape, other };

  void skip_between() {
    size_t i = 0;
    while (i < chunk_.size()) {
      const char c = chunk_[i];
      const bool is_mark = byte_ < static_cast<int64_t>(kUtf8Mark.size()) && c == kUtf8Mark[static_cast<size_t>(byte_)];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != ',' && c != '[' && c != ']' && !is_mark) break;
      ++i;
      ++byte_;
    }
    line_ += std::count(chunk_.begin(), chunk_.begin() + static_cast<ptrdiff_t>(i), '\n');
    chunk_.remove_prefix(i);
  }

  void begin_record() {
    place_ = chunk_.front() == '{' ? Place::object : Place::other;
    depth_ = 0;
    record_begin_ = byte_;
    record_line_ = line_;
    record_bytes_ = 0;
  }

  /// How many bytes of chunk_ belong to the record when it ends in them; npos when it goes on.
  size_t find_end() {
    for (size_t i = 0; i < chunk_.size(); ++i) {
      const char c = chunk_[i];
      switch (place_) {
        case Place::string:
          if (c == '"') place_ = Place::object;
          if (c == '\\') place_ = Place::escape;
          break;
        case Place::escape: place_ = Place::string; break;
        case Place::other:
          if (c == '\n') return i;
          break;
        default:
          if (c == '"') place_ = Place::string;
          if (c == '{' || c == '[') ++depth_;
          if ((c == '}' || c == ']') && --depth_ == 0) return i + 1;
      }
    }
    return std::string_view::npos;
  }

  /// Carries over the beginning of a record, up to the limit.
  void keep(std::string_view bytes) {
    record_bytes_ += bytes.size();
    byte_ += static_cast<int64_t>(bytes.size());
    line_ += std::count(bytes.begin(), bytes.end(), '\n');
    if (carry_.size() < record_bytes_max_) carry_.append(bytes.substr(0, record_bytes_max_ - carry_.size()));
  }

  void yield(std::string_view rest, FramedRecord& record) {
    std::string_view bytes = rest;
    if (record_bytes_ > 0) {
      keep(rest);
      bytes = carry_;
    } else {
      record_bytes_ = rest.size();
      byte_ += static_cast<int64_t>(rest.size());
      line_ += std::count(rest.begin(), rest.end(), '\n');
    }
    record.bytes = bytes.substr(0, record_bytes_max_);
    record.is_oversize = record_bytes_ > record_bytes_max_;
    record.number = next_number_++;
    record.byte_begin = record_begin_;
    record.line = record_line_;
    record.byte_end = byte_;
    record.open_quote = -1;
    next_byte_ = byte_;
    place_ = Place::between;
  }

  size_t record_bytes_max_;
  std::string_view chunk_;  ///< not yet looked at
  std::string carry_;       ///< the beginning of the record that chunk_ continues
  Place place_ = Place::between;
  int64_t depth_ = 0;
  int64_t byte_ = 0;  ///< of the stream: where chunk_ begins
  int64_t record_begin_ = 0;
  int64_t line_ = 1;  ///< in which chunk_ begins
  int64_t record_line_ = 1;
  size_t record_bytes_ = 0;  ///< of the record at hand that chunks before have brought
  int64_t next_byte_ = 0;
  int64_t next_number_ = 0;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<RecordFramer> make_document_framer(size_t record_bytes_max) {
  return std::make_unique<DocumentFramer>(record_bytes_max);
}

}  // namespace weir::codec
