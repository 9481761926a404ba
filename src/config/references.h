/// \file
/// References in configuration text: `${NAME}`, `${NAME:default}`, `${file:path}`; `$${` stands for a plain `${`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_env.h"
#include "base/result.h"

namespace weir::config {

inline constexpr int64_t kReferencedFileBytesMax = 64 * 1024;

/// Where references lead. The ports of the process are given by the composition root; tests give their own.
struct References {
  /// Value of an environment variable, or nothing when it is not set.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// Files for `${file:...}`; null refuses them.
  FileEnv* files = nullptr;
  /// What relative paths of `${file:...}` start from.
  std::string base_directory = ".";
  /// Told each value that was bound to a Secret, and the value of each reference in one, once they are known, so that
  /// whoever shows text can keep them out: also where the same variable is used for something else. May be empty; the
  /// view is good during the call only.
  std::function<void(std::string_view value)> on_secret = {};

  /// References that lead nowhere: every `${NAME}` without default is an error.
  static References none();
};

/// Text after references were replaced.
struct Resolved {
  std::string text;
  bool has_reference = false;       ///< text holds a value from outside of the file and must not be shown
  std::vector<std::string> values;  ///< of each reference, in order
  bool literal_parts = false;       ///< something beside references stands in the text: a default, or characters around
};

/// Replaces every reference in `text`. Names are letters, digits and '_'. A default reaches to the next '}'. The file's
/// text is taken without its trailing line breaks. Values are not looked at for further references. Errors: not_found
/// for an unset variable or missing file; invalid_argument for a malformed reference; limit_exceeded for a file above
/// kReferencedFileBytesMax; corrupt for a value that is not UTF-8. Messages name the reference, never a value.
Result<Resolved> resolve(std::string_view text, const References& references);

/// True when `text` has a reference or an escape in it.
bool has_reference(std::string_view text);

}  // namespace weir::config
