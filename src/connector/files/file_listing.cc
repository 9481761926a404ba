#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <fnmatch.h>

#include "codec/utf8.h"
#include "connector/files/file_listing_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kEntriesMax = 1'000'000;
constexpr size_t kDepthMax = 64;

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

/// With bytes that are not ASCII as \xHH, so that a message shows which they are.
std::string hex_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02X", unsigned{static_cast<unsigned char>(c)});
    out += static_cast<signed char>(c) < 0 ? std::string(hex) : std::string(1, c);
  }
  return out;
}

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

}  // namespace

struct FileListing::Walk {
  FileEnv& files;
  std::vector<ListedFile> found;
  size_t entries = 0;
  std::vector<std::pair<uint64_t, uint64_t>> above = {};  ///< device and inode of each folder on the way
};

bool is_passed_over(std::string_view file_name) {
  static constexpr std::array<std::string_view, 4> kUnfinished = {".tmp", ".part", ".crdownload", ".inprogress"};
  if (file_name.empty() || file_name.front() == '.' || file_name.front() == '_') return true;
  return std::any_of(kUnfinished.begin(), kUnfinished.end(),
                     [&](std::string_view end) { return file_name.ends_with(end); });
}

FileListing::FileListing(const std::string& path) {
  const std::vector<std::string> all = split(path);
  size_t fixed = 0;
  while (fixed < all.size() && !has_wildcard(all[fixed])) ++fixed;
  for (size_t i = 0; i < fixed; ++i) root_ += "/" + all[i];
  if (root_.empty()) root_ = "/";
  parts_.assign(all.begin() + static_cast<ptrdiff_t>(fixed), all.end());
}

Result<std::vector<ListedFile>> FileListing::list(FileEnv& files) const {
  Walk state{.files = files, .found = {}};
  WEIR_ASSIGN(const FileStat facts, files.stat(root_));
  if (!facts.is_directory) {
    if (!parts_.empty()) return Error(ErrorKind::not_found, "'" + root_ + "' is a file, not a folder");
    if (!facts.is_regular) return Error(ErrorKind::unsupported, "'" + root_ + "' is neither a file nor a folder");
    WEIR_TRY(add(state, root_, root_.substr(root_.find_last_of('/') + 1), facts));
    return std::move(state.found);
  }
  WEIR_TRY(walk(state, root_, facts, 0));
  std::sort(state.found.begin(), state.found.end(),
            [](const ListedFile& a, const ListedFile& b) { return a.name < b.name; });
  return std::move(state.found);
}

Result<void> FileListing::walk(Walk& state, const std::string& directory, const FileStat& facts, size_t part) const {
  const std::pair<uint64_t, uint64_t> here(facts.device, facts.inode);
  if (facts.inode != 0 && std::find(state.above.begin(), state.above.end(), here) != state.above.end()) return {};
  WEIR_ASSIGN(const std::vector<std::string> names, state.files.list(directory));
  if (state.above.size() >= kDepthMax)
    return Error(ErrorKind::limit_exceeded,
                 "'" + directory + "' is nested deeper than " + std::to_string(kDepthMax) + " folders");
  state.above.push_back(here);
  for (const std::string& name : names) {
    if (++state.entries > kEntriesMax)
      return Error(ErrorKind::limit_exceeded,
                   "'" + root_ + "' holds more than " + std::to_string(kEntriesMax) + " entries");
    WEIR_TRY(visit(state, directory + "/" + name, name, part));
  }
  state.above.pop_back();
  return {};
}

Result<void> FileListing::add(Walk& state, const std::string& path, std::string name, const FileStat& facts) {
  if (!codec::is_utf8(name)) {
    return Error(ErrorKind::unsupported, "the name of '" + hex_escaped(path) +
                                             "' is not UTF-8, so no position in it could be stored; rename the file");
  }
  state.found.push_back({path, std::move(name), facts});
  return {};
}

Result<void> FileListing::visit(Walk& state, const std::string& path, std::string_view name, size_t part) const {
  if (is_passed_over(name)) return {};
  const bool any_depth = part < parts_.size() && parts_[part] == "**";
  const size_t last = parts_.empty() ? 0 : parts_.size() - 1;
  const std::string& pattern = parts_.empty() ? std::string("*") : parts_[any_depth ? std::min(part + 1, last) : part];
  const Result<FileStat> facts = state.files.stat(path);
  if (!facts.ok()) {
    if (facts.error().kind() == ErrorKind::not_found) return {};  // gone since
    return facts.error();
  }
  if (facts->is_directory) {
    if (any_depth) return walk(state, path, *facts, part);
    return part < last && matches(pattern, std::string(name)) ? walk(state, path, *facts, part + 1) : Result<void>();
  }
  if (!facts->is_regular) return {};
  const bool at_end = any_depth ? part + 2 >= parts_.size() : part >= last;
  if (at_end && (matches(pattern, std::string(name)) || pattern == "**"))
    return add(state, path, path.substr(root_.size() + 1), *facts);
  return {};
}

}  // namespace weir::connector
