#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "base/suggest.h"
#include "config/binding.h"
#include "config/yaml_text_internal.h"

namespace weir::config {
namespace {

constexpr size_t kNamesListedMax = 16;

std::string join(const std::vector<std::string>& names, std::string_view last_separator) {
  std::string out;
  for (size_t i = 0; i < names.size() && i < kNamesListedMax; ++i) {
    if (i > 0) out += i + 1 == names.size() ? std::string(last_separator) : ", ";
    out += "'" + names[i] + "'";
  }
  if (names.size() > kNamesListedMax) out += " and others";
  return out;
}

std::vector<std::string> keys_of(const Description& description) {
  std::vector<std::string> keys;
  for (const FieldDescription& field : description.fields()) keys.push_back(field.key);
  return keys;
}

bool is_yaml_1_1_boolean(std::string_view text) {
  for (const std::string_view word : {"yes", "no", "on", "off", "y", "n"}) {
    if (text.size() == word.size() &&
        std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; }))
      return true;
  }
  return false;
}

/// Walks a document and a described value together. One use.
class Binder {
 public:
  Binder(const Document& document, const References& references, Diagnostics& diagnostics,
         const DescriptionContext& context)
      : document_(document), references_(references), diagnostics_(diagnostics), context_(context) {}

  void bind(const Node& node, const std::string& path, const TypeShape& shape, const FieldDescription& field,
            void* value) {
    switch (shape.shape) {
      case Shape::structure: return bind_structure(node, path, shape, value);
      case Shape::list: return bind_list(node, path, shape, field, value);
      case Shape::map: return bind_map(node, path, shape, field, value);
      case Shape::optional: return bind(node, path, shape.inner(), field, shape.reach(value, {}));
      case Shape::located:
        *shape.location(value) = {document_.file(), node.begin(), path};
        return bind(node, path, shape.inner(), field, shape.reach(value, {}));
      case Shape::node: return bind_node(node, path, *static_cast<Node*>(value));
      case Shape::secret: return bind_secret(node, path, *static_cast<Secret*>(value));
      case Shape::text: return bind_text(node, path, field, *static_cast<std::string*>(value));
      case Shape::boolean: return bind_boolean(node, path, *static_cast<bool*>(value));
      case Shape::enumeration: return bind_enum(node, path, shape, value);
      default: return bind_quantity(node, path, shape.shape, field, value);
    }
  }

 private:
  /// A scalar after its references were replaced.
  struct Scalar {
    std::string text;
    bool typed = false;       ///< YAML's own type counts: plain and without a reference
    bool referenced = false;  ///< the text must not be shown
  };

  void error(const Node& node, const std::string& path, std::string message) {
    diagnostics_.error({document_.file(), node.begin(), path}, std::move(message));
  }

  /// "expected X, got Y", where Y never shows what may be a secret or came through a reference.
  void error_expected(const Node& node, const std::string& path, std::string_view expected,
                      std::string_view hint = "") {
    std::string got = describe_node(node);
    if (node.kind() == NodeKind::scalar && has_reference(node.text())) {
      got = "the value of " + describe_node(node).substr(9);
    } else if (node.kind() == NodeKind::scalar && looks_secret(path)) {
      got = "other text";
    }
    error(node, path, "expected " + std::string(expected) + ", got " + got + std::string(hint));
  }

  std::optional<Scalar> scalar_of(const Node& node, const std::string& path, std::string_view expected) {
    if (node.kind() != NodeKind::scalar) {
      if (node.kind() == NodeKind::null) {
        error(node, path, "no value; write " + std::string(expected) + ", or remove the key");
      } else {
        error_expected(node, path, expected);
      }
      return std::nullopt;
    }
    if (!has_reference(node.text())) return Scalar{node.text(), !node.quoted(), false};
    auto resolved = resolve(node.text(), references_);
    if (!resolved.ok()) {
      error(node, path, resolved.error().message());
      return std::nullopt;
    }
    return Scalar{resolved->text, false, resolved->has_reference};
  }

