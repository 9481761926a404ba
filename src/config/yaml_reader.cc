#include <algorithm>
#include <optional>
#include <set>

#include <yaml.h>

#include "config/document.h"
#include "config/yaml_text_internal.h"

namespace weir::config {
namespace {

/// What libyaml says, and what a person can do with.
struct Translation {
  std::string_view problem;
  std::string_view message;
};
constexpr Translation kTranslations[] = {
    {"mapping values are not allowed in this context",
     "a ': ' where no key can stand: put the value in quotes, or correct the line's indentation"},
    {"found character that cannot start any token", "a value cannot begin with this character; put it in quotes"},
    {"could not find expected ':'", "a key without ': ' after it (or a line that is indented too little)"},
    {"did not find expected key", "this line does not line up with the keys of the mapping it seems to belong to"},
    {"did not find expected '-' indicator",
     "this line does not line up with the '- ' of the list it seems to belong to"},
    {"did not find expected ',' or ']'", "expected ',' or ']' in the list"},
    {"did not find expected ',' or '}'", "expected ',' or '}' in the mapping"},
    {"did not find expected <document start>",
     "text after the end of the document; a line is indented wrongly, or a second document begins"},
    {"block sequence entries are not allowed in this context",
     "a list cannot begin here; put '- ' on a line of its own"},
    {"did not find expected node content", "a value is missing"},
    {"found unexpected end of stream", "quotes that are never closed"},
    {"found unexpected document indicator", "quotes that are never closed before the end of the document"},
    {"found unknown escape character",
     "an unknown escape; in double quotes write '\\\\' for a backslash, or use single quotes"},
    {"did not find expected hexdecimal number", "\\x, \\u and \\U need hexadecimal digits"},
    {"found undefined tag handle", "a tag; Weir reads no tags, remove it"},
    {"did not find URI escaped octet", "a tag; Weir reads no tags, remove it"},
    {"did not find the expected '!'", "a tag; Weir reads no tags, remove it"},
    {"while scanning an anchor", "an anchor; Weir reads no anchors and aliases, write the value out"},
    {"exceeded maximum depth", "nested too deeply"},
};

bool is_plain_null(std::string_view text) {
  return text.empty() || text == "null" || text == "~" || text == "Null" || text == "NULL";
}

}  // namespace

/// Builds the tree from libyaml's events. One use.
class TreeBuilder {
 public:
  TreeBuilder(std::string file, std::string_view text, Diagnostics& diagnostics)
      : text_(text), diagnostics_(diagnostics) {
    document_.file_ = std::move(file);
    document_.root_.begin_ = document_.root_.end_ = {1, 1};  // of an empty file
  }

  std::optional<Document> build() {
    if (!check_text() || !read_events()) return std::nullopt;
    if (auto fault = check_structure(text_, scalars_, indented_)) {
      fail_at_byte(fault->offset, std::move(fault->message));
      return std::nullopt;
    }
    return std::move(document_);
  }

 private:
  struct Frame {
    Node node;
    std::set<std::string, std::less<>> keys;
    std::optional<Node::Entry> entry;  ///< mapping: a key that waits for its value
    int block_column = 0;              ///< column of the innermost block collection, from 0; -1 outside of all
    bool flow = false;
  };

  bool check_text() {
    if (text_.size() > kDocumentBytesMax) {
      diagnostics_.add(
          {document_.file_, 0, 0, "", "larger than " + std::to_string(kDocumentBytesMax) + " bytes", Severity::error});
      return false;
    }
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    diagnostics_.add_source(document_.file_, text_);
    if (auto fault = check_characters(text_)) {
      fail_at_byte(fault->offset, std::move(fault->message));
      return false;
    }
    character_starts_.reserve(text_.size() + 1);
    for (size_t i = 0; i < text_.size(); ++i) {
      if ((static_cast<unsigned char>(text_[i]) & 0xC0) != 0x80) character_starts_.push_back(static_cast<uint32_t>(i));
    }
    character_starts_.push_back(static_cast<uint32_t>(text_.size()));
    return true;
  }

