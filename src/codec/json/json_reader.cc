#include <algorithm>

#include <simdjson.h>

#include "codec/foreign_bytes.h"
#include "codec/json/json_reader_internal.h"
#include "codec/json/key_set_internal.h"
#include "codec/json/small_number_internal.h"
#include "codec/json/unknown_fields_internal.h"
#include "codec/text/number_text_internal.h"
#include "codec/text/value_text_internal.h"

namespace weir::codec {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

bool fail_token(std::string_view token, RowFailure& failure) {
  if (token.empty()) return failure.fail(RejectClass::malformed, "the event ends where a value is expected");
  return failure.fail(RejectClass::malformed, "'" + excerpt(token) + "' is not a JSON value");
}

bool fail_syntax(simdjson::error_code error, RowFailure& failure) {
  switch (error) {
    case simdjson::UTF8_ERROR: return failure.fail(RejectClass::invalid_utf8, "the event is not UTF-8");
    case simdjson::UNESCAPED_CHARS:
      return failure.fail(RejectClass::malformed, "a control character in a string is not escaped");
    case simdjson::UNCLOSED_STRING: return failure.fail(RejectClass::malformed, "a string is not closed");
    case simdjson::STRING_ERROR:
      return failure.fail(RejectClass::malformed, "a string has a bad escape or half a surrogate pair");
    case simdjson::EMPTY: return failure.fail(RejectClass::malformed, "the event is empty");
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return failure.fail(RejectClass::malformed, "an object or array is not closed, or more bytes follow it");
    case simdjson::CAPACITY:
      return failure.fail(RejectClass::too_large, "the event is longer than the JSON parser's limit");
    default: return fail_invalid_json(failure);
  }
}

/// Says what the event is instead of JSON where that can be seen. Always false.
bool explain(std::string_view event, RowFailure& failure) {
  std::string text = explain_no_event(event);
  return text.empty() ? false : failure.fail(failure.reject_class(), std::move(text));
}

}  // namespace

class JsonReader::Impl {
 public:
  Impl(const DecodeLimits& limits, UnknownTally* unknown) : limits_(limits), unknown_(unknown) {}

  bool read(std::string_view event, const ColumnNode& root, RowFailure& failure);
  bool check_value(std::string_view text, RowFailure& failure);

 private:
  bool fail(RejectClass reject_class, std::string message) { return failure_->fail(reject_class, std::move(message)); }
  bool fail(simdjson::error_code error) { return fail_syntax(error, *failure_); }
  bool open(std::string_view text);
  std::string_view token_of(ondemand::value value) const;
  bool enter(int depth);
  bool fail_no_object(std::string_view event);
  bool key_of(simdjson::simdjson_result<ondemand::field> step, ondemand::field& field, std::string_view& key);
  bool close_keys(size_t mark);
  bool count_field(size_t& fields);

  bool read_object(ondemand::object object, const ColumnNode& node, int depth);
  bool read_fields(ondemand::object object, const ColumnNode& node, int depth);
  bool read_value(ondemand::value value, const ColumnNode& node, int depth);
  bool read_string(ondemand::value value, const ColumnNode& node, std::string_view token);
  bool read_literal(const ColumnNode& node, std::string_view token);
  bool read_struct(ondemand::value value, const ColumnNode& node, int depth);
  bool read_path(ondemand::value value, const ColumnNode& node, int depth);
  bool read_path_list(ondemand::value value, const ColumnNode& node, int depth);
  bool read_list(ondemand::value value, const ColumnNode& node, int depth);
  bool read_unknown(ondemand::field& field, std::string_view key, const ColumnNode& node, int depth);
  bool fail_no_known(const ColumnNode& root, size_t mark);
  void note_unknown(const ColumnNode& node, size_t mark);
  void count_unknown();
  bool read_map(ondemand::value value, const ColumnNode& node, int depth);
  bool read_raw(ondemand::value value, const ColumnNode& node, int depth);
  bool skip(ondemand::value value, int depth);
  bool skip_scalar(ondemand::value value, std::string_view token);
  bool skip_array(ondemand::value value, int depth);
  bool skip_object(ondemand::value value, int depth);

