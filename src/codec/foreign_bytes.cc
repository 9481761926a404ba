#include "codec/foreign_bytes.h"

#include <cstdint>

namespace weir::codec {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  std::string_view name;
};
constexpr Signature kSignatures[] = {
    {"\xff\xfe\0\0"sv, "UTF-32 text (byte order mark)"},
    {"\xff\xfe"sv, "UTF-16 text (byte order mark); files of it need `encoding: utf-16`"},
    {"\xfe\xff"sv, "UTF-16 text (byte order mark); files of it need `encoding: utf-16`"},
    {"PAR1"sv, "a Parquet file"},
    {"PARE"sv, "an encrypted Parquet file"},
    {"Obj\x01"sv, "an Avro file"},
    {"ORC"sv, "an ORC file"},
    {"ARROW1"sv, "an Arrow file"},
    {"\x1f\x8b"sv, "a gzip stream"},
    {"\x28\xb5\x2f\xfd"sv, "a zstd stream"},
    {"BZh"sv, "a bzip2 stream"},
    {"\xfd"
     "7zXZ\0"sv,
     "an xz stream"},
    {"\x04\x22\x4d\x18"sv, "an lz4 stream"},
    {"PK\x03\x04"sv, "a zip archive (or a spreadsheet)"},
    {"SQLite format 3\0"sv, "an SQLite database"},
    {"%PDF-"sv, "a PDF document"},
    {"<?xml"sv, "an XML document"},
    {"<!DOCTYPE"sv, "an HTML page"},
    {"<html"sv, "an HTML page"},
};

constexpr std::string_view kDocumentsHint = "; files of such documents, or of one array, need `format: json_documents`";

std::string_view without_blanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// True when brackets outside of strings are still open at the end.
bool is_open(std::string_view text) {
  int64_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return depth > 0 && !in_string;
}

}  // namespace

std::string foreign_format(std::string_view head) {
  for (const Signature& known : kSignatures) {
    if (head.starts_with(known.bytes)) return std::string(known.name);
  }
  return {};
}

std::string explain_no_event(std::string_view event) {
  if (std::string format = foreign_format(event); !format.empty()) return "the bytes begin as " + format;
  if (event.size() > 5 && event[0] == '\0') {
    uint32_t id = 0;
    for (size_t i = 1; i < 5; ++i) id = id << 8 | static_cast<uint8_t>(event[i]);
    return "the event begins with a schema-registry header (schema id " + std::to_string(id) +
           "), which is not part of plain JSON";
  }
  const std::string_view text = without_blanks(event);
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return {};
  const std::string what = text.front() == '{' ? "an object" : "an array";
  if (is_open(text)) return what + " is not closed where the event ends" + std::string(kDocumentsHint);
  if (text.back() == ',') return "a comma follows " + what + std::string(kDocumentsHint);
  return text.front() == '[' ? "expected a JSON object, got an array" + std::string(kDocumentsHint) : std::string();
}

}  // namespace weir::codec