  /// Bytes before a mark; libyaml counts characters.
  size_t byte_of(const yaml_mark_t& mark) const {
    return character_starts_[std::min(mark.index, character_starts_.size() - 1)];
  }
  static Position position_of(const yaml_mark_t& mark) {
    return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
  }

  /// Adds the one error that ends reading. Hides the line when a word in it looks like a secret: nobody knows yet what
  /// is a value.
  bool fail(Position at, std::string message) {
    size_t begin = 0;
    for (int line = 1; line < at.line && begin < text_.size(); ++line) {
      begin = text_.find_first_of("\r\n", begin);
      if (begin == std::string_view::npos) break;
      begin += text_.substr(begin).starts_with("\r\n") ? 2 : 1;
    }
    if (begin != std::string_view::npos &&
        looks_secret(text_.substr(begin, text_.find_first_of("\r\n", begin) - begin))) {
      diagnostics_.mask(document_.file_, {at.line, 1}, {at.line + 1, 1});
    }
    diagnostics_.add({document_.file_, at.line, at.column, "", std::move(message), Severity::error});
    return false;
  }

  bool fail_at_byte(size_t offset, std::string message) {
    Position at{1, 1};
    for (size_t i = 0; i < offset && i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\n' || (c == '\r' && !text_.substr(i).starts_with("\r\n"))) {
        ++at.line;
        at.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++at.column;
      }
    }
    return fail(at, std::move(message));
  }

  bool fail_as_libyaml(const yaml_parser_t& parser) {
    const std::string_view problem = parser.problem == nullptr ? "not YAML" : parser.problem;
    const std::string_view context = parser.context == nullptr ? "" : parser.context;
    const size_t at_byte = byte_of(parser.problem_mark);
    Position at = position_of(parser.problem_mark);
    if (parser.error == YAML_MEMORY_ERROR) return fail(at, "out of memory");
    const size_t line_begin = at_byte == 0 ? 0 : text_.find_last_of("\r\n", at_byte - 1) + 1;
    const size_t indent_end = std::min(text_.find_first_not_of(" \t", line_begin), at_byte + 1);
    const size_t tab = text_.substr(0, indent_end).find('\t', line_begin);
    if (tab != std::string_view::npos) return fail_at_byte(tab, std::string(kTabMessage));
    std::string message(problem);
    for (const Translation& translation : kTranslations) {
      if (translation.problem == problem || translation.problem == context) message = translation.message;
    }
    if (problem.starts_with("found unexpected") && context.starts_with("while scanning a quoted"))
      at = position_of(parser.context_mark);
    if (is_after_long_quote(parser.problem_mark))
      return fail(long_quote_->begin, "the quote that opens here closes only in line " +
                                          std::to_string(long_quote_->end.line) +
                                          "; if that is not meant, close it in this line");
    if (context.starts_with("while parsing a") && parser.context_mark.line != parser.problem_mark.line) {
      message += " (it begins at line " + std::to_string(parser.context_mark.line + 1) + ")";
    }
    return fail(at, std::move(message));
  }

  /// True when what cannot be read comes right after a quoted text of several lines: most likely its first line lacks
  /// the closing quote, and the next quote opens a text for its writer and closes one for us.
  bool is_after_long_quote(const yaml_mark_t& problem) const {
    if (!long_quote_) return false;
    const int line = position_of(problem).line;
    return line == long_quote_->end.line || line == long_quote_->end.line + 1;
  }

