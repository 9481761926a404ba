#include "codec/format_kind.h"

namespace weir::codec {
namespace {

struct CsvKeys {
  std::string delimiter = ",";
  std::vector<std::string> null_words;
  bool trim = false;
  int32_t skip_lines = 0;
  std::string comment;
};

void describe_keys(config::Description& d, CsvKeys& s) {
  d.field("delimiter", s.delimiter).doc("CSV: the character between fields; no quote and no line end.");
  d.field("null_words", s.null_words)
      .list_or_one()
      .doc("CSV: unquoted fields that are null, beside empty ones, letter by letter.")
      .example("NA");
  d.field("trim", s.trim).doc("CSV: whether blanks around fields are trimmed.");
  d.field("skip_lines", s.skip_lines).min(0).max(1'000'000).doc("CSV: lines before the header to skip.");
  d.field("comment", s.comment).doc("CSV: lines that begin with this character are skipped.").example("#");
}

std::vector<std::string_view> given_keys(const CsvKeys& keys) {
  std::vector<std::string_view> given;
  if (keys.delimiter != CsvKeys().delimiter) given.emplace_back("delimiter");
  if (!keys.null_words.empty()) given.emplace_back("null_words");
  if (keys.trim) given.emplace_back("trim");
  if (keys.skip_lines != 0) given.emplace_back("skip_lines");
  if (!keys.comment.empty()) given.emplace_back("comment");
  return given;
}

Format bind_csv(const CsvKeys& keys, const std::string& path, config::FileErrors& errors) {
  CsvLines lines{.skip_lines = keys.skip_lines};
  CsvOptions options{.null_words = keys.null_words, .trim = keys.trim};
  if (keys.delimiter.size() == 1 && std::string_view("\"\n\r\0", 4).find(keys.delimiter) == std::string_view::npos) {
    lines.delimiter = keys.delimiter[0];
    options.delimiter = keys.delimiter[0];
  } else {
    errors.at_path(config::path_key(path, "delimiter"),
                   "must be one character, and no double quote, line end or NUL: fields are made of those");
  }
  if (keys.comment.size() > 1 || keys.comment == "\"" || keys.comment == keys.delimiter) {
    errors.at_path(config::path_key(path, "comment"),
                   "must be one character, and neither the delimiter nor a double quote");
  } else if (!keys.comment.empty()) {
    lines.comment = keys.comment[0];
  }
  return csv_format(lines, options);
}

}  // namespace

Format csv_format(const CsvLines& lines, const CsvOptions& options) {
  return {.make_framer = [lines](size_t record_bytes_max) { return make_csv_framer(record_bytes_max, lines); },
          .has_context = true,
          .make_decoder = [options](const DecoderSpec& spec) { return make_csv_decoder(spec, options); }};
}

FormatKind csv_kind() {
  return {
      .name = "csv",
      .doc = "RFC 4180 with a header; files only",
      .fits_files = true,
      .fits_growing_files = true,
      .make_spec = [] { return std::make_shared<CsvKeys>(); },
      .describe = [](config::Description& place, void* spec) { describe_keys(place, *static_cast<CsvKeys*>(spec)); },
      .given = [](const void* spec) { return given_keys(*static_cast<const CsvKeys*>(spec)); },
      .bind = [](const void* spec, const std::string& path,
                 config::FileErrors& errors) { return bind_csv(*static_cast<const CsvKeys*>(spec), path, errors); }};
}

}  // namespace weir::codec
