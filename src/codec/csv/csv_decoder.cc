#include <algorithm>
#include <set>

#include "codec/csv/csv_record_internal.h"
#include "codec/decoder.h"
#include "codec/foreign_bytes.h"
#include "codec/json/json_reader_internal.h"
#include "codec/json/small_number_internal.h"
#include "codec/json/unknown_fields_internal.h"
#include "codec/row_columns_internal.h"
#include "codec/text/value_text_internal.h"
#include "codec/utf8.h"

namespace weir::codec {
namespace {

constexpr size_t kNamesSaidMax = 100;
constexpr size_t kNamesListedMax = 10;

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(std::unique_ptr<RowColumns> columns, const DecoderSpec& spec, const CsvOptions& options)
      : columns_(std::move(columns)),
        limits_(spec.limits),
        splitter_(options.delimiter, options.quote, options.trim),
        null_words_(options.null_words),
        json_(spec.limits),
        unknown_(spec.unknown_fields) {}

  Result<Decoded> decode(std::shared_ptr<const RawBatch> raw) override {
    std::vector<std::string> notes;
    if (raw->size() > 0 && raw->offset(0) != kNoOffset && (!has_header_ || raw->context() != header_)) {
      const std::string& file = raw->split(0).topic;
      if (auto read = raw->context().empty() ? no_header(*raw) : read_header(raw->context(), notes); !read.ok())
        return std::move(read).error().with_context("'" + file + "'");
    }
    WEIR_ASSIGN(Decoded decoded, columns_->decode(std::move(raw), limits_.event_bytes,
                                                  [this](std::string_view record, RowFailure& failure) {
                                                    return read_record(record, failure);
                                                  }));
    for (const std::string& name : unknown_names_) unknown_.add("", name, decoded.batch.rows());
    decoded.notes = std::move(notes);
    for (std::string& note : unknown_.take_notes()) decoded.notes.push_back(std::move(note));
    return decoded;
  }

  UnknownCounts take_unknown_counts() override { return unknown_.take_counts(); }

 private:
  static Result<void> no_header(const RawBatch& raw) {
    if (raw.bytes(0).find('\r') != std::string_view::npos)
      return Error(ErrorKind::corrupt,
                   "the CSV header holds a CR outside of quotes: lines must end in LF or CRLF, not in CR alone");
    return Error(ErrorKind::corrupt, "the CSV header is missing or longer than the limit");
  }

  /// Finds the column of each header field.
  Result<void> read_header(std::string_view header, std::vector<std::string>& notes) {
    RowFailure failure;
    has_header_ = false;
    if (std::string format = foreign_format(header); !format.empty())
      return Error(ErrorKind::corrupt, "the file is not CSV: it begins as " + format);
    if (!is_utf8(header))
      return Error(ErrorKind::corrupt, "the CSV header is not UTF-8; if the file is Latin-1, set `encoding: latin-1`");
    if (!splitter_.split(header, limits_.fields_per_object, failure)) {
      return Error(ErrorKind::corrupt, "the CSV header is malformed: " + failure.take(0).message);
    }
    if (splitter_.fields().size() > limits_.fields_per_object) {
      return Error(ErrorKind::corrupt,
                   "the CSV header has more than " + std::to_string(limits_.fields_per_object) + " columns");
    }
    WEIR_TRY(map_columns(notes));
    header_ = header;
    has_header_ = true;
    return {};
  }

  Result<void> map_columns(std::vector<std::string>& notes) {
    const std::vector<ColumnNode>& children = columns_->root().children;
    std::set<std::string_view> seen;
    std::vector<bool> is_there(children.size(), false);
    child_of_field_.clear();
    names_of_fields_.clear();
    absent_.clear();
    for (const CsvField& field : splitter_.fields()) {
      names_of_fields_.push_back(json_escaped(field.text));
      // Spreadsheets write nameless columns; they are nobody's, so there may be several.
      if (!field.text.empty() && !seen.insert(field.text).second) {
        return Error(ErrorKind::corrupt, "the CSV header names column '" + excerpt(field.text) + "' twice");
      }
      const int child = columns_->root().keys.find(field.text);
      child_of_field_.push_back(child);
      if (child >= 0) is_there[static_cast<size_t>(child)] = true;
    }
    unknown_names_.clear();
    for (size_t i = 0; i < child_of_field_.size(); ++i) {
      const std::string_view name = splitter_.fields()[i].text;
      if (child_of_field_[i] < 0 && !name.empty() && !keeps_unknown(columns_->root()))
        unknown_names_.emplace_back(name);
    }
    for (size_t child = 0; child < children.size(); ++child) {
      if (!is_there[child]) absent_.push_back(child);
    }
    if (!children.empty() && absent_.size() == children.size()) return names_nothing();
    say_differences(notes);
    return {};
  }

  /// The header of another kind of file, or this file's with another delimiter: every row would be nulls.
  Error names_nothing() const {
    std::vector<std::string> found;
    std::vector<std::string> expected;
    for (const CsvField& field : splitter_.fields()) found.push_back(excerpt(field.text));
    for (size_t i = 0; i < columns_->root().keys.size(); ++i) expected.push_back(columns_->root().keys.name(i));
    return Error(ErrorKind::corrupt, "the CSV header names none of the contract's columns: it has " + list(found) +
                                         ", expected " + list(expected) +
                                         ". Check `delimiter`, and the names, letter by letter");
  }

