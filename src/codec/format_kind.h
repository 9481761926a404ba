/// \file
/// Kinds of formats: how events may be written, as data. The validator, the JSON Schema and the reference page come
/// from a kind's description; bind() turns what stands in the file into a format.
///
/// A new kind is one file and one line where the program registers all of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/format.h"
#include "config/file_errors.h"
#include "config/type_shape.h"

namespace weir::codec {

/// One kind: `format: NAME` of a source. Its keys stand among those of whatever the source reads from, so that kinds
/// which fit the same source have different keys.
struct FormatKind {
  std::string name;
  std::string doc;                  ///< a part of a sentence, for people
  bool fits_files = false;          ///< its format cuts files
  bool fits_messages = false;       ///< an event can be all of a message
  bool fits_growing_files = false;  ///< each event ends with its line, so that a file can be read while it is written

  std::function<std::shared_ptr<void>()> make_spec;
  /// Adds its keys to the description of what a source reads from.
  std::function<void(config::Description& place, void* spec)> describe;
  /// The keys that say something else than what they say by default.
  std::function<std::vector<std::string_view>(const void* spec)> given;
  /// `path`: of the place in the file where the keys stand. Adds what is wrong to `errors`, all of it; then what comes
  /// back works, and says what it can.
  std::function<Format(const void* spec, const std::string& path, config::FileErrors& errors)> bind;
};

/// In the order of the reference page; the first is the one of a source that names none. At least one.
using FormatKinds = std::vector<FormatKind>;

/// `format: json`, `json_documents`, `csv`.
FormatKind json_kind();
FormatKind json_documents_kind();
FormatKind csv_kind();

}  // namespace weir::codec
