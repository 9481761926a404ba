#include "config/diagnostic.h"

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

namespace weir::config {
namespace {

constexpr size_t kExcerptColumnsMax = 110;

/// Splits UTF-8 into its characters; a broken byte stands for itself.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  for (size_t i = 0; i < text.size();) {
    size_t size = 1;
    while (i + size < text.size() && (static_cast<unsigned char>(text[i + size]) & 0xC0) == 0x80) ++size;
    all.push_back(text.substr(i, size));
    i += size;
  }
  return all;
}

/// What a terminal must not get from a file: control characters would move the caret or worse, and the bidirectional
/// ones show a line in another order than it has.
bool is_control(std::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1 || byte(0) < 0xC0) return byte(0) < 0x20 || byte(0) >= 0x7F;
  uint32_t code = byte(0) & (character.size() == 2 ? 0x1FU : 0x0FU);
  for (size_t i = 1; i < character.size(); ++i) code = code << 6 | (byte(i) & 0x3FU);
  return code < 0xA0 || code == 0x61C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const std::string_view character : characters(text)) {
    if (is_control(character)) {
      out += character[0] == '\n' ? ' ' : '?';
    } else {
      out += character;
    }
  }
  return out;
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++error_count_;
  if (all_.size() >= kDiagnosticsMax) {
    ++left_out_;
    return;
  }
  diagnostic.message = printable(diagnostic.message);
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(const Location& location, std::string message) {
  add({location.file, location.at.line, location.at.column, location.path, std::move(message), Severity::error});
}

void Diagnostics::error(const Location& location, const Error& error) {
  system_failed_ = system_failed_ || error.domain() != ErrorDomain::user;
  this->error(location, error.message());
}

void Diagnostics::warn(const Location& location, std::string message) {
  add({location.file, location.at.line, location.at.column, location.path, std::move(message), Severity::warning});
}

void Diagnostics::add_source(const std::string& file, std::string_view text) {
  Source& source = sources_[file];
  source.lines.clear();
  while (!text.empty()) {
    const size_t end = text.find_first_of("\r\n");
    source.lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

void Diagnostics::mask(const std::string& file, Position begin, Position end) {
  sources_[file].masked.push_back({begin, end});
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> all = all_;
  std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  return all;
}

void Diagnostics::render_excerpt(const Diagnostic& diagnostic, std::string& out) const {
  const auto source = sources_.find(diagnostic.file);
  if (source == sources_.end() || diagnostic.line < 1) return;
  const auto line = static_cast<size_t>(diagnostic.line);
  if (line > source->second.lines.size()) return;
  const std::vector<std::string_view> line_characters = characters(source->second.lines[line - 1]);
  const size_t caret = std::min(static_cast<size_t>(std::max(diagnostic.column, 1)), line_characters.size() + 1) - 1;
  const size_t first = caret > kExcerptColumnsMax / 2 ? caret - kExcerptColumnsMax / 2 : 0;
  const size_t last = std::min(line_characters.size(), first + kExcerptColumnsMax);
  std::string text;
  for (size_t i = first; i < last; ++i) {
    const Position here{diagnostic.line, static_cast<int>(i) + 1};
    const bool masked = std::any_of(source->second.masked.begin(), source->second.masked.end(),
                                    [&](const Span& span) { return span.begin <= here && here < span.end; });
    if (masked) {
      text += '*';
    } else if (is_control(line_characters[i])) {
      text += ' ';
    } else {
      text += line_characters[i];
    }
  }
  const std::string number = std::to_string(diagnostic.line);
  out += "  " + number + " | " + text + "\n";
  out += "  " + std::string(number.size(), ' ') + " | " + std::string(caret - first, ' ') + "^\n";
}

std::string Diagnostics::render() const {
  std::string out;
  for (const Diagnostic& diagnostic : sorted()) {
    out += printable(diagnostic.file);
    if (diagnostic.line > 0) out += ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
    out += ": ";
    if (diagnostic.severity == Severity::warning) out += "warning: ";
    if (!diagnostic.path.empty()) out += printable(diagnostic.path) + ": ";
    out += diagnostic.message + "\n";
    render_excerpt(diagnostic, out);
  }
  if (left_out_ > 0) out += "... and " + std::to_string(left_out_) + " more\n";
  return out;
}

std::string Diagnostics::to_json() const {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Diagnostic& diagnostic : sorted()) {
    nlohmann::ordered_json one;
    one["file"] = diagnostic.file;
    one["line"] = diagnostic.line;
    one["column"] = diagnostic.column;
    one["path"] = diagnostic.path;
    one["severity"] = diagnostic.severity == Severity::error ? "error" : "warning";
    one["message"] = diagnostic.message;
    all.push_back(std::move(one));
  }
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Error Diagnostics::to_error() const {
  WEIR_CHECK(!ok());
  std::string text = render();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return Error(ErrorKind::invalid_argument, std::move(text));
}

}  // namespace weir::config
