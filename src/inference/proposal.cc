#include "inference/proposal.h"

#include <algorithm>
#include <set>

#include "contract/column_name.h"

namespace weir::inference {
namespace {

/// Objects with more different fields than this look like maps: their keys are data.
constexpr size_t kStructFieldsMax = 100;
/// Decimals keep so many digits before the point as were seen, and some more.
constexpr int kDecimalRoom = 4;
constexpr int kDecimalDigitsMax = 38;

std::string any_type(SampleFormat format) {
  return format == SampleFormat::json ? "json" : "string";
}

/// A name that a column may have, made of a field's.
std::string column_name(const std::string& field, std::set<std::string>& taken) {
  std::string name;
  for (const char c : field) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       (static_cast<uint8_t>(c) & 0x80) != 0;
    name += plain ? c : '_';
  }
  if (name.empty() || !contract::refused_column_name(name).empty()) name = "column_" + name;
  if (name.size() > 100) name.resize(100);
  const auto folded = [](std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
  };
  const std::string base = name;
  for (int i = 2; !taken.insert(folded(name)).second; ++i) name = base + "_" + std::to_string(i);
  return name;
}

std::string number_type(const ValueFacts& facts) {
  if (facts.reals == 0) {
    if (!facts.beyond_long) return "long";
    return facts.digits_max <= kDecimalDigitsMax ? "decimal(" + std::to_string(kDecimalDigitsMax) + ", 0)" : "";
  }
  const bool constant = facts.integers == 0 && !facts.has_exponent && facts.scale_min == facts.scale_max;
  const int digits = facts.digits_max + facts.scale_max + kDecimalRoom;
  if (constant && facts.scale_max >= 2 && facts.reals >= 3 && digits <= 18)
    return "decimal(" + std::to_string(digits) + ", " + std::to_string(facts.scale_max) + ")";
  return "double";
}

std::string text_type(const ValueFacts& facts) {
  if (facts.texts == facts.dates) return "date";
  if (facts.texts == facts.instants) return "timestamptz";
  if (facts.texts == facts.local_times) return "timestamp";
  if (facts.texts == facts.uuids) return "uuid";
  return "string";
}

std::string percent(int64_t part, int64_t whole) {
  const int64_t tenths = whole == 0 ? 0 : (part * 1000 + whole / 2) / whole;
  if (tenths == 0) return "under 0.1 %";
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " %";
}

std::string comment_of(const ValueFacts& facts, int64_t events, const std::string& type) {
  std::vector<std::string> parts;
  if (const int64_t missing = events - facts.seen() + facts.nulls; missing >= events && events > 0)
    parts.emplace_back("null in every event of the sample");
  else if (missing > 0)
    parts.push_back("null or absent in " + percent(missing, events));
  if (type == "string" && facts.ambiguous_dates > 0 && facts.ambiguous_dates == facts.texts)
    parts.emplace_back("looks like a date; is it day/month/year or month/day/year?");
  if (type == "string" && facts.has_leading_zero) parts.emplace_back("numbers with leading zeros");
  if (type == "json") parts.emplace_back("values of several kinds, or of none: kept as JSON text");
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

class Proposer {
 public:
  explicit Proposer(SampleFormat format) : format_(format) {}

  std::vector<ProposedColumn> columns(const ValueFacts& facts, int64_t events) {
    std::vector<ProposedColumn> columns;
    std::set<std::string> taken;
    for (const ValueFacts::Member& member : facts.members) {
      if (member.name.empty()) continue;  // a contract cannot name it
      ProposedColumn column = one(*member.facts, events);
      column.name = column_name(member.name, taken);
      column.from = member.name;
      column.quote_from = column.name != column.from;
      columns.push_back(std::move(column));
    }
    return columns;
  }

 private:
  ProposedColumn one(const ValueFacts& facts, int64_t events) {
    ProposedColumn column;
    column.type = type_of(facts);
    if (column.type == "struct") column.fields = columns(facts, facts.objects);
    if (column.type == "list") {
      column.element = std::make_unique<ProposedColumn>(one(*facts.elements, facts.elements->seen()));
      column.element->comment.clear();
    }
    column.comment = comment_of(facts, events, column.type);
    return column;
  }

  std::string type_of(const ValueFacts& facts) const {
    const int64_t numbers = facts.integers + facts.reals;
    const int kinds = (facts.booleans > 0 ? 1 : 0) + (numbers > 0 ? 1 : 0) + (facts.texts > 0 ? 1 : 0) +
                      (facts.objects > 0 ? 1 : 0) + (facts.arrays > 0 ? 1 : 0);
    if (format_ == SampleFormat::csv && (kinds != 1 || facts.has_leading_zero)) return "string";
    if (kinds != 1) return any_type(format_);
    if (facts.booleans > 0) return "boolean";
    if (facts.texts > 0) return text_type(facts);
    if (facts.objects > 0) return facts.members.empty() || facts.members.size() > kStructFieldsMax ? "json" : "struct";
    if (facts.arrays > 0) return facts.elements ? "list" : "json";
    const std::string type = number_type(facts);
    return type.empty() ? any_type(format_) : type;
  }

  SampleFormat format_;
};

bool is_json_safe_plain(std::string_view text) {
  if (text.empty() || text == "null" || text == "true" || text == "false" || text == "yes" || text == "no")
    return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
                     }) &&
         !(text[0] >= '0' && text[0] <= '9');
}

