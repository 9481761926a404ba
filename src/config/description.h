/// \file
/// How a spec struct is described, once, for the binder and for the JSON Schema.
///
/// A spec is a plain struct with a free function beside it (found by argument-dependent lookup):
///
///     void describe(Description& d, FilesSpec& s) {
///       d.structure("files", "Reads records out of files.");
///       d.field("path", s.path).required().doc("Folder or glob.").example("data/*.ndjson");
///       d.field("poll_every", s.poll_every).min(Duration(100)).doc("How often a watched folder is listed.");
///     }
///
/// A member's initial value is its default. Members may be: bool, int32_t, int64_t, double, std::string, Secret,
/// Duration, ByteSize, an enum with an `enum_names` function, Node (any YAML value, as written), another described
/// struct, and of these std::optional, std::unique_ptr (for recursion), Located, std::vector, and by name std::map or
/// NamedList.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "base/check.h"
#include "config/quantity.h"

namespace weir::config {

struct TypeShape;
template <typename T>
const TypeShape& shape_of();

/// A text that is accepted, and what it means.
struct AllowedText {
  std::string text;
  std::string doc = {};
};

/// One key of a mapping: its type, where its value goes, and what is said about it.
struct FieldDescription {
  std::string key;
  const TypeShape* shape = nullptr;
  void* member = nullptr;
  std::string doc;
  bool required = false;
  bool list_or_one = false;
  bool not_empty = false;
  std::optional<int64_t> min;  ///< numbers; milliseconds; bytes
  std::optional<int64_t> max;
  std::vector<AllowedText> allowed;
  std::string pattern;
  std::vector<std::string> usual;
  std::vector<std::string> examples;
};

/// Says more about a field just added; valid until the next field.
class FieldRef {
 public:
  explicit FieldRef(FieldDescription& field) : field_(&field) {}

  FieldRef& doc(std::string_view text);
  FieldRef& required();
  /// Bounds, inclusive. In lists and maps they hold for the elements.
  FieldRef& min(int64_t value);
  FieldRef& max(int64_t value);
  FieldRef& min(Duration value) { return min(value.count()); }
  FieldRef& max(Duration value) { return max(value.count()); }
  FieldRef& min(ByteSize value) { return min(value.bytes); }
  FieldRef& max(ByteSize value) { return max(value.bytes); }
  /// The only texts that are accepted.
  FieldRef& allowed(std::initializer_list<std::string_view> values);
  FieldRef& allowed(std::vector<AllowedText> values);
  /// For the JSON Schema alone: what editors accept as text, a regular expression, and values that they offer. That the
  /// value is right is checked by whoever takes it.
  FieldRef& pattern(std::string_view regex, std::initializer_list<std::string_view> usual = {});
  /// Text as it would stand in the file; shown in the schema.
  FieldRef& example(std::string_view text);
  /// A list may be written as its only element.
  FieldRef& list_or_one();
  /// Refuses empty text, an empty list, an empty mapping.
  FieldRef& not_empty();

 private:
  FieldDescription* field_;
};

/// What describe() functions have to know that no type tells: which kinds of steps there are, say. Refers to values of
/// different types.
class DescriptionContext {
 public:
  DescriptionContext() = default;
  template <typename First, typename... More>
  explicit DescriptionContext(const First& first, const More&... more)
      : known_{{&typeid(First), &first}, {&typeid(More), &more}...} {}

  /// The value of this type, which must be there.
  template <typename T>
  const T& get() const {
    const void* value = nullptr;
    for (const Known& known : known_) {
      if (*known.type == typeid(T)) value = known.value;
    }
    WEIR_CHECK_MSG(value != nullptr, typeid(T).name());
    return *static_cast<const T*>(value);
  }

 private:
  struct Known {
    const std::type_info* type;
    const void* value;
  };
  std::vector<Known> known_;
};

/// Collects what a describe() function says.
class Description {
 public:
  explicit Description(DescriptionContext context = {}) : context_(std::move(context)) {}

  /// What the caller of bind() or json_schema() gave.
  template <typename T>
  const T& context() const {
    return context_.get<T>();
  }

  /// Names the struct in the JSON Schema (unique among all structs of a schema) and says what it is for.
  void structure(std::string_view name, std::string_view doc);

  template <typename T>
  FieldRef field(std::string_view key, T& member) {
    return add(key, shape_of<T>(), &member);
  }

  /// A value that is no mapping is taken as the value of `key` alone: `sqlite: ./warehouse` for `sqlite: {path:
  /// ./warehouse}`.
  void shorthand(std::string_view key) { shorthand_ = key; }
  /// Of `keys`, exactly one / at most one / at least one must be there.
  void exactly_one(std::initializer_list<std::string_view> keys) {
    exactly_one(std::vector<std::string>(keys.begin(), keys.end()));
  }
  void exactly_one(std::vector<std::string> keys) { groups_.push_back({std::move(keys), true, true}); }
  void at_most_one(std::initializer_list<std::string_view> keys) {
    at_most_one(std::vector<std::string>(keys.begin(), keys.end()));
  }
  void at_most_one(std::vector<std::string> keys) { groups_.push_back({std::move(keys), false, true}); }
  void at_least_one(std::initializer_list<std::string_view> keys) {
    groups_.push_back({{keys.begin(), keys.end()}, true, false});
  }

  /// `key` says more about `main`, and means nothing without it.
  void goes_with(std::string_view key, std::string_view main) {
    companions_.push_back({std::string(key), std::string(main)});
  }

  struct Companion {
    std::string key;
    std::string main;
  };
  struct Group {
    std::vector<std::string> keys;
    bool at_least_one;
    bool at_most_one;
  };
  const std::string& name() const { return name_; }
  const std::string& doc() const { return doc_; }
  const std::string& shorthand() const { return shorthand_; }
  const std::vector<FieldDescription>& fields() const { return fields_; }
  const std::vector<Group>& groups() const { return groups_; }
  const std::vector<Companion>& companions() const { return companions_; }
  /// The field of `key`, or null.
  const FieldDescription* find(std::string_view key) const;

 private:
  FieldRef add(std::string_view key, const TypeShape& shape, void* member);

  DescriptionContext context_;
  std::string name_;
  std::string doc_;
  std::string shorthand_;
  std::vector<FieldDescription> fields_;
  std::vector<Group> groups_;
  std::vector<Companion> companions_;
};

}  // namespace weir::config