  DecodeLimits limits_;
  UnknownTally* unknown_;  ///< null: unknown fields are not counted
  std::vector<std::pair<const std::string*, std::string_view>> unknown_names_;  ///< of this event: prefix and name
  std::string_view raw_key_;  ///< of the field at hand, with its escapes
  std::string kept_;          ///< the unknown fields of this event, as they stand in it
  RowFailure* failure_ = nullptr;
  const char* end_ = nullptr;  ///< of the text
  ondemand::parser parser_;
  ondemand::document document_;
  KeySet keys_;
  std::vector<uint64_t> seen_;  ///< by seen_slot: serial of the object in which the field was last seen
  uint64_t serial_ = 0;
};

bool JsonReader::Impl::open(std::string_view text) {
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
  end_ = text.data() + text.size();
  const auto error = parser_.iterate(padded).get(document_);
  return error == simdjson::SUCCESS || fail(error);
}

/// The text of a scalar, the bracket of anything else; empty behind the end of the text. A text that ends inside a list
/// gets there: simdjson takes the byte behind the end, which is another event's, for the comma that it may be. The
/// length that it gives to a token there is wrong.
std::string_view JsonReader::Impl::token_of(ondemand::value value) const {
  const std::string_view token = value.raw_json_token();
  return token.data() == end_ ? std::string_view() : trim_end(token);
}

bool JsonReader::Impl::read(std::string_view event, const ColumnNode& root, RowFailure& failure) {
  failure_ = &failure;
  keys_.clear();
  unknown_names_.clear();
  kept_.clear();
  if (event.starts_with("\xef\xbb\xbf")) return fail(RejectClass::malformed, "the event starts with a byte order mark");
  if (!open(event)) return false;
  ondemand::object object;
  const auto error = document_.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) return fail_no_object(event);
  if (error != simdjson::SUCCESS) return fail(error);
  if (!read_fields(object, root, 1)) return false;
  if (!document_.at_end()) return fail(RejectClass::malformed, "more bytes follow the JSON object");
  append_kept(root, kept_);
  count_unknown();
  return true;
}

/// A field that no column reads: skipped, kept or refused.
bool JsonReader::Impl::read_unknown(ondemand::field& field, std::string_view key, const ColumnNode& node, int depth) {
  const bool is_kept = keeps_unknown(node);
  if (!is_kept && node.op == ValueOp::structure && unknown_ != nullptr && unknown_->policy() == UnknownFields::reject)
    return fail(RejectClass::unknown_field, "the field '" + excerpt(node.prefix + std::string(key)) +
                                                "' is not in the contract, which refuses unknown fields");
  if (!is_kept) return skip(field.value(), depth);
  const std::string_view name = raw_key_;
  ondemand::value value = field.value();
  std::string_view text = token_of(value);
  if (!skip(value, depth)) return false;
  if (text.front() == '{' || text.front() == '[') {  // of which the token is only the bracket
    const char* end = nullptr;
    if (const auto error = document_.current_location().get(end)) return fail(error);
    text = trim_end({text.data(), static_cast<size_t>(end - text.data())});
  }
  keep_field(name, text, kept_);
  return true;
}

/// None of the event's fields, whose names stand in keys_ since `mark`, is one of the contract's.
bool JsonReader::Impl::fail_no_known(const ColumnNode& root, size_t mark) {
  std::string text = no_known_field_text(root.keys, keys_.since(mark));
  return close_keys(mark) && fail(RejectClass::no_known_field, std::move(text));  // a key twice is worse
}

/// Unknown fields of an object, whose names stand in keys_ since `mark`.
void JsonReader::Impl::note_unknown(const ColumnNode& node, size_t mark) {
  if (unknown_ == nullptr || !counts_unknown(node)) return;
  for (const std::string_view key : keys_.since(mark)) unknown_names_.emplace_back(&node.prefix, key);
}

/// Each field counts once an event, however many structs of a list have it.
void JsonReader::Impl::count_unknown() {
  if (unknown_names_.size() > 1) {
    std::sort(unknown_names_.begin(), unknown_names_.end());
    unknown_names_.erase(std::unique(unknown_names_.begin(), unknown_names_.end()), unknown_names_.end());
  }
  for (const auto& [prefix, name] : unknown_names_) unknown_->add(*prefix, name, 1);
}

