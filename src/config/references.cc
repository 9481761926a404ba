#include "config/references.h"

#include <algorithm>

#include "config/yaml_text_internal.h"

namespace weir::config {
namespace {

constexpr size_t kResolvedBytesMax = 1024 * 1024;

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 256 || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Result<std::string> read_referenced_file(std::string_view path, const References& references) {
  if (path.empty()) return Error(ErrorKind::invalid_argument, "${file:} names no file");
  if (references.files == nullptr) return Error(ErrorKind::unsupported, "${file:...} cannot be used here");
  std::string full(path);
  if (full[0] != '/') full = references.base_directory + "/" + full;
  auto content = read_file(*references.files, full, kReferencedFileBytesMax);
  if (!content.ok()) return std::move(content).error().with_context("${file:" + std::string(path) + "}");
  std::string text = std::move(content).value();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

/// The value of what stands between "${" and "}".
Result<std::string> look_up(std::string_view inside, const References& references, bool& used_default) {
  if (inside.starts_with("file:")) return read_referenced_file(inside.substr(5), references);
  if (has_reference(inside))
    return Error(ErrorKind::invalid_argument, "a reference inside of a reference; only plain text can be a default");
  const size_t colon = inside.find(':');
  const std::string name(inside.substr(0, colon));
  if (!is_name(name)) {
    return Error(ErrorKind::invalid_argument,
                 "'${" + std::string(inside.substr(0, 60)) +
                     "}' is not a reference; write ${NAME}, ${NAME:default} or ${file:path}, or $${ for a plain ${");
  }
  std::optional<std::string> value;
  if (references.environment) value = references.environment(name);
  if (value) return *std::move(value);
  if (colon == std::string_view::npos) {
    return Error(ErrorKind::not_found,
                 "the environment variable " + name + " is not set; set it, or write ${" + name + ":default}");
  }
  used_default = colon + 1 < inside.size();
  return std::string(inside.substr(colon + 1));
}

}  // namespace

References References::none() {
  return {[](const std::string&) { return std::optional<std::string>(); }, nullptr, "."};
}

bool has_reference(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

Result<Resolved> resolve(std::string_view text, const References& references) {
  Resolved out;
  while (!text.empty()) {
    const size_t at = text.find("${");
    if (at == std::string_view::npos) {
      out.literal_parts = true;
      out.text += text;
      break;
    }
    if (at > 0 && text[at - 1] == '$') {
      out.literal_parts = true;
      out.text.append(text.substr(0, at - 1)).append("${");
      text.remove_prefix(at + 2);
      continue;
    }
    out.literal_parts = out.literal_parts || at > 0;
    out.text += text.substr(0, at);
    const size_t end = text.find('}', at);
    if (end == std::string_view::npos)
      return Error(ErrorKind::invalid_argument, "a '${' without '}'; write $${ for a plain ${");
    bool used_default = false;
    const std::string_view inside = text.substr(at + 2, end - at - 2);
    WEIR_ASSIGN(const std::string value, look_up(inside, references, used_default));
    if (check_characters(value)) {
      return Error(ErrorKind::corrupt, "the value of ${" + std::string(inside.substr(0, inside.find(':'))) +
                                           (inside.starts_with("file:") ? ":..." : "") +
                                           "} is not UTF-8 text or has control characters");
    }
    out.has_reference = true;
    out.literal_parts = out.literal_parts || used_default;
    if (out.text.size() + value.size() > kResolvedBytesMax)
      return Error(ErrorKind::limit_exceeded, "longer than 1 MiB after references are replaced");
    out.text += value;
    out.values.push_back(value);
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace weir::config
