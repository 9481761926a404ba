#include "codec/format_kind.h"

namespace weir::codec {
namespace {

Format json_with(MakeFramer make_framer) {
  return {.make_framer = std::move(make_framer), .make_decoder = make_json_decoder};
}

/// A kind without keys.
FormatKind plain_kind(const std::string& name, const std::string& doc, Format (*make)()) {
  return {.name = name,
          .doc = doc,
          .fits_files = true,
          .make_spec = [] { return std::shared_ptr<void>(); },
          .describe = [](config::Description&, void*) {},
          .given = [](const void*) { return std::vector<std::string_view>(); },
          .bind = [make](const void*, const std::string&, config::FileErrors&) { return make(); }};
}

}  // namespace

Format json_format() {
  return json_with(make_line_framer);
}

Format json_documents_format() {
  return json_with(make_document_framer);
}

FormatKind json_kind() {
  FormatKind kind = plain_kind("json", "JSON objects; in files one a line", json_format);
  kind.fits_messages = true;
  kind.fits_growing_files = true;
  return kind;
}

FormatKind json_documents_kind() {
  return plain_kind("json_documents", "JSON objects over any number of lines, or one array of them; for files",
                    json_documents_format);
}

}  // namespace weir::codec