bool JsonReader::Impl::fail_no_object(std::string_view event) {
  const std::string text(event);  // `event` may be a view into what check_value() parses anew
  if (!check_value(text, *failure_)) return false;
  return fail(RejectClass::not_an_object, "expected a JSON object, got '" + excerpt(text) + "'");
}

bool JsonReader::Impl::check_value(std::string_view text, RowFailure& failure) {
  failure_ = &failure;
  keys_.clear();
  // An array around it: then every value is walked in the same way. A text with brackets or commas of its own is not
  // one element.
  const simdjson::padded_string wrapped("[" + std::string(text) + "]");
  if (!open({wrapped.data(), wrapped.size()})) return false;
  ondemand::array array;
  if (const auto error = document_.get_array().get(array)) return fail(error);
  int count = 0;
  for (auto step : array) {
    ondemand::value value;
    if (const auto error = step.get(value)) return fail(error);
    if (!skip(value, 0)) return false;
    ++count;
  }
  return (count == 1 && document_.at_end()) || fail(RejectClass::malformed, "expected one JSON value");
}

bool JsonReader::Impl::enter(int depth) {
  return depth <= limits_.depth ||
         fail(RejectClass::too_deep, "nested deeper than " + std::to_string(limits_.depth) + " levels");
}

bool JsonReader::Impl::count_field(size_t& fields) {
  return ++fields <= limits_.fields_per_object ||
         fail(RejectClass::too_large,
              "an object has more than " + std::to_string(limits_.fields_per_object) + " fields");
}

bool JsonReader::Impl::key_of(simdjson::simdjson_result<ondemand::field> step, ondemand::field& field,
                              std::string_view& key) {
  if (const auto error = std::move(step).get(field)) return fail(error);
  key = field.escaped_key();
  raw_key_ = key;  // unescaped_key() takes it out of the field
  const PlainRun run = scan_run(key.data(), key.data() + key.size());
  if (run.end == nullptr || *run.end != '\\') return true;
  const auto error = field.unescaped_key(false).get(key);
  return error == simdjson::SUCCESS || fail(error);
}

bool JsonReader::Impl::close_keys(size_t mark) {
  std::string_view duplicate;
  return keys_.close(mark, duplicate) || fail_duplicate(duplicate, *failure_);
}

bool JsonReader::Impl::read_fields(ondemand::object object, const ColumnNode& node, int depth) {
  if (seen_.size() < node.seen_slot + node.children.size()) seen_.resize(node.seen_slot + node.children.size(), 0);
  const uint64_t serial = ++serial_;
  const size_t mark = keys_.mark();
  const size_t child_count = node.children.size();
  size_t expected = 0;
  size_t fields = 0;
  size_t known = 0;
  for (auto step : object) {
    ondemand::field field;
    std::string_view key;
    if (!key_of(step, field, key) || !count_field(fields)) return false;
    const int found =
        expected < child_count && node.keys.name(expected) == key ? static_cast<int>(expected) : node.keys.find(key);
    if (found < 0) {
      keys_.add(key);
      if (!read_unknown(field, key, node, depth)) return false;
      continue;
    }
    const auto index = static_cast<size_t>(found);
    const ColumnNode& child = node.children[index];
    uint64_t& seen = seen_[node.seen_slot + index];
    if (seen == serial) {
      fail_duplicate(key, *failure_);
      return failure_->inside(child.name);
    }
    seen = serial;
    ++known;
    expected = index + 1;
    if (!read_value(field.value(), child, depth)) return failure_->inside(child.name);
  }
  if (depth == 1 && known == 0 && fields > 0 && child_count > 0 && !keeps_unknown(node))
    return fail_no_known(node, mark);
  note_unknown(node, mark);
  if (!close_keys(mark)) return false;
  for (size_t i = 0; known < child_count && i < child_count; ++i) {
    if (seen_[node.seen_slot + i] == serial) continue;
    if (!append_absent(node.children[i], *failure_)) return failure_->inside(node.children[i].name);
    ++known;
  }
  return true;
}