  void bind_structure(const Node& node, const std::string& path, const TypeShape& shape, void* value) {
    Description description(context_);
    shape.describe(description, value);
    std::set<std::string, std::less<>> present;
    if (node.kind() == NodeKind::mapping) {
      for (const Node::Entry& entry : node.entries()) bind_entry(node, entry, path, description, present);
    } else if (!description.shorthand().empty() && node.kind() != NodeKind::null) {
      const FieldDescription* field = description.find(description.shorthand());
      WEIR_CHECK_MSG(field != nullptr, description.shorthand());
      present.insert(field->key);
      bind(node, path, *field->shape, *field, field->member);
    } else {
      const std::string wanted = "a mapping with the keys " + join(keys_of(description), ", ");
      if (!holds_secret(description)) return error_expected(node, path, wanted);
      diagnostics_.mask(document_.file(), node.begin(), node.end());
      return error(node, path, "expected " + wanted);
    }
    for (const FieldDescription& field : description.fields()) {
      if (field.required && !present.contains(field.key))
        error(node, path, "the key '" + field.key + "' is missing" + explain(field));
    }
    for (const Description::Group& group : description.groups()) check_group(node, path, group, present);
    for (const auto& [key, main] : description.companions()) {
      if (!present.contains(key) || present.contains(main)) continue;
      const std::string place = path_key(path, key);
      diagnostics_.error(document_.locate(place),
                         "'" + key + "' says more about '" + main + "', which is missing here");
    }
  }

  static bool holds_secret(const Description& description) {
    return std::any_of(description.fields().begin(), description.fields().end(),
                       [](const FieldDescription& field) { return field.shape->shape == Shape::secret; });
  }

  static std::string explain(const FieldDescription& field) {
    const std::string sentence = field.doc.substr(0, std::min(field.doc.find(". "), field.doc.size()));
    return sentence.empty() ? "" : " (" + sentence.substr(0, sentence.size() - (sentence.ends_with('.') ? 1 : 0)) + ")";
  }

  void bind_entry(const Node& node, const Node::Entry& entry, const std::string& path, const Description& description,
                  std::set<std::string, std::less<>>& present) {
    const FieldDescription* field = description.find(entry.key);
    const Location key_location{document_.file(), entry.key_begin, path};
    if (field == nullptr) {
      const std::vector<std::string> keys = keys_of(description);
      std::string hint = did_you_mean(entry.key, keys);
      if (hint.empty()) hint = "; the keys here are " + join(keys, " and ");
      diagnostics_.error(key_location, "unknown key '" + entry.key.substr(0, 100) + "'" + hint);
      // Going on with the nearest key finds what else is wrong, and says nothing about a key that is there but
      // misspelt.
      field = description.find(nearest_name(entry.key, keys));
      if (field == nullptr || node.find(field->key) != nullptr || present.contains(field->key)) return;
    }
    present.insert(field->key);
    bind(entry.value, path_key(path, field->key), *field->shape, *field, field->member);
  }

  void check_group(const Node& node, const std::string& path, const Description::Group& group,
                   const std::set<std::string, std::less<>>& present) {
    std::vector<std::string> there;
    for (const std::string& key : group.keys) {
      if (present.contains(key)) there.push_back(key);
    }
    if (there.empty() && group.at_least_one) error(node, path, "one of " + join(group.keys, " or ") + " is needed");
    if (there.size() > 1 && group.at_most_one)
      error(node, path, join(there, " and ") + " exclude each other; keep one");
  }

  void bind_list(const Node& node, const std::string& path, const TypeShape& shape, const FieldDescription& field,
                 void* value) {
    if (node.kind() == NodeKind::sequence) {
      if (node.items().empty() && field.not_empty) return error(node, path, "an empty list; write at least one value");
      for (size_t i = 0; i < node.items().size(); ++i)
        bind(node.items()[i], path_index(path, i), shape.inner(), field, shape.reach(value, {}));
    } else if (field.list_or_one && node.kind() != NodeKind::null) {
      bind(node, path, shape.inner(), field, shape.reach(value, {}));
    } else {
      error_expected(node, path, "a list");
    }
  }

  void bind_map(const Node& node, const std::string& path, const TypeShape& shape, const FieldDescription& field,
                void* value) {
    if (node.kind() != NodeKind::mapping) return error_expected(node, path, "a mapping from names to values");
    if (node.entries().empty() && field.not_empty)
      return error(node, path, "an empty mapping; write at least one entry");
    for (const Node::Entry& entry : node.entries()) {
      bind(entry.value, path_key(path, entry.key), shape.inner(), field, shape.reach(value, entry.key));
    }
  }

  void bind_node(const Node& node, const std::string& path, Node& value) {
    refuse_references(node, path);
    value = node;
  }

