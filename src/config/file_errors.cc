#include "config/file_errors.h"

#include <algorithm>

namespace weir::config {

void FileErrors::at(const Location& location, std::string message) {
  diagnostics_.error(location, std::move(message));
}

void FileErrors::at_path(const std::string& path, std::string message) {
  diagnostics_.error(document_.locate(path), std::move(message));
}

void FileErrors::in_text(Location location, size_t offset, std::string message) {
  if (const Node* node = document_.find(location.path)) location.at = node->position_at(offset);
  diagnostics_.error(location, std::move(message));
}

void FileErrors::refuse_url(const std::string& where, const std::string& path) {
  const size_t colon = where.find("://");
  if (colon == std::string::npos || where.starts_with("file:") || where.find('/') < colon) return;
  at_path(path, "'" + where.substr(0, colon + 3) + "...' is a URL, and only local files can be used yet; give a path");
}

bool FileErrors::any_below(const std::string& path) const {
  const std::vector<Diagnostic> found = diagnostics_.sorted();
  return std::any_of(found.begin(), found.end(), [&](const Diagnostic& one) {
    if (one.severity != Severity::error || one.file != document_.file() || !one.path.starts_with(path)) return false;
    return one.path.size() == path.size() || one.path[path.size()] == '.' || one.path[path.size()] == '[';
  });
}

}  // namespace weir::config