bool JsonReader::Impl::read_value(ondemand::value value, const ColumnNode& node, int depth) {
  const std::string_view token = token_of(value);
  const char first = token.empty() ? '\0' : token.front();
  if (is_path(node.op)) return read_path(value, node, depth);
  switch (first) {
    case '"': return read_string(value, node, token);
    case '{':
      if (node.op == ValueOp::structure) return read_struct(value, node, depth + 1);
      if (node.op == ValueOp::map) return read_map(value, node, depth + 1);
      return node.op == ValueOp::raw_json ? read_raw(value, node, depth) : fail_type(node, "an object", *failure_);
    case '[':
      if (node.op == ValueOp::list) return read_list(value, node, depth + 1);
      return node.op == ValueOp::raw_json ? read_raw(value, node, depth) : fail_type(node, "an array", *failure_);
    case 't':
    case 'f':
    case 'n': return read_literal(node, token);
    default:
      if (first != '-' && !is_digit(first)) return fail_token(token, *failure_);
      return append_small(node, token) || append_number(node, token, *failure_);
  }
}

bool JsonReader::Impl::read_string(ondemand::value value, const ColumnNode& node, std::string_view token) {
  std::string_view text;
  if (const auto error = value.get_string(false).get(text)) return fail(error);
  if (node.op != ValueOp::raw_json) return append_text(node, text, *failure_);
  node.as<BytesBuilder>().append(token);
  return true;
}

bool JsonReader::Impl::read_literal(const ColumnNode& node, std::string_view token) {
  if (token == "null") return append_null(node, *failure_);
  if (token == "true" || token == "false") return append_boolean(node, token == "true", *failure_);
  return fail_token(token, *failure_);
}

bool JsonReader::Impl::read_struct(ondemand::value value, const ColumnNode& node, int depth) {
  ondemand::object object;
  if (!enter(depth)) return false;
  if (const auto error = value.get_object().get(object)) return fail(error);
  if (!read_fields(object, node, depth)) return false;
  node.as<StructBuilder>().close_row();
  return true;
}

/// What a path leads into. Anything that it cannot lead into has no values for it.
bool JsonReader::Impl::read_path(ondemand::value value, const ColumnNode& node, int depth) {
  const std::string_view token = token_of(value);
  const char first = token.empty() ? '\0' : token.front();
  if (node.op == ValueOp::path_list && first == '[') return read_path_list(value, node, depth + 1);
  if (node.op != ValueOp::path_object || first != '{') return skip(value, depth) && append_absent(node, *failure_);
  ondemand::object object;
  if (!enter(depth + 1)) return false;
  if (const auto error = value.get_object().get(object)) return fail(error);
  return read_fields(object, node, depth + 1);
}

bool JsonReader::Impl::read_path_list(ondemand::value value, const ColumnNode& node, int depth) {
  ondemand::array array;
  if (!enter(depth)) return false;
  if (const auto error = value.get_array().get(array)) return fail(error);
  int index = 0;
  for (auto step : array) {
    ondemand::value item;
    if (const auto error = step.get(item)) return fail(error);
    const ColumnNode* child = child_at(node, index++);
    if (child == nullptr) {
      if (!skip(item, depth)) return false;
    } else if (!read_value(item, *child, depth)) {
      return failure_->inside(child->name);
    }
  }
  return append_missing(node, index, *failure_);
}

bool JsonReader::Impl::read_list(ondemand::value value, const ColumnNode& node, int depth) {
  ondemand::array array;
  if (!enter(depth)) return false;
  if (const auto error = value.get_array().get(array)) return fail(error);
  const ColumnNode& element = node.children[0];
  for (auto step : array) {
    ondemand::value item;
    if (const auto error = step.get(item)) return fail(error);
    if (!read_value(item, element, depth)) return failure_->inside(element.name);
  }
  node.as<RepeatedBuilder>().close_row();
  return true;
}