  void refuse_references(const Node& node, const std::string& path) {
    if (node.kind() == NodeKind::scalar && has_reference(node.text()))
      error(node, path, "references (${...}) cannot be used here");
    for (const Node& item : node.items()) refuse_references(item, path);
    for (const Node::Entry& entry : node.entries()) refuse_references(entry.value, path_key(path, entry.key));
  }

  void bind_secret(const Node& node, const std::string& path, Secret& value) {
    constexpr std::string_view kWanted = "a secret by reference: ${NAME} or ${file:path}";
    diagnostics_.mask(document_.file(), node.begin(), node.end());
    if (node.kind() != NodeKind::scalar) return error(node, path, "expected " + std::string(kWanted));
    auto resolved = resolve(node.text(), references_);
    if (!resolved.ok()) {
      // The message of a malformed reference would quote it, and it may be the secret itself.
      return error(node, path,
                   resolved.error().kind() == ErrorKind::invalid_argument ? "expected " + std::string(kWanted)
                                                                          : resolved.error().message());
    }
    if (!resolved->has_reference || resolved->literal_parts)
      return error(node, path, "a secret written into the file; write " + std::string(kWanted.substr(9)));
    if (resolved->text.empty()) return error(node, path, "the secret it refers to is empty");
    if (references_.on_secret) {
      references_.on_secret(resolved->text);
      if (resolved->values.size() > 1)
        for (const std::string& one : resolved->values) references_.on_secret(one);
    }
    value = Secret(std::move(resolved->text));
  }