  static std::string list(std::span<const std::string> names) {
    std::string text;
    for (size_t i = 0; i < std::min(names.size(), kNamesListedMax); ++i)
      text += (i == 0 ? "'" : ", '") + names[i] + "'";
    if (names.size() > kNamesListedMax) text += ", ... (" + std::to_string(names.size()) + " in all)";
    return text;
  }

  void say_differences(std::vector<std::string>& notes) {
    std::vector<std::string> missing;
    for (const size_t child : absent_) {
      const std::string& name = columns_->root().keys.name(child);
      if (is_news(name)) missing.push_back(name);
    }
    if (!missing.empty())
      notes.push_back("the CSV header lacks what the contract names: " + list(missing) +
                      "; rows get the default or null, and are rejected where neither may be");
  }

  bool is_news(std::string difference) {
    return said_.size() < kNamesSaidMax && said_.insert(std::move(difference)).second;
  }

  bool read_record(std::string_view record, RowFailure& failure) {
    if (!is_utf8(record)) return failure.fail(RejectClass::invalid_utf8, "the record is not UTF-8");
    if (!splitter_.split(record, child_of_field_.size(), failure)) return false;
    const std::span<const CsvField> fields = splitter_.fields();
    if (fields.size() != child_of_field_.size()) return fail_count(fields.size(), failure);
    if (unknown_.policy() == UnknownFields::reject && !unknown_names_.empty())
      return failure.fail(RejectClass::unknown_field, "the column '" + excerpt(unknown_names_.front()) +
                                                          "' is not in the contract, which refuses unknown fields");
    for (size_t i = 0; i < fields.size(); ++i) {
      if (child_of_field_[i] < 0) continue;
      const ColumnNode& node = columns_->root().children[static_cast<size_t>(child_of_field_[i])];
      if (!append(node, fields[i], failure)) return failure.inside(node.name);
    }
    for (const size_t child : absent_) {
      const ColumnNode& node = columns_->root().children[child];
      if (!append_absent(node, failure)) return failure.inside(node.name);
    }
    if (keeps_unknown(columns_->root())) keep_unknown(fields);
    return true;
  }

  /// Fields that no column reads, as a JSON object of texts.
  void keep_unknown(std::span<const CsvField> fields) {
    kept_.clear();
    for (size_t i = 0; i < fields.size(); ++i) {
      if (child_of_field_[i] >= 0 || names_of_fields_[i].empty()) continue;
      keep_field(names_of_fields_[i], is_null(fields[i]) ? "null" : "\"" + json_escaped(fields[i].text) + "\"", kept_);
    }
    append_kept(columns_->root(), kept_);
  }

  bool fail_count(size_t found, RowFailure& failure) {
    const size_t wanted = child_of_field_.size();
    const std::string more = found > wanted ? "more than " + std::to_string(wanted) : std::to_string(found);
    return failure.fail(RejectClass::wrong_columns,
                        "expected " + std::to_string(wanted) + " fields as in the header, got " + more);
  }

  bool is_null(const CsvField& field) const {
    if (field.is_quoted) return false;
    return field.text.empty() ||
           (!null_words_.empty() && std::find(null_words_.begin(), null_words_.end(), field.text) != null_words_.end());
  }

  bool append(const ColumnNode& node, const CsvField& field, RowFailure& failure) {
    if (is_null(field)) return append_null(node, failure);
    if ((!node.decimal_comma && append_small(node, field.text)) || append_time(node, field.text)) return true;
    if (node.op != ValueOp::raw_json) return append_csv_field(node, field.text, failure);
    if (!json_.check_value(field.text, failure)) return false;
    node.as<BytesBuilder>().append(field.text);
    return true;
  }

  bool append_time(const ColumnNode& node, std::string_view text) {
    const bool with_zone = node.op == ValueOp::instant_text;
    if (!with_zone && node.op != ValueOp::local_time_text) return false;
    int64_t micros = 0;
    if (date_.scan_datetime(text.data(), with_zone, micros) != text.data() + text.size()) return false;
    node.as<FixedBuilder<int64_t>>().append(micros);
    return true;
  }

  std::unique_ptr<RowColumns> columns_;
  DecodeLimits limits_;
  CsvSplitter splitter_;
  std::vector<std::string> null_words_;
  JsonReader json_;
  DateMemory date_;
  bool has_header_ = false;
  std::string header_;
  std::vector<int> child_of_field_;           ///< by header field: index among the root's children, or -1
  std::vector<size_t> absent_;                ///< children that the header does not name
  std::vector<std::string> names_of_fields_;  ///< of the header, as JSON writes them
  std::vector<std::string> unknown_names_;    ///< those of them that no column reads
  UnknownTally unknown_;
  std::string kept_;
  std::set<std::string> said_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_csv_decoder(const DecoderSpec& spec, const CsvOptions& options) {
  if (options.delimiter == options.quote || options.delimiter == '\n' || options.quote == '\n') {
    return Error(ErrorKind::invalid_argument,
                 "CSV: delimiter and quote must be two characters, neither of them a line end");
  }
  WEIR_ASSIGN(auto columns, RowColumns::make(spec));
  for (const ColumnNode& node : columns->root().children) {
    if (is_path(node.op))
      return Error(ErrorKind::unsupported, "'" + path_text({&node.step, 1}) +
                                               "' is read in parts, which needs JSON; CSV fields have no inside");
    if (!node.type->is_nested()) continue;
    return Error(ErrorKind::unsupported, "column '" + node.name + "': CSV has no " + node.type->to_string() +
                                             "; read it as the type json instead");
  }
  return std::unique_ptr<Decoder>(std::make_unique<CsvDecoder>(std::move(columns), spec, options));
}

}  // namespace weir::codec