bool JsonReader::Impl::read_map(ondemand::value value, const ColumnNode& node, int depth) {
  ondemand::object object;
  if (!enter(depth)) return false;
  if (const auto error = value.get_object().get(object)) return fail(error);
  const size_t mark = keys_.mark();
  size_t fields = 0;
  for (auto step : object) {
    ondemand::field field;
    std::string_view key;
    if (!key_of(step, field, key) || !count_field(fields)) return false;
    keys_.add(key);
    if (!append_map_key(node.children[0], key, *failure_)) return failure_->inside(node.children[0].name);
    if (!read_value(field.value(), node.children[1], depth)) return failure_->inside(node.children[1].name);
  }
  if (!close_keys(mark)) return false;
  node.as<RepeatedBuilder>().close_row();
  return true;
}

bool JsonReader::Impl::read_raw(ondemand::value value, const ColumnNode& node, int depth) {
  const char* begin = value.raw_json_token().data();
  if (!skip(value, depth)) return false;
  const char* end = nullptr;
  if (const auto error = document_.current_location().get(end)) return fail(error);
  node.as<BytesBuilder>().append(trim_end({begin, static_cast<size_t>(end - begin)}));
  return true;
}

bool JsonReader::Impl::skip(ondemand::value value, int depth) {
  const std::string_view token = token_of(value);
  const char first = token.empty() ? '\0' : token.front();
  if (first == '{') return skip_object(value, depth + 1);
  if (first == '[') return skip_array(value, depth + 1);
  return skip_scalar(value, token);
}

bool JsonReader::Impl::skip_scalar(ondemand::value value, std::string_view token) {
  if (!token.empty() && token.front() == '"') {
    const auto error = value.get_string(false).error();
    return error == simdjson::SUCCESS || fail(error);
  }
  return token == "null" || token == "true" || token == "false" || is_json_number(token) ||
         fail_token(token, *failure_);
}

bool JsonReader::Impl::skip_array(ondemand::value value, int depth) {
  ondemand::array array;
  if (!enter(depth)) return false;
  if (const auto error = value.get_array().get(array)) return fail(error);
  for (auto step : array) {
    ondemand::value item;
    if (const auto error = step.get(item)) return fail(error);
    if (!skip(item, depth)) return false;
  }
  return true;
}

bool JsonReader::Impl::skip_object(ondemand::value value, int depth) {
  ondemand::object object;
  if (!enter(depth)) return false;
  if (const auto error = value.get_object().get(object)) return fail(error);
  const size_t mark = keys_.mark();
  size_t fields = 0;
  for (auto step : object) {
    ondemand::field field;
    std::string_view key;
    if (!key_of(step, field, key) || !count_field(fields)) return false;
    keys_.add(key);
    if (!skip(field.value(), depth)) return false;
  }
  return close_keys(mark);
}

JsonReader::JsonReader(const DecodeLimits& limits, UnknownTally* unknown)
    : impl_(std::make_unique<Impl>(limits, unknown)) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;

bool JsonReader::read(std::string_view event, const ColumnNode& root, RowFailure& failure) {
  if (impl_->read(event, root, failure)) return true;
  return failure.is_about_syntax() ? explain(event, failure) : false;
}

bool JsonReader::check_value(std::string_view text, RowFailure& failure) {
  return impl_->check_value(text, failure);
}

Result<ColumnPtr> read_default(const Field& field, const TextFormat& format, const std::string& json) {
  JsonReader reader{DecodeLimits{}};
  RowFailure failure;
  if (!reader.check_value(json, failure)) return Error(ErrorKind::invalid_argument, failure.take(0).message);
  TextFormat plain = format;
  plain.default_json.reset();
  plain.source_name.clear();
  plain.path.clear();
  Field wanted = field;
  wanted.required = true;  // a default of null would be no default
  const std::unique_ptr<ColumnBuilder> builder = make_column_builder(field.type);
  ColumnNode root;
  root.op = ValueOp::structure;
  WEIR_ASSIGN(ColumnNode column, compile_column(wanted, plain, *builder));
  const PathStep step{.name = "v"};
  WEIR_TRY(insert_at(root, {&step, 1}, std::move(column)));
  finish_plan(root);
  const simdjson::padded_string padded("{\"v\":" + json + "}");
  if (!reader.read({padded.data(), padded.size()}, root, failure))
    return Error(ErrorKind::invalid_argument, failure.take(0).message);
  return builder->finish();
}

}  // namespace weir::codec