  void bind_text(const Node& node, const std::string& path, const FieldDescription& field, std::string& value) {
    const auto scalar = scalar_of(node, path, "text");
    if (!scalar) return;
    if (scalar->typed && (node.is_number() || node.is_boolean()))
      return error_expected(node, path, "text", "; put it in quotes if it is meant to be text");
    if (scalar->text.empty() && field.not_empty) return error(node, path, "empty text; write a value");
    std::vector<std::string> allowed;
    for (const AllowedText& one : field.allowed) allowed.push_back(one.text);
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), scalar->text) == allowed.end())
      return error_not_allowed(node, path, *scalar, allowed);
    value = scalar->text;
  }

  void error_not_allowed(const Node& node, const std::string& path, const Scalar& scalar,
                         const std::vector<std::string>& allowed) {
    error_expected(node, path, "one of " + join(allowed, " and "),
                   scalar.referenced ? "" : did_you_mean(scalar.text, allowed));
  }

  void bind_boolean(const Node& node, const std::string& path, bool& value) {
    const auto scalar = scalar_of(node, path, "true or false");
    if (!scalar) return;
    const bool plain = scalar->typed ? node.is_boolean() : scalar->referenced;
    if (plain && (scalar->text == "true" || scalar->text == "True" || scalar->text == "TRUE")) {
      value = true;
    } else if (plain && (scalar->text == "false" || scalar->text == "False" || scalar->text == "FALSE")) {
      value = false;
    } else if (scalar->typed && is_yaml_1_1_boolean(scalar->text)) {
      error_expected(node, path, "true or false", "; YAML 1.2 reads that as text, write true or false");
    } else {
      error_expected(node, path, "true or false", scalar->typed || scalar->referenced ? "" : "; remove the quotes");
    }
  }

  void bind_enum(const Node& node, const std::string& path, const TypeShape& shape, void* value) {
    const auto scalar = scalar_of(node, path, "one of the names below");
    if (!scalar) return;
    std::vector<std::string> names;
    for (const EnumName& name : shape.names()) {
      if (name.text == scalar->text) return shape.set_enum(value, name.value);
      names.emplace_back(name.text);
    }
    error_not_allowed(node, path, *scalar, names);
  }

  void bind_quantity(const Node& node, const std::string& path, Shape shape, const FieldDescription& field,
                     void* value) {
    switch (shape) {
      case Shape::int32:
        return bind_integer(node, path, field, INT32_MIN, INT32_MAX,
                            [&](int64_t v) { *static_cast<int32_t*>(value) = static_cast<int32_t>(v); });
      case Shape::int64:
        return bind_integer(node, path, field, INT64_MIN, INT64_MAX,
                            [&](int64_t v) { *static_cast<int64_t*>(value) = v; });
      case Shape::float64: return bind_float(node, path, field, *static_cast<double*>(value));
      case Shape::duration: return bind_duration(node, path, field, *static_cast<Duration*>(value));
      case Shape::byte_size: return bind_byte_size(node, path, field, *static_cast<ByteSize*>(value));
      default: WEIR_CHECK(false);
    }
  }

  template <typename Set>
  void bind_integer(const Node& node, const std::string& path, const FieldDescription& field, int64_t lowest,
                    int64_t highest, Set set) {
    constexpr std::string_view kWanted = "a whole number";
    const auto scalar = scalar_of(node, path, kWanted);
    if (!scalar) return;
    if (!scalar->typed && !scalar->referenced) return error_expected(node, path, kWanted, "; remove the quotes");
    std::string_view digits = scalar->text;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    int64_t number = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool all = !digits.empty() && end == digits.data() + digits.size() &&
                     !(scalar->text.starts_with('+') && digits.starts_with('-'));
    const std::string_view magnitude = digits.starts_with('-') ? digits.substr(1) : digits;
    if (!all) return error_expected(node, path, kWanted, "; write it in decimal digits only");
    if (magnitude.size() > 1 && magnitude[0] == '0')
      return error_expected(node, path, kWanted, "; YAML versions read a leading 0 differently, remove it");
    if (failure != std::errc() || number < lowest || number > highest) {
      return error_expected(node, path, kWanted,
                            "; it does not fit into " + std::string(lowest == INT32_MIN ? "32" : "64") + " bits");
    }
    if (in_range(node, path, field, number, [](int64_t v) { return std::to_string(v); })) set(number);
  }

  void bind_float(const Node& node, const std::string& path, const FieldDescription& field, double& value) {
    const auto scalar = scalar_of(node, path, "a number");
    if (!scalar) return;
    if (!scalar->typed && !scalar->referenced) return error_expected(node, path, "a number", "; remove the quotes");
    double number = 0;
    const char* const last = scalar->text.data() + scalar->text.size();
    const auto [end, failure] = std::from_chars(scalar->text.data(), last, number);
    if (failure != std::errc() || end != last || !std::isfinite(number)) return error_expected(node, path, "a number");
    const bool low = field.min && number < static_cast<double>(*field.min);
    if (low || (field.max && number > static_cast<double>(*field.max))) {
      return error_expected(
          node, path, std::string(low ? "at least " : "at most ") + std::to_string(low ? *field.min : *field.max));
    }
    value = number;
  }

  void bind_duration(const Node& node, const std::string& path, const FieldDescription& field, Duration& value) {
    constexpr std::string_view kWanted = "a duration such as 250ms, 10s, 5m, 24h or 7d";
    const auto scalar = scalar_of(node, path, kWanted);
    if (!scalar) return;
    const auto duration = parse_duration(scalar->text);
    if (!duration.ok()) return error_expected(node, path, kWanted, node.is_number() ? "; write its unit" : "");
    if (in_range(node, path, field, duration->count(), [](int64_t v) { return format_duration(Duration(v)); }))
      value = *duration;
  }

  void bind_byte_size(const Node& node, const std::string& path, const FieldDescription& field, ByteSize& value) {
    constexpr std::string_view kWanted = "a size such as 512KB, 256MB, 64MiB or 1GiB";
    const auto scalar = scalar_of(node, path, kWanted);
    if (!scalar) return;
    const auto size = parse_byte_size(scalar->text);
    if (!size.ok())
      return error_expected(node, path, kWanted, node.is_number() ? "; write its unit (B for bytes)" : "");
    if (in_range(node, path, field, size->bytes, [](int64_t v) { return format_byte_size({v}); })) value = *size;
  }

  template <typename Format>
  bool in_range(const Node& node, const std::string& path, const FieldDescription& field, int64_t number,
                Format format) {
    if (field.min && number < *field.min) {
      error_expected(node, path, "at least " + format(*field.min));
      return false;
    }
    if (field.max && number > *field.max) {
      error_expected(node, path, "at most " + format(*field.max));
      return false;
    }
    return true;
  }

  const Document& document_;
  const References& references_;
  Diagnostics& diagnostics_;
  const DescriptionContext& context_;
};

}  // namespace

void bind_as(const Document& document, const References& references, const TypeShape& shape, void* value,
             Diagnostics& diagnostics, const DescriptionContext& context) {
  Binder(document, references, diagnostics, context).bind(document.root(), "", shape, FieldDescription{}, value);
}

}  // namespace weir::config