  bool read_events() {
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) return fail({}, "out of memory");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text_.data()), text_.size());
    bool good = true;
    for (bool more = true; good && more;) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser, &event) == 0) {
        good = fail_as_libyaml(parser);
        break;
      }
      more = event.type != YAML_STREAM_END_EVENT;
      good = on_event(event);
      yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
  }

  bool on_event(const yaml_event_t& event) {
    const Position at = position_of(event.start_mark);
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        if (event.data.document_start.version_directive != nullptr ||
            event.data.document_start.tag_directives.start != event.data.document_start.tag_directives.end) {
          return fail(at, "a directive; Weir reads YAML 1.2 without directives, remove the line");
        }
        if (++documents_ > 1) return fail(at, "a second document; one file holds one document");
        return true;
      case YAML_ALIAS_EVENT: return fail(at, "an alias; Weir reads no anchors and aliases, write the value out");
      case YAML_SCALAR_EVENT: return on_scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return on_open(event, NodeKind::sequence, event.data.sequence_start.anchor, event.data.sequence_start.tag,
                       event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
      case YAML_MAPPING_START_EVENT:
        return on_open(event, NodeKind::mapping, event.data.mapping_start.anchor, event.data.mapping_start.tag,
                       event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: return on_close(event);
      default: return true;
    }
  }

  bool refuse_properties(Position at, const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr) return fail(at, "an anchor; Weir reads no anchors and aliases, write the value out");
    if (tag != nullptr) return fail(at, "a tag; Weir reads no tags, remove it");
    return true;
  }

  /// A value on a line of its own stands deeper than the block that it is in. libyaml does not always ask for that;
  /// `may_stand_beside`: a list's dashes may stand below the first letter of its key.
  bool check_indented(const yaml_mark_t& mark, bool may_stand_beside) {
    if (block_column() < 0 || (!frames_.empty() && frames_.back().flow)) return true;
    if (static_cast<int>(mark.column) >= block_column() + (may_stand_beside ? 0 : 1)) return true;
    return fail(position_of(mark), "this value belongs to the line above; indent it");
  }

  bool key_expected() const {
    return !frames_.empty() && frames_.back().node.kind_ == NodeKind::mapping && !frames_.back().entry;
  }
  int block_column() const { return frames_.empty() ? -1 : frames_.back().block_column; }

  bool on_open(const yaml_event_t& event, NodeKind kind, const yaml_char_t* anchor, const yaml_char_t* tag, bool flow) {
    const Position at = position_of(event.start_mark);
    if (!refuse_properties(at, anchor, tag)) return false;
    if (key_expected()) return fail(at, "a collection as a key; keys are text");
    const bool beside_its_key =
        kind == NodeKind::sequence && !flow && !frames_.empty() && frames_.back().node.kind_ == NodeKind::mapping;
    if (!check_indented(event.start_mark, beside_its_key)) return false;
    if (static_cast<int>(frames_.size()) >= kDocumentDepthMax) {
      return fail(at, "nested deeper than " + std::to_string(kDocumentDepthMax) + " levels");
    }
    if (!count_node(at)) return false;
    Frame frame;
    frame.node.kind_ = kind;
    frame.node.begin_ = at;
    frame.flow = flow;
    frame.block_column = flow ? block_column() : static_cast<int>(event.start_mark.column);
    if (flow && !(!frames_.empty() && frames_.back().flow)) {
      indented_.push_back({byte_of(event.start_mark), 0, block_column() + 1, true});
      open_flow_ = indented_.size() - 1;
    }
    frames_.push_back(std::move(frame));
    return true;
  }

  bool on_close(const yaml_event_t& event) {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    frame.node.end_ = position_of(event.end_mark);
    if (frame.flow && !(!frames_.empty() && frames_.back().flow)) indented_[open_flow_].end = byte_of(event.end_mark);
    return attach(std::move(frame.node));
  }

  bool on_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const Position at = position_of(event.start_mark);
    if (!refuse_properties(at, scalar.anchor, scalar.tag)) return false;
    if (scalar.length > kScalarBytesMax)
      return fail(at, "a text of more than " + std::to_string(kScalarBytesMax) + " bytes");
    Node node;
    node.text_.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.begin_ = at;
    node.end_ = position_of(event.end_mark);
    const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const bool block = scalar.style == YAML_LITERAL_SCALAR_STYLE || scalar.style == YAML_FOLDED_SCALAR_STYLE;
    node.quoted_ = !plain;
    if (!key_expected() && !(plain && node.text_.empty()) && !check_indented(event.start_mark, false)) return false;
    node.kind_ = plain && is_plain_null(node.text_) ? NodeKind::null : NodeKind::scalar;
    const ScalarSpan span{byte_of(event.start_mark), byte_of(event.end_mark),
                          plain   ? SpanKind::plain
                          : block ? SpanKind::block
                                  : SpanKind::quoted};
    if (block && frames_.empty()) return fail(at, "a document that is a block of text; write a mapping");
    if (span.end > span.begin) scalars_.push_back(span);
    if (span.kind == SpanKind::quoted && node.begin_.line != node.end_.line) {
      long_quote_ = {node.begin_, node.end_};
      indented_.push_back({span.begin, span.end, block_column() + 1, false});
    }
    if (plain && node.text_ == "-")
      return fail(at, "a '-' without a value; write '- value' on its own line, or put it in quotes");
    find_text(span, scalar.style == YAML_LITERAL_SCALAR_STYLE, node);
    return key_expected() ? on_key(std::move(node)) : count_node(at) && attach(std::move(node));
  }

  bool on_key(Node node) {
    Frame& mapping = frames_.back();
    if (node.kind_ == NodeKind::null) return fail(node.begin_, "an empty key; keys are text");
    if (!node.quoted_ && node.text_ == "<<")
      return fail(node.begin_, "a merge key; Weir reads no merge keys, write the keys out");
    if (!mapping.keys.insert(node.text_).second)
      return fail(node.begin_, "the key '" + node.text_ + "' is there twice");
    mapping.entry.emplace();
    mapping.entry->key = std::move(node.text_);
    mapping.entry->key_begin = node.begin_;
    return true;
  }

  bool count_node(Position at) {
    if (++nodes_ <= kDocumentNodesMax) return true;
    return fail(at, "more than " + std::to_string(kDocumentNodesMax) + " values");
  }

  bool attach(Node node) {
    if (frames_.empty()) {
      document_.root_ = std::move(node);
    } else if (Frame& parent = frames_.back(); parent.node.kind_ == NodeKind::sequence) {
      parent.node.items_.push_back(std::move(node));
    } else {
      if (node.kind_ == NodeKind::scalar && looks_secret(parent.entry->key) &&
          node.text_.find("${") == std::string::npos) {
        diagnostics_.mask(document_.file_, node.begin_, node.end_);
      }
      parent.entry->value = std::move(node);
      parent.node.entries_.push_back(*std::move(parent.entry));
      parent.entry.reset();
    }
    return true;
  }

  /// Notes where the file has the text of `node` as it is: on one line, or as the lines of a literal block.
  void find_text(const ScalarSpan& span, bool literal, Node& node) const {
    const std::string_view source = text_.substr(span.begin, span.end - span.begin);
    if (span.kind == SpanKind::block) {
      const size_t header = source.find_first_of("\r\n");
      if (!literal || header == std::string_view::npos ||
          source.substr(0, header).find_first_of("123456789") != std::string_view::npos)
        return;
      const size_t first = source.find_first_not_of(" \r\n", header);
      if (first == std::string_view::npos) return;
      node.text_line_ = node.begin_.line + 1;
      node.text_column_ = static_cast<int>(first - source.find_last_of("\r\n", first));
    } else {
      const size_t quote = span.kind == SpanKind::quoted ? 1 : 0;
      if (source.substr(quote, node.text_.size()) != node.text_ || source.size() != node.text_.size() + 2 * quote)
        return;
      if (node.text_.find_first_of("\r\n") != std::string::npos) return;
      node.text_line_ = node.begin_.line;
      node.text_column_ = node.begin_.column + static_cast<int>(quote);
    }
  }

  std::string_view text_;
  struct LongQuote {
    Position begin;
    Position end;
  };
  std::optional<LongQuote> long_quote_;  ///< the last quoted text that goes over several lines
  Diagnostics& diagnostics_;
  Document document_;
  std::vector<uint32_t> character_starts_;
  std::vector<Frame> frames_;
  std::vector<ScalarSpan> scalars_;
  std::vector<IndentedSpan> indented_;
  size_t open_flow_ = 0;
  size_t nodes_ = 0;
  int documents_ = 0;
};

std::optional<Document> parse(const std::string& file, std::string_view text, Diagnostics& diagnostics) {
  return TreeBuilder(file, text, diagnostics).build();
}

}  // namespace weir::config