/// Text as YAML reads it back.
std::string yaml_text(std::string_view text) {
  if (is_json_safe_plain(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
      static constexpr char kHex[] = "0123456789abcdef";
      out += std::string("\\x") + kHex[static_cast<uint8_t>(c) >> 4] + kHex[c & 15];
    } else if (c == '$') {
      out += "$$";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string comment_suffix(const ProposedColumn& column) {
  return column.comment.empty() ? "" : "  # " + column.comment;
}

/// "type: long", and for nested types what hangs below, at `indent`.
void append_type(const ProposedColumn& column, size_t indent, std::string& out);

void append_column(const ProposedColumn& column, size_t indent, std::string& out) {
  const std::string blanks(indent, ' ');
  const std::string from = column.quote_from ? ", from: " + yaml_text(column.from) : "";
  if (column.type != "struct" && column.type != "list") {
    out += blanks + "- {name: " + yaml_text(column.name) + from + ", type: \"" + column.type + "\"}" +
           comment_suffix(column) + "\n";
    return;
  }
  out += blanks + "- name: " + yaml_text(column.name) + comment_suffix(column) + "\n";
  if (column.quote_from) out += blanks + "  from: " + yaml_text(column.from) + "\n";
  append_type(column, indent + 2, out);
}

void append_type(const ProposedColumn& column, size_t indent, std::string& out) {
  const std::string blanks(indent, ' ');
  out += blanks + "type: \"" + column.type + "\"\n";
  if (column.type == "struct") {
    out += blanks + "fields:\n";
    for (const ProposedColumn& field : column.fields) append_column(field, indent + 2, out);
  }
  if (column.type == "list") {
    out += blanks + "element:\n";
    append_type(*column.element, indent + 2, out);
  }
}

std::string looser(const std::string& type, SampleFormat format) {
  if (type.starts_with("decimal") || type == "long") return "double";
  const std::string any = any_type(format);
  if (format == SampleFormat::json &&
      (type == "date" || type == "timestamp" || type == "timestamptz" || type == "uuid"))
    return "string";
  return type == any ? "" : any;
}

bool loosen_in(std::vector<ProposedColumn>& columns, std::string_view path, SampleFormat format) {
  for (ProposedColumn& column : columns) {
    const bool is_it = path == column.name;
    if (!is_it && !(path.starts_with(column.name) && path.size() > column.name.size() &&
                    (path[column.name.size()] == '.' || path[column.name.size()] == '[')))
      continue;
    if (!is_it && column.type == "struct" && loosen_in(column.fields, path.substr(column.name.size() + 1), format))
      return true;
    const std::string type = looser(column.type, format);
    if (type.empty()) return false;
    column.type = type;
    column.fields.clear();
    column.element.reset();
    column.comment += std::string(column.comment.empty() ? "" : "; ") + "loosened: a narrower type rejected events";
    return true;
  }
  return false;
}

}  // namespace

Proposal propose(const Observation& seen, SampleFormat format) {
  return {.columns = Proposer(format).columns(seen.root, seen.events)};
}

bool loosen(Proposal& proposal, std::string_view path, SampleFormat format) {
  return loosen_in(proposal.columns, path, format);
}

std::string contract_yaml(const Proposal& proposal, const std::string& name, const std::string& made_from) {
  std::string out =
      "# What one event looks like. Made by `weir init` from " + made_from +
      ".\n"
      "# Narrow it where you know more, and try it: weir try THIS_FILE SAMPLE --watch\n"
      "contract: " +
      yaml_text(name) +
      "\nversion: 0.1.0\n"
      "columns:\n"
      "  # Add `required: true` where an event without the value must be rejected. A table can be loosened\n"
      "  # later and never tightened. Rules go beside the type, e.g. regex: \"^[A-Z]{2}$\" or\n"
      "  # range: {min: 0, max: 100}.\n";
  for (const ProposedColumn& column : proposal.columns) append_column(column, 2, out);
  return out;
}

}  // namespace weir::inference
