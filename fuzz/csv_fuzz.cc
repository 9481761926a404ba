/// \file
/// Framing and CSV decoding: the size of chunks makes no difference, positions are sound, every record is a row or a
/// reject.
///
/// Input: one byte for the size of chunks, one for the limit on a record, then a file.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "codec/decoder.h"
#include "codec/framing.h"

namespace {

using weir::Field;
using weir::Type;
using weir::TypeKind;

struct Framed {
  std::string bytes;
  int64_t number;
  int64_t begin;
  int64_t end;
  bool is_oversize;
  bool operator==(const Framed&) const = default;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "csv_fuzz: %s\n", what);
  std::abort();
}

std::vector<Framed> frame(weir::codec::RecordFramer& framer, std::string_view text, size_t chunk) {
  std::vector<Framed> all;
  weir::codec::FramedRecord record;
  const auto drain = [&] {
    while (framer.next(record))
      all.push_back({std::string(record.bytes), record.number, record.byte_begin, record.byte_end, record.is_oversize});
  };
  for (size_t at = 0; at < text.size(); at += chunk) {
    const std::string piece(text.substr(at, chunk));
    framer.feed(piece);
    drain();
  }
  framer.finish();
  drain();
  return all;
}

void check_positions(const std::vector<Framed>& records, std::string_view text, size_t limit) {
  int64_t end = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    const Framed& record = records[i];
    if (record.number != static_cast<int64_t>(i) || record.begin < end || record.end < record.begin ||
        record.bytes.size() > limit)
      fail("bad position");
    if (text.substr(static_cast<size_t>(record.begin), record.bytes.size()) != record.bytes)
      fail("a record's bytes are not where it says");
    end = record.end;
  }
  if (end > static_cast<int64_t>(text.size())) fail("a record ends behind the end");
}

/// Going on at any record gives the same records.
void check_seek(const std::vector<Framed>& records, std::string_view text, size_t limit, std::string_view header) {
  if (records.size() < 2) return;
  const Framed& from = records[records.size() / 2];
  const auto framer = weir::codec::make_csv_framer(limit);
  weir::codec::FramedRecord record;
  framer->feed(text);
  while (framer->next(record)) {
  }
  framer->seek(from.begin, from.number);
  const auto rest = frame(*framer, text.substr(static_cast<size_t>(from.begin)), text.size());
  if (rest != std::vector<Framed>(records.begin() + from.number, records.end())) fail("seek gives other records");
  if (framer->context() != header) fail("seek changes the header");
}

void decode(const std::vector<Framed>& records, std::string_view header) {
  static const auto decoder = [] {
    const auto column = [](const char* name, TypeKind kind) {
      return Field{.id = 0, .name = name, .required = false, .type = Type::primitive(kind)};
    };
    const std::vector<Field> fields = {column("a", TypeKind::int64), column("b", TypeKind::string),
                                       column("c", TypeKind::timestamptz), column("d", TypeKind::boolean),
                                       column("e", TypeKind::string)};
    weir::codec::DecoderSpec spec{.schema = std::make_shared<const weir::Schema>(weir::assign_ids(fields))};
    spec.formats.resize(fields.size());
    spec.formats[4].raw_json = true;
    return weir::codec::make_csv_decoder(spec).value();
  }();
  weir::RawBatchBuilder builder;
  builder.set_context(header);
  for (const Framed& record : records)
    builder.add(record.bytes, {.offset = record.number, .is_truncated = record.is_oversize});
  const auto raw = builder.finish();
  const auto decoded = decoder->decode(raw);
  if (!decoded.ok()) {
    if (decoded.error().kind() == weir::ErrorKind::internal) fail("internal error");
    return;
  }
  if (static_cast<size_t>(decoded->batch.rows()) + decoded->rejects.size() != raw->size())
    fail("rows and rejects do not add up");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t chunk = 1 + data[0];
  const size_t limit = 1 + data[1];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto lines = frame(*weir::codec::make_line_framer(limit), text, text.size() + 1);
  if (frame(*weir::codec::make_line_framer(limit), text, chunk) != lines) fail("lines differ with the size of chunks");
  check_positions(lines, text, limit);
  const auto framer = weir::codec::make_csv_framer(limit);
  const auto records = frame(*framer, text, text.size() + 1);
  if (frame(*weir::codec::make_csv_framer(limit), text, chunk) != records)
    fail("records differ with the size of chunks");
  check_positions(records, text, limit);
  if (framer->has_context()) check_seek(records, text, limit, framer->context());
  decode(records, framer->context());
  return 0;
}
