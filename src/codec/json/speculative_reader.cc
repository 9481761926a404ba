#include <cstring>
#include <deque>

#include "codec/json/json_string_internal.h"
#include "codec/json/key_set_internal.h"
#include "codec/json/small_number_internal.h"
#include "codec/json/speculative_object_internal.h"
#include "codec/json/speculative_reader_internal.h"
#include "codec/json/unknown_fields_internal.h"
#include "codec/text/value_text_internal.h"
#include "codec/utf8.h"

namespace weir::codec {

/// Functions that read take the place where their text begins and return where it ends, or null: then is_rejected_
/// tells whether failure_ says why or they give up.
class SpeculativeReader::Impl {
 public:
  Impl(const ColumnNode& root, const DecodeLimits& limits, UnknownFields unknown)
      : limits_(limits), root_(root), refuses_unknown_(unknown == UnknownFields::reject) {
    add_objects(root);
  }

  Speculation read(std::string_view event, RowFailure& failure) {
    end_ = event.data() + event.size();
    failure_ = &failure;
    is_rejected_ = false;
    is_whole_ = false;
    keys_.clear();
    kept_.clear();
    before_ = serial_;
    has_unknown_ = false;
    has_others_ = false;
    const char* const begin = skip_blanks(event.data());
    if (begin >= end_ || *begin != '{') return Speculation::gave_up;
    if (is_end(read_object(begin + 1, root_, 1))) {
      append_kept(root_, kept_);
      others_ += has_others_ ? 1 : 0;
      return Speculation::taken;
    }
    if (has_unknown_) uncount();
    if (!is_rejected_) return Speculation::gave_up;
    if (is_whole_) return Speculation::rejected;
    // JsonReader looks at the syntax of the whole event before the first field.
    keys_.clear();
    return is_end(skip_object(begin + 1, 1)) ? Speculation::rejected : Speculation::gave_up;
  }

  void count_unknown(UnknownTally& tally);

 private:
  void add_objects(const ColumnNode& node);
  void uncount();
  const char* read_unknown(const char* p, const ColumnNode& node, std::string_view name, int depth);
  const char* read_path(const char* p, const ColumnNode& node, int depth);
  /// True when the event ends at `p`, but for blanks.
  bool is_end(const char* p) const { return p != nullptr && (p == end_ || (p < end_ && skip_blanks(p) >= end_)); }
  /// For the value_text_internal.h functions: `end` when they have appended, else null with their failure.
  const char* done(bool appended, const char* end) {
    is_rejected_ = !appended;
    return appended ? end : nullptr;
  }
  /// Passes a null on, with the name of the place in the failure's path.
  const char* left(std::string_view name) {
    if (is_rejected_) failure_->inside(name);
    return nullptr;
  }
  const char* reject_duplicate(const SpeculativeKey& key, std::string_view name);
  const char* reject_comma(const char* p, int depth);
  const char* reject_unknown(size_t mark, std::string_view name);
  SpeculativeObject& object_of(const ColumnNode& node) { return objects_[node.object_index]; }

  const char* read_object(const char* p, const ColumnNode& node, int depth);
  const char* find_key(const char* p, SpeculativeObject& object, uint32_t& index);
  bool finish_object(SpeculativeObject& object, uint64_t serial);

  const char* read_value(const char* p, const ColumnNode& node, int depth);
  const char* read_other(const char* p, const ColumnNode& node);
  const char* read_token(const char* p, const ColumnNode& node);
  const char* read_text(const char* p, const ColumnNode& node);
  const char* read_string(const char* p, const ColumnNode& node);
  template <typename Append>
  const char* read_number(const char* p, const ColumnNode& node, Append append_small) {
    const SmallNumber number = scan_small_number(p);
    return number.end != nullptr && append_small(node, number) ? number.end : read_token(p, node);
  }
  const char* read_boolean(const char* p, const ColumnNode& node);
  const char* read_datetime(const char* p, const ColumnNode& node);
  const char* read_struct(const char* p, const ColumnNode& node, int depth);
  const char* read_list(const char* p, const ColumnNode& node, int depth);
  const char* read_map(const char* p, const ColumnNode& node, int depth);
  const char* read_raw(const char* p, const ColumnNode& node, int depth);

