#include "connector/files/decompressor.h"

#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace weir::connector {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr std::string_view kAdvice = ". Put the whole file in its place, or take it away";
constexpr int kGzipOnly = 16 + MAX_WBITS;

/// A file that is compressed by its name only.
Error not_compressed(std::string_view format, std::string_view suffix, std::string_view head) {
  std::string shown;
  for (const char c : head.substr(0, 8)) {
    if (c < ' ' || c > '~') break;
    shown += c;
  }
  return Error(ErrorKind::corrupt, "the file is named " + std::string(suffix) + " but is not " + std::string(format) +
                                       (shown.empty() ? "" : ": it begins with '" + shown + "'") +
                                       ". Give it the name of what it is");
}

class Plain final : public Decompressor {
 public:
  void feed(std::string_view bytes) override { bytes_ = bytes; }
  Result<std::string_view> next() override { return std::exchange(bytes_, std::string_view()); }
  Result<void> finish() override { return {}; }

 private:
  std::string_view bytes_;
};

class Gzip final : public Decompressor {
 public:
  Gzip() : piece_(kPieceBytes) {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

  void feed(std::string_view bytes) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
  }

  Result<std::string_view> next() override {
    if (at_start_ && stream_.avail_in != 0 && *stream_.next_in != 0x1f)
      return not_compressed("gzip", ".gz", {reinterpret_cast<const char*>(stream_.next_in), stream_.avail_in});
    at_start_ = at_start_ && stream_.avail_in == 0;
    size_t filled = 0;
    while (filled == 0) {
      // Between members: nothing of the next one seen yet, so an end of the file here is a clean one.
      if (between_members_ && stream_.avail_in == 0) return std::string_view();
      between_members_ = false;
      stream_.next_out = piece_.data();
      stream_.avail_out = static_cast<uInt>(piece_.size());
      const uInt before = stream_.avail_in;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      filled = piece_.size() - stream_.avail_out;
      if (code == Z_STREAM_END) {
        WEIR_CHECK(inflateReset(&stream_) == Z_OK);
        between_members_ = true;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return Error(
            ErrorKind::corrupt,
            std::string("gzip: ") + (stream_.msg != nullptr ? stream_.msg : "damaged data") + std::string(kAdvice));
      } else if (filled == 0 && before == stream_.avail_in) {
        return std::string_view();
      }
    }
    return std::string_view(reinterpret_cast<const char*>(piece_.data()), filled);
  }

  Result<void> finish() override {
    if (!between_members_)
      return Error(ErrorKind::corrupt, "gzip: the file ends in the middle of its data" + std::string(kAdvice));
    return {};
  }

 private:
  z_stream stream_{};
  std::vector<Bytef> piece_;
  bool at_start_ = true;
  bool between_members_ = true;
};

class Zstd final : public Decompressor {
 public:
  Zstd() : context_(ZSTD_createDCtx()), piece_(kPieceBytes) {
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kWindowLogMax);
  }
  ~Zstd() override { ZSTD_freeDCtx(context_); }

  void feed(std::string_view bytes) override { input_ = {bytes.data(), bytes.size(), 0}; }

  Result<std::string_view> next() override {
    const std::string_view fed(static_cast<const char*>(input_.src), input_.size);
    // 0x28: a frame; 0x50 to 0x5f: a frame to skip.
    if (at_start_ && !fed.empty() && fed[0] != 0x28 && (fed[0] & 0xf0) != 0x50)
      return not_compressed("zstd", ".zst", fed);
    at_start_ = at_start_ && fed.empty();
    ZSTD_outBuffer out{piece_.data(), piece_.size(), 0};
    while (out.pos == 0) {
      const size_t before = input_.pos;
      if (between_frames_ && input_.pos == input_.size) return std::string_view();
      const size_t code = ZSTD_decompressStream(context_, &out, &input_);
      if (ZSTD_isError(code) != 0)
        return Error(ErrorKind::corrupt, std::string("zstd: ") + ZSTD_getErrorName(code) + std::string(kAdvice));
      between_frames_ = code == 0;
      if (out.pos == 0 && input_.pos == before) return std::string_view();
    }
    return std::string_view(piece_.data(), out.pos);
  }

  Result<void> finish() override {
    if (!between_frames_)
      return Error(ErrorKind::corrupt, "zstd: the file ends in the middle of its data" + std::string(kAdvice));
    return {};
  }

 private:
  static constexpr int kWindowLogMax = 27;  // 128 MiB: what `zstd --ultra` needs; more is refused
  ZSTD_DCtx* context_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  std::vector<char> piece_;
  bool at_start_ = true;
  bool between_frames_ = true;
};

}  // namespace

Compression compression_of(std::string_view file_name, std::string_view head) {
  if (file_name.ends_with(".gz") || head.starts_with("\x1f\x8b")) return Compression::gzip;
  if (file_name.ends_with(".zst") || head.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  return Compression::none;
}

std::unique_ptr<Decompressor> make_decompressor(Compression compression) {
  switch (compression) {
    case Compression::gzip: return std::make_unique<Gzip>();
    case Compression::zstd: return std::make_unique<Zstd>();
    case Compression::none: return std::make_unique<Plain>();
  }
  check_failed("make_decompressor", "unknown compression", __FILE__, __LINE__);
}

}  // namespace weir::connector
