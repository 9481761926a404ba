/// \file
/// Cuts a stream of decompressed bytes into records: lines of NDJSON, records of CSV.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::codec {

/// One record and where it lies.
struct FramedRecord {
  std::string_view bytes;    ///< without line end; valid until the next call on the framer
  int64_t number = 0;        ///< counts records from 0; blank lines and the header have no number
  int64_t byte_begin = 0;    ///< of its first byte in the decompressed stream
  int64_t byte_end = 0;      ///< where the next record may begin: after the line end
  bool is_oversize = false;  ///< longer than the limit: `bytes` is only its beginning
  int64_t line = 1;          ///< of the stream on which it begins, from 1
  int64_t open_quote = -1;   ///< CSV: the stream ended inside of the quote that opens at this byte of it; else -1
};

/// Pull parser: feed() one chunk, call next() until it says no, feed the next chunk ... finish(), and next() until it
/// says no again.
///
/// A record inside of one chunk is a view into that chunk, not a copy; what is cut by the end of a chunk is carried
/// over, at most `record_bytes_max` bytes of it. One thread.
class RecordFramer {
 public:
  virtual ~RecordFramer() = default;

  /// Hands in the next bytes of the stream. They must stay as they are until next() has returned false.
  virtual void feed(std::string_view chunk) = 0;
  /// Says that the stream has ended: a last record without line end counts.
  virtual void finish() = 0;
  /// Yields the next record; false when more bytes (or nothing, after finish()) are needed.
  virtual bool next(FramedRecord& record) = 0;

  /// Goes on elsewhere: the next byte fed is byte `byte` of the stream, which is where record `number` begins (or the
  /// blank lines before it), in line `line`. CSV: only once has_context().
  virtual void seek(int64_t byte, int64_t number, int64_t line = 1) = 0;
  /// The byte after the last record that next() yielded: what seek() takes, with that record's number + 1, to go on
  /// from here.
  virtual int64_t next_byte() const = 0;

  /// CSV: true once the header is known. Others: always.
  virtual bool has_context() const = 0;
  /// CSV: the header record, for RawBatch::context(); empty before has_context(). Others: empty.
  virtual std::string_view context() const = 0;
};

/// Makes framers for files, each of which has records of at most `record_bytes_max` bytes. Any thread.
using MakeFramer = std::function<std::unique_ptr<RecordFramer>(size_t record_bytes_max)>;

/// NDJSON: records are lines; ends are LF or CRLF; lines of only blanks are skipped; a UTF-8 byte order mark at byte 0
/// is skipped.
std::unique_ptr<RecordFramer> make_line_framer(size_t record_bytes_max);

/// How the lines of a CSV file make records.
struct CsvLines {
  char delimiter = ',';
  char quote = '"';
  /// Lines in front of the header that are passed over, whatever is in them.
  int64_t skip_lines = 0;
  /// Records that begin with this character are passed over; NUL: none.
  char comment = '\0';
};

/// CSV: as lines, but an end inside of quotes belongs to the record. A quote opens only at the start of a field. The
/// first record is the header.
///
/// A quote that is never closed makes the rest of the stream one record (`open_quote` says where it opens): which of
/// its lines are text and which are records cannot be told.
///
/// What cannot be a header is yielded as a record, as all that follows it, and has_context() stays false, so that
/// decoding fails rather than takes the file for an empty one: a quote that is never closed, an oversize record, a CR
/// outside of quotes (the lines end in CR alone).
std::unique_ptr<RecordFramer> make_csv_framer(size_t record_bytes_max, const CsvLines& lines = {});

/// JSON documents, one after the other, over as many lines as they like, or elements of one top-level array: records
/// are objects, between which blanks, commas and the array's brackets are passed over. Bytes between them that are none
/// of this make a record up to the end of their line. Whether the array's brackets and commas are complete is not
/// looked at.
std::unique_ptr<RecordFramer> make_document_framer(size_t record_bytes_max);

}  // namespace weir::codec
