/// \file
/// What the binder and the schema writer know of a C++ type: its shape as data, and how to reach into a value of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/description.h"
#include "config/document.h"
#include "config/secret.h"

namespace weir::config {

/// A value and where it stands in the file. Reads as the value.
template <typename T>
struct Located {
  T value{};
  Location location;

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

/// A mapping from names to T in the order of the file.
template <typename T>
using NamedList = std::vector<std::pair<std::string, T>>;

/// One text of an enum. `std::span<const EnumName> enum_names(E)`, in E's namespace, returns all of them; the argument
/// is only a tag.
struct EnumName {
  std::string_view text;
  int64_t value;
  std::string_view doc = {};
};

enum class Shape : uint8_t {
  boolean,
  int32,
  int64,
  float64,
  text,
  secret,
  duration,
  byte_size,
  enumeration,
  node,
  list,
  map,
  optional,
  located,
  structure
};

struct TypeShape {
  Shape shape;
  /// list, map, optional, located: the type inside.
  const TypeShape& (*inner)() = nullptr;
  /// list: appends an element; map: adds one under `key`; optional: makes the value; located: nothing. Returns the
  /// place of the inner value.
  void* (*reach)(void* value, const std::string& key) = nullptr;
  /// located: where the location goes.
  Location* (*location)(void* value) = nullptr;
  /// enumeration.
  std::span<const EnumName> (*names)() = nullptr;
  void (*set_enum)(void* value, int64_t to) = nullptr;
  int64_t (*get_enum)(const void* value) = nullptr;
  /// structure: describes a value, and makes a fresh one to read the defaults from.
  void (*describe)(Description& description, void* value) = nullptr;
  std::shared_ptr<void> (*make)() = nullptr;
};

namespace detail {

template <typename T>
struct Inside {
  using type = void;
};
template <typename T>
struct Inside<std::vector<T>> {
  using type = T;
  static constexpr Shape kShape = Shape::list;
  static void* reach(void* value, const std::string&) { return &static_cast<std::vector<T>*>(value)->emplace_back(); }
};
template <typename T>
struct Inside<NamedList<T>> {
  using type = T;
  static constexpr Shape kShape = Shape::map;
  static void* reach(void* value, const std::string& key) {
    return &static_cast<NamedList<T>*>(value)->emplace_back(key, T{}).second;
  }
};
template <typename T>
struct Inside<std::map<std::string, T>> {
  using type = T;
  static constexpr Shape kShape = Shape::map;
  static void* reach(void* value, const std::string& key) {
    return &(*static_cast<std::map<std::string, T>*>(value))[key];
  }
};
template <typename T>
struct Inside<std::optional<T>> {
  using type = T;
  static constexpr Shape kShape = Shape::optional;
  static void* reach(void* value, const std::string&) { return &static_cast<std::optional<T>*>(value)->emplace(); }
};
template <typename T>
struct Inside<std::unique_ptr<T>> {
  using type = T;
  static constexpr Shape kShape = Shape::optional;
  static void* reach(void* value, const std::string&) {
    auto& pointer = *static_cast<std::unique_ptr<T>*>(value);
    pointer = std::make_unique<T>();
    return pointer.get();
  }
};
template <typename T>
struct Inside<Located<T>> {
  using type = T;
  static constexpr Shape kShape = Shape::located;
  static void* reach(void* value, const std::string&) { return &static_cast<Located<T>*>(value)->value; }
};

template <typename T>
constexpr std::optional<Shape> simple_shape() {
  if constexpr (std::is_same_v<T, bool>) return Shape::boolean;
  if constexpr (std::is_same_v<T, int32_t>) return Shape::int32;
  if constexpr (std::is_same_v<T, int64_t>) return Shape::int64;
  if constexpr (std::is_same_v<T, double>) return Shape::float64;
  if constexpr (std::is_same_v<T, std::string>) return Shape::text;
  if constexpr (std::is_same_v<T, Secret>) return Shape::secret;
  if constexpr (std::is_same_v<T, Duration>) return Shape::duration;
  if constexpr (std::is_same_v<T, ByteSize>) return Shape::byte_size;
  if constexpr (std::is_same_v<T, Node>) return Shape::node;
  return std::nullopt;
}

template <typename T>
constexpr TypeShape make_shape() {
  if constexpr (simple_shape<T>().has_value()) {
    return {.shape = *simple_shape<T>()};
  } else if constexpr (std::is_enum_v<T>) {
    return {.shape = Shape::enumeration,
            .names = [] { return std::span<const EnumName>(enum_names(T{})); },
            .set_enum = [](void* value, int64_t to) { *static_cast<T*>(value) = static_cast<T>(to); },
            .get_enum = [](const void* value) { return static_cast<int64_t>(*static_cast<const T*>(value)); }};
  } else if constexpr (!std::is_void_v<typename Inside<T>::type>) {
    TypeShape shape{
        .shape = Inside<T>::kShape, .inner = &shape_of<typename Inside<T>::type>, .reach = &Inside<T>::reach};
    if constexpr (Inside<T>::kShape == Shape::located)
      shape.location = [](void* value) { return &static_cast<T*>(value)->location; };
    return shape;
  } else {
    return {.shape = Shape::structure,
            .describe = [](Description& description, void* value) { describe(description, *static_cast<T*>(value)); },
            .make = []() -> std::shared_ptr<void> { return std::make_shared<T>(); }};
  }
}

}  // namespace detail

/// The shape of T, made at compile time.
template <typename T>
const TypeShape& shape_of() {
  static constexpr TypeShape kShape = detail::make_shape<T>();
  return kShape;
}

}  // namespace weir::config