  const char* plain_key(const char* p, std::string_view& key);
  const char* skip_value(const char* p, int depth);
  const char* skip_object(const char* p, int depth);
  const char* skip_array(const char* p, int depth);
  bool close_keys(size_t mark) {
    std::string_view duplicate;
    return keys_.close(mark, duplicate);
  }

  DecodeLimits limits_;
  const ColumnNode& root_;
  const char* end_ = nullptr;
  bool refuses_unknown_;
  std::deque<SpeculativeObject> objects_;
  std::vector<const ColumnNode*> object_nodes_;  ///< parallel to objects_
  uint64_t before_ = 0;                          ///< serial_ before this event
  bool has_unknown_ = false;                     ///< this event has counted learned keys
  bool has_others_ = false;                      ///< this event has unknown keys that were not learned
  int64_t others_ = 0;                           ///< events with such keys
  std::string kept_;                             ///< unknown fields of this event, for the column that takes them
  KeySet keys_;
  uint64_t serial_ = 0;
  DateMemory date_;
  RowFailure* failure_ = nullptr;
  bool is_rejected_ = false;
  bool is_whole_ = false;  ///< rejected at its very end: there is no more syntax to look at
};

void SpeculativeReader::Impl::add_objects(const ColumnNode& node) {
  if (node.op == ValueOp::structure || node.op == ValueOp::path_object) {
    WEIR_CHECK(node.object_index == objects_.size());
    objects_.emplace_back(node);
    object_nodes_.push_back(&node);
  }
  for (const ColumnNode& child : node.children) add_objects(child);
}

void SpeculativeReader::Impl::count_unknown(UnknownTally& tally) {
  for (size_t i = 0; i < objects_.size(); ++i) {
    SpeculativeObject& object = objects_[i];
    for (uint32_t key = object.known() + 1; key < object.size(); ++key) {
      int64_t& events = object.events_with(key);
      if (events != 0) tally.add(object_nodes_[i]->prefix, object.name(key), std::exchange(events, 0));
    }
  }
  if (others_ != 0) tally.add("", kOtherUnknownFields, std::exchange(others_, 0));
}

/// Takes back what the event at hand has counted: JsonReader decides about it, or it is rejected.
void SpeculativeReader::Impl::uncount() {
  for (size_t i = 0; i < objects_.size(); ++i) {
    SpeculativeObject& object = objects_[i];
    if (!counts_unknown(*object_nodes_[i])) continue;
    for (uint32_t key = object.known() + 1; key < object.size(); ++key) {
      if (object[key].seen > before_) --object.events_with(key);
    }
  }
}

/// The value of a field that no column reads.
const char* SpeculativeReader::Impl::read_unknown(const char* p, const ColumnNode& node, std::string_view name,
                                                  int depth) {
  const bool is_kept = keeps_unknown(node);
  if (refuses_unknown_ && !is_kept && node.op == ValueOp::structure) return nullptr;  // JsonReader says it
  const char* const end = skip_value(p, depth);
  if (is_kept && end != nullptr && end <= end_) keep_field(name, {p, static_cast<size_t>(end - p)}, kept_);
  return end;
}

const char* SpeculativeReader::Impl::read_object(const char* p, const ColumnNode& node, int depth) {
  SpeculativeObject& object = object_of(node);
  const uint64_t serial = ++serial_;
  const size_t mark = keys_.mark();
  uint32_t known = 0;
  uint32_t previous = SpeculativeObject::kStart;
  uint32_t twice = SpeculativeObject::kStart;  // unknown key that came again
  p = skip_blanks(p);
  if (*p == '}') return finish_object(object, serial) ? p + 1 : nullptr;
  for (size_t fields = 1;; ++fields) {
    if (p >= end_ || fields > limits_.fields_per_object) return nullptr;
    uint32_t index = object[previous].next;
    if (const SpeculativeKey& guess = object[index]; guess.mask != 0 && matches(p, guess.text, guess.mask)) {
      p += guess.size;
    } else {
      if (*p == '}') [[unlikely]]
        return reject_comma(p, depth);
      p = find_key(p, object, index);
      if (p == nullptr) return nullptr;
    }
    p = skip_blanks(p);
    if (index == SpeculativeObject::kNone) {
      has_others_ |= counts_unknown(node);
      p = read_unknown(p, node, keys_.since(mark).back(), depth);
    } else {
      SpeculativeKey& key = object[index];
      if (key.seen == serial) [[unlikely]] {
        if (key.node != nullptr) return reject_duplicate(key, object.name(index));
        if (twice != SpeculativeObject::kStart && twice != index) return nullptr;  // JsonReader knows which it names
        twice = index;
      }
      const uint64_t seen_before = key.seen;
      key.seen = serial;
      object[previous].next = index;
      previous = index;
      known += key.node != nullptr ? 1 : 0;
      if (key.node == nullptr) {
        if (seen_before <= before_ && counts_unknown(node)) {
          ++object.events_with(index);
          has_unknown_ = true;
        }
        p = read_unknown(p, node, object.name(index), depth);
      } else {
        p = read_value(p, *key.node, depth);
        if (p == nullptr) return left(key.node->name);
      }
    }
    if (p == nullptr) return nullptr;
    p = skip_blanks(p);
    if (*p == '}') break;
    if (*p != ',') return nullptr;
    p = skip_blanks(p + 1);
  }
  if (twice != SpeculativeObject::kStart) [[unlikely]]
    return reject_unknown(mark, object.name(twice));
  if (keys_.mark() != mark && !close_keys(mark)) return nullptr;
  if (known != object.known()) {
    if (known == 0 && depth == 1 && !keeps_unknown(node)) return nullptr;  // JsonReader names the fields
    if (!finish_object(object, serial)) return nullptr;
  }
  return p + 1;
}

/// Steps over a key that was not foreseen and its colon. Index kNone: a key of no field and none that can be learned.
const char* SpeculativeReader::Impl::find_key(const char* p, SpeculativeObject& object, uint32_t& index) {
  std::string_view key;
  p = plain_key(p, key);
  if (p == nullptr) return nullptr;
  index = object.find(key);
  if (index == SpeculativeObject::kNone) index = object.learn(key);
  if (index == SpeculativeObject::kNone) keys_.add(key);
  return p;
}

bool SpeculativeReader::Impl::finish_object(SpeculativeObject& object, uint64_t serial) {
  for (uint32_t i = 1; i <= object.known(); ++i) {
    if (object[i].seen == serial || append_absent(*object[i].node, *failure_)) continue;
    is_rejected_ = true;
    return failure_->inside(object[i].node->name);
  }
  return true;
}

/// An unknown key that came twice. It is reported at the end of its object, after all that is wrong before it. Keys
/// that could not be learned stand in keys_ since `mark`: perhaps one of them came twice before.
const char* SpeculativeReader::Impl::reject_unknown(size_t mark, std::string_view name) {
  if (keys_.mark() == mark) is_rejected_ = !fail_duplicate(name, *failure_);
  return nullptr;
}

/// A comma after the last field of the event, at whose `}` is `p`: everything before it is in order.
const char* SpeculativeReader::Impl::reject_comma(const char* p, int depth) {
  if (depth == 1 && is_end(p + 1)) is_whole_ = is_rejected_ = !fail_invalid_json(*failure_);
  return nullptr;
}

/// A known field twice.
const char* SpeculativeReader::Impl::reject_duplicate(const SpeculativeKey& key, std::string_view name) {
  is_rejected_ = !fail_duplicate(name, *failure_);
  return left(key.node->name);
}

/// A key without escapes, up to and with its colon.
const char* SpeculativeReader::Impl::plain_key(const char* p, std::string_view& key) {
  if (*p != '"') return nullptr;
  const PlainRun run = scan_run(p + 1, end_);
  if (run.end == nullptr || *run.end != '"') return nullptr;
  key = {p + 1, static_cast<size_t>(run.end - p - 1)};
  if (!run.is_ascii && !is_utf8(key)) return nullptr;
  p = skip_blanks(run.end + 1);
  return *p == ':' ? p + 1 : nullptr;
}

const char* SpeculativeReader::Impl::read_value(const char* p, const ColumnNode& node, int depth) {
  switch (node.op) {
    case ValueOp::string: return read_string(p, node);
    case ValueOp::int64: return read_number(p, node, append_small_integer<int64_t>);
    case ValueOp::int32: return read_number(p, node, append_small_integer<int32_t>);
    case ValueOp::float64: return read_number(p, node, append_small_float64);
    case ValueOp::float32: return read_number(p, node, append_small_float32);
    case ValueOp::boolean: return read_boolean(p, node);
    case ValueOp::decimal: return *p == '"' ? read_text(p, node) : read_number(p, node, append_small_decimal);
    case ValueOp::epoch: return read_number(p, node, append_small_epoch);
    case ValueOp::instant_text:
    case ValueOp::local_time_text: return read_datetime(p, node);
    case ValueOp::structure: return read_struct(p, node, depth + 1);
    case ValueOp::list: return read_list(p, node, depth + 1);
    case ValueOp::map: return read_map(p, node, depth + 1);
    case ValueOp::raw_json: return read_raw(p, node, depth);
    case ValueOp::path_object:
    case ValueOp::path_list: return read_path(p, node, depth);
    default: return read_text(p, node);
  }
}

/// A value that does not begin as those of the column do: null, or a reject.
const char* SpeculativeReader::Impl::read_other(const char* p, const ColumnNode& node) {
  switch (*p) {
    case 'n': return std::memcmp(p, "null", 4) == 0 ? done(append_null(node, *failure_), p + 4) : nullptr;
    case 't': return std::memcmp(p, "true", 4) == 0 ? done(append_boolean(node, true, *failure_), p + 4) : nullptr;
    case 'f': return std::memcmp(p, "false", 5) == 0 ? done(append_boolean(node, false, *failure_), p + 5) : nullptr;
    case '"': return read_text(p, node);
    case '{': return done(fail_type(node, "an object", *failure_), nullptr);
    case '[': return done(fail_type(node, "an array", *failure_), nullptr);
    default: break;
  }
  const char* const end = skip_number(p);
  return end == nullptr ? nullptr : done(append_number(node, {p, static_cast<size_t>(end - p)}, *failure_), end);
}

/// A number in any shape, by the rules of value_text_internal.h.
const char* SpeculativeReader::Impl::read_token(const char* p, const ColumnNode& node) {
  const char* const end = skip_number(p);
  if (end == nullptr) return read_other(p, node);
  return done(append_number(node, {p, static_cast<size_t>(end - p)}, *failure_), end);
}

/// A string without escapes, by the rules of value_text_internal.h.
const char* SpeculativeReader::Impl::read_text(const char* p, const ColumnNode& node) {
  if (*p != '"') return read_other(p, node);
  const PlainRun run = scan_run(p + 1, end_);
  if (run.end == nullptr || *run.end != '"') return nullptr;
  const std::string_view text(p + 1, static_cast<size_t>(run.end - p - 1));
  if (!run.is_ascii && !is_utf8(text)) return nullptr;
  return done(append_text(node, text, *failure_), run.end + 1);
}

namespace {

/// What the string whose content begins at `p` may take, its escapes undone. A string can be as long as the rest of its
/// event; but were that made room for, each of a thousand columns of text would hold as much as an event has.
size_t string_bytes_max(const char* p, const char* limit) {
  constexpr size_t kSmallEvent = 4096;
  const auto rest = static_cast<size_t>(limit - p);
  if (rest <= kSmallEvent) return rest;
  const PlainRun run = scan_run(p, limit);
  if (run.end == nullptr) return rest;
  if (*run.end == '"') return static_cast<size_t>(run.end - p);
  const char* const end = skip_string(p, limit);
  return end == nullptr ? rest : static_cast<size_t>(end - p);
}

}  // namespace

const char* SpeculativeReader::Impl::read_string(const char* p, const ColumnNode& node) {
  if (*p != '"') return read_other(p, node);
  if (p >= end_) return nullptr;
  auto& builder = node.as<BytesBuilder>();
  ++p;
  uint8_t* const out = builder.reserve_value(string_bytes_max(p, end_) + 32);
  const PlainRun run = copy_run(p, end_, out);
  if (run.end == nullptr) return nullptr;
  auto size = static_cast<size_t>(run.end - p);
  const char* end = run.end;
  bool is_ascii = run.is_ascii;
  if (*end != '"') [[unlikely]] {
    const UnescapedString whole = unescape(p, end_, out);
    if (whole.end == nullptr) return nullptr;
    end = whole.end;
    size = whole.size;
    is_ascii = whole.is_ascii;
  }
  if (!is_ascii && !is_utf8({p, static_cast<size_t>(end - p)})) return nullptr;
  builder.commit_value(size);
  return end + 1;
}

const char* SpeculativeReader::Impl::read_boolean(const char* p, const ColumnNode& node) {
  auto& builder = node.as<BooleanBuilder>();
  if (std::memcmp(p, "true", 4) == 0) {
    builder.append(true);
    return p + 4;
  }
  if (std::memcmp(p, "false", 5) != 0) return read_other(p, node);
  builder.append(false);
  return p + 5;
}

const char* SpeculativeReader::Impl::read_datetime(const char* p, const ColumnNode& node) {
  int64_t micros = 0;
  if (*p == '"') {
    const char* const end = date_.scan_datetime(p + 1, node.op == ValueOp::instant_text, micros);
    if (end != nullptr && *end == '"') {
      node.as<FixedBuilder<int64_t>>().append(micros);
      return end + 1;
    }
  }
  return read_text(p, node);
}

const char* SpeculativeReader::Impl::read_struct(const char* p, const ColumnNode& node, int depth) {
  if (*p != '{') return read_other(p, node);
  if (depth > limits_.depth) return nullptr;
  p = read_object(p + 1, node, depth);
  if (p != nullptr) node.as<StructBuilder>().close_row();
  return p;
}

const char* SpeculativeReader::Impl::read_list(const char* p, const ColumnNode& node, int depth) {
  if (*p != '[') return read_other(p, node);
  if (depth > limits_.depth) return nullptr;
  const ColumnNode& element = node.children[0];
  p = skip_blanks(p + 1);
  if (*p != ']') {
    while (true) {
      if (p >= end_) return nullptr;
      p = read_value(p, element, depth);
      if (p == nullptr) return left(element.name);
      p = skip_blanks(p);
      if (*p == ']') break;
      if (*p != ',') return nullptr;
      p = skip_blanks(p + 1);
    }
  }
  node.as<RepeatedBuilder>().close_row();
  return p + 1;
}

/// What a path leads into. Anything that it cannot lead into has no values for it.
const char* SpeculativeReader::Impl::read_path(const char* p, const ColumnNode& node, int depth) {
  if (node.op == ValueOp::path_object && *p == '{') {
    return depth < limits_.depth ? read_object(p + 1, node, depth + 1) : nullptr;
  }
  if (node.op != ValueOp::path_list || *p != '[') {
    const char* const end = skip_value(p, depth);
    return end == nullptr || end > end_ ? nullptr : done(append_absent(node, *failure_), end);
  }
  if (++depth > limits_.depth) return nullptr;
  int index = 0;
  p = skip_blanks(p + 1);
  while (*p != ']') {
    if (p >= end_) return nullptr;
    const ColumnNode* const child = child_at(node, index++);
    p = child == nullptr ? skip_value(p, depth) : read_value(p, *child, depth);
    if (p == nullptr) return child == nullptr ? nullptr : left(child->name);
    p = skip_blanks(p);
    if (*p == ']') break;
    if (*p != ',') return nullptr;
    p = skip_blanks(p + 1);
    if (*p == ']') return nullptr;
  }
  return done(append_missing(node, index, *failure_), p + 1);
}

const char* SpeculativeReader::Impl::read_map(const char* p, const ColumnNode& node, int depth) {
  if (*p != '{') return read_other(p, node);
  if (depth > limits_.depth) return nullptr;
  const size_t mark = keys_.mark();
  p = skip_blanks(p + 1);
  if (*p != '}') {
    for (size_t fields = 1;; ++fields) {
      std::string_view key;
      if (p >= end_ || fields > limits_.fields_per_object) return nullptr;
      p = plain_key(p, key);
      if (p == nullptr) return nullptr;
      keys_.add(key);
      if (done(append_map_key(node.children[0], key, *failure_), p) == nullptr) return left(node.children[0].name);
      p = read_value(skip_blanks(p), node.children[1], depth);
      if (p == nullptr) return left(node.children[1].name);
      p = skip_blanks(p);
      if (*p == '}') break;
      if (*p != ',') return nullptr;
      p = skip_blanks(p + 1);
    }
  }
  if (!close_keys(mark)) return nullptr;
  node.as<RepeatedBuilder>().close_row();
  return p + 1;
}

const char* SpeculativeReader::Impl::read_raw(const char* p, const ColumnNode& node, int depth) {
  if (*p == 'n') return read_other(p, node);
  const char* const end = skip_value(p, depth);
  if (end == nullptr || end > end_) return nullptr;
  node.as<BytesBuilder>().append({p, static_cast<size_t>(end - p)});
  return end;
}

const char* SpeculativeReader::Impl::skip_value(const char* p, int depth) {
  switch (*p) {
    case '"': return skip_string(p + 1, end_);
    case '{': return skip_object(p + 1, depth + 1);
    case '[': return skip_array(p + 1, depth + 1);
    case 't': return std::memcmp(p, "true", 4) == 0 ? p + 4 : nullptr;
    case 'f': return std::memcmp(p, "false", 5) == 0 ? p + 5 : nullptr;
    case 'n': return std::memcmp(p, "null", 4) == 0 ? p + 4 : nullptr;
    default: return skip_number(p);
  }
}

const char* SpeculativeReader::Impl::skip_object(const char* p, int depth) {
  if (depth > limits_.depth) return nullptr;
  p = skip_blanks(p);
  if (*p == '}') return p + 1;
  const size_t mark = keys_.mark();
  for (size_t fields = 1;; ++fields) {
    std::string_view key;
    if (p >= end_ || fields > limits_.fields_per_object) return nullptr;
    p = plain_key(p, key);
    if (p == nullptr) return nullptr;
    if (!is_rejected_) keys_.add(key);  // of a rejected event only the syntax counts
    p = skip_value(skip_blanks(p), depth);
    if (p == nullptr) return nullptr;
    p = skip_blanks(p);
    if (*p == '}') break;
    if (*p != ',') return nullptr;
    p = skip_blanks(p + 1);
  }
  return is_rejected_ || close_keys(mark) ? p + 1 : nullptr;
}

const char* SpeculativeReader::Impl::skip_array(const char* p, int depth) {
  if (depth > limits_.depth) return nullptr;
  p = skip_blanks(p);
  if (*p == ']') return p + 1;
  while (true) {
    if (p >= end_) return nullptr;
    p = skip_value(p, depth);
    if (p == nullptr) return nullptr;
    p = skip_blanks(p);
    if (*p == ']') return p + 1;
    if (*p != ',') return nullptr;
    p = skip_blanks(p + 1);
  }
}

SpeculativeReader::SpeculativeReader(const ColumnNode& root, const DecodeLimits& limits, UnknownFields unknown)
    : impl_(std::make_unique<Impl>(root, limits, unknown)) {}
SpeculativeReader::~SpeculativeReader() = default;

Speculation SpeculativeReader::read(std::string_view event, RowFailure& failure) {
  return impl_->read(event, failure);
}

void SpeculativeReader::count_unknown(UnknownTally& tally) {
  impl_->count_unknown(tally);
}

}  // namespace weir::codec
