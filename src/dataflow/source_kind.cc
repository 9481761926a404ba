#include "dataflow/source_kind.h"

#include <array>

namespace weir {
namespace {

constexpr std::array kFormats = {
    config::EnumName{"json", static_cast<int64_t>(SourceFormat::json), "JSON objects; in files one a line"},
    config::EnumName{"json_documents", static_cast<int64_t>(SourceFormat::json_documents),
                     "JSON objects over any number of lines, or one array of them; for files"},
    config::EnumName{"csv", static_cast<int64_t>(SourceFormat::csv), "RFC 4180 with a header; files only"}};

}  // namespace

std::span<const config::EnumName> enum_names(SourceFormat) {
  return kFormats;
}

}  // namespace weir
