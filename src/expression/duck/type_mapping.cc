#include <set>
#include <vector>

#include "expression/duck/type_mapping_internal.h"
#include "expression/sql/function_catalog_internal.h"

namespace weir::expression {
namespace {

duckdb_type primitive_id(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean: return DUCKDB_TYPE_BOOLEAN;
    case TypeKind::int32: return DUCKDB_TYPE_INTEGER;
    case TypeKind::int64: return DUCKDB_TYPE_BIGINT;
    case TypeKind::float32: return DUCKDB_TYPE_FLOAT;
    case TypeKind::float64: return DUCKDB_TYPE_DOUBLE;
    case TypeKind::date: return DUCKDB_TYPE_DATE;
    case TypeKind::time: return DUCKDB_TYPE_TIME;
    case TypeKind::timestamp: return DUCKDB_TYPE_TIMESTAMP;
    case TypeKind::timestamptz: return DUCKDB_TYPE_TIMESTAMP_TZ;
    case TypeKind::string: return DUCKDB_TYPE_VARCHAR;
    case TypeKind::uuid: return DUCKDB_TYPE_UUID;
    default: return DUCKDB_TYPE_BLOB;
  }
}

Error no_place(duckdb_logical_type type, std::string_view advice) {
  return Error(ErrorKind::unsupported,
               "a column cannot be of DuckDB's type " + duck_type_name(type) + "; " + std::string(advice));
}

MappedType exact(TypeKind kind) {
  return {Type::primitive(kind), false};
}
MappedType widened(TypePtr type) {
  return {std::move(type), true};
}

Result<MappedType> from_duck_struct(duckdb_logical_type type) {
  MappedType mapped;
  std::vector<Field> fields;
  const idx_t count = duckdb_struct_type_child_count(type);
  for (idx_t i = 0; i < count; ++i) {
    char* name = duckdb_struct_type_child_name(type, i);
    const std::string field_name = name;
    duckdb_free(name);
    if (field_name.empty()) return no_place(type, "name its fields: {'a': x, 'b': y}");
    const LogicalTypeHandle child(duckdb_struct_type_child_type(type, i));
    WEIR_ASSIGN(MappedType inside, from_duck(child.get()));
    mapped.needs_cast |= inside.needs_cast;
    fields.push_back(Field{.name = field_name, .type = std::move(inside.type)});
  }
  mapped.type = Type::structure(std::move(fields));
  return mapped;
}

Result<MappedType> from_duck_list(duckdb_logical_type child, bool is_array) {
  const LogicalTypeHandle owned(child);
  WEIR_ASSIGN(MappedType inside, from_duck(child));
  return MappedType{Type::list(Field{.name = "element", .type = inside.type}), inside.needs_cast || is_array};
}

Result<MappedType> from_duck_map(duckdb_logical_type type) {
  const LogicalTypeHandle key_type(duckdb_map_type_key_type(type));
  const LogicalTypeHandle value_type(duckdb_map_type_value_type(type));
  WEIR_ASSIGN(MappedType key, from_duck(key_type.get()));
  WEIR_ASSIGN(MappedType value, from_duck(value_type.get()));
  return MappedType{
      Type::map(Field{.name = "key", .required = true, .type = key.type}, Field{.name = "value", .type = value.type}),
      key.needs_cast || value.needs_cast};
}

std::string_view simple_name(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_INTERVAL: return "INTERVAL";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_VARCHAR: return "VARCHAR";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_TIMESTAMP_S: return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS: return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS: return "TIMESTAMP_NS";
    case DUCKDB_TYPE_ENUM: return "ENUM";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_UNION: return "UNION";
    case DUCKDB_TYPE_BIT: return "BIT";
    case DUCKDB_TYPE_TIME_TZ: return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIME_NS: return "TIME_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_BIGNUM: return "BIGNUM";
    case DUCKDB_TYPE_SQLNULL: return "NULL";
    case DUCKDB_TYPE_GEOMETRY: return "GEOMETRY";
    case DUCKDB_TYPE_VARIANT: return "VARIANT";
    default: return "UNKNOWN";
  }
}

}  // namespace

LogicalTypeHandle to_duck(const Type& type) {
  switch (type.kind()) {
    case TypeKind::decimal:
      return LogicalTypeHandle(
          duckdb_create_decimal_type(static_cast<uint8_t>(type.precision()), static_cast<uint8_t>(type.scale())));
    case TypeKind::structure: {
      std::vector<LogicalTypeHandle> children;
      std::vector<duckdb_logical_type> types;
      std::vector<const char*> names;
      std::set<std::string> distinct;
      for (const Field& field : type.fields()) {
        children.push_back(to_duck(*field.type));
        if (!children.back() || field.name.empty() || !distinct.insert(to_lower(field.name)).second) return {};
        types.push_back(children.back().get());
        names.push_back(field.name.c_str());
      }
      if (types.empty()) return {};
      return LogicalTypeHandle(duckdb_create_struct_type(types.data(), names.data(), types.size()));
    }
    case TypeKind::list: {
      const LogicalTypeHandle element = to_duck(*type.element().type);
      if (!element) return {};
      return LogicalTypeHandle(duckdb_create_list_type(element.get()));
    }
    case TypeKind::map: {
      const LogicalTypeHandle key = to_duck(*type.key().type);
      const LogicalTypeHandle value = to_duck(*type.value().type);
      if (!key || !value) return {};
      return LogicalTypeHandle(duckdb_create_map_type(key.get(), value.get()));
    }
    default: return LogicalTypeHandle(duckdb_create_logical_type(primitive_id(type.kind())));
  }
}

std::string to_duck_sql(const Type& type) {
  switch (type.kind()) {
    case TypeKind::decimal:
      return "DECIMAL(" + std::to_string(type.precision()) + "," + std::to_string(type.scale()) + ")";
    case TypeKind::structure: {
      std::string sql = "STRUCT(";
      for (const Field& field : type.fields()) {
        if (sql.back() != '(') sql += ", ";
        sql += quote_identifier(field.name) + " " + to_duck_sql(*field.type);
      }
      return sql + ")";
    }
    case TypeKind::list: return to_duck_sql(*type.element().type) + "[]";
    case TypeKind::map: return "MAP(" + to_duck_sql(*type.key().type) + ", " + to_duck_sql(*type.value().type) + ")";
    default: return std::string(simple_name(primitive_id(type.kind())));
  }
}

Result<MappedType> from_duck(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: return exact(TypeKind::boolean);
    case DUCKDB_TYPE_INTEGER: return exact(TypeKind::int32);
    case DUCKDB_TYPE_BIGINT: return exact(TypeKind::int64);
    case DUCKDB_TYPE_FLOAT: return exact(TypeKind::float32);
    case DUCKDB_TYPE_DOUBLE: return exact(TypeKind::float64);
    case DUCKDB_TYPE_DATE: return exact(TypeKind::date);
    case DUCKDB_TYPE_TIME: return exact(TypeKind::time);
    case DUCKDB_TYPE_TIMESTAMP: return exact(TypeKind::timestamp);
    case DUCKDB_TYPE_TIMESTAMP_TZ: return exact(TypeKind::timestamptz);
    case DUCKDB_TYPE_VARCHAR: return exact(TypeKind::string);
    case DUCKDB_TYPE_BLOB: return exact(TypeKind::binary);
    case DUCKDB_TYPE_UUID: return exact(TypeKind::uuid);
    case DUCKDB_TYPE_DECIMAL:
      return MappedType{Type::decimal(duckdb_decimal_width(type), duckdb_decimal_scale(type)), false};
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT: return widened(Type::primitive(TypeKind::int32));
    case DUCKDB_TYPE_UINTEGER: return widened(Type::primitive(TypeKind::int64));
    case DUCKDB_TYPE_UBIGINT: return widened(Type::decimal(20, 0));
    case DUCKDB_TYPE_HUGEINT: return widened(Type::decimal(38, 0));
    case DUCKDB_TYPE_ENUM: return widened(Type::primitive(TypeKind::string));
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS: return widened(Type::primitive(TypeKind::timestamp));
    case DUCKDB_TYPE_STRUCT: return from_duck_struct(type);
    case DUCKDB_TYPE_LIST: return from_duck_list(duckdb_list_type_child_type(type), false);
    case DUCKDB_TYPE_ARRAY: return from_duck_list(duckdb_array_type_child_type(type), true);
    case DUCKDB_TYPE_MAP: return from_duck_map(type);
    case DUCKDB_TYPE_SQLNULL: return no_place(type, "give the null a type: cast(null as VARCHAR)");
    case DUCKDB_TYPE_TIMESTAMP_NS: return no_place(type, "cast it: cast(... as TIMESTAMP)");
    case DUCKDB_TYPE_TIME_TZ:
    case DUCKDB_TYPE_TIME_NS: return no_place(type, "cast it: cast(... as TIME)");
    case DUCKDB_TYPE_UHUGEINT: return no_place(type, "cast it: cast(... as DECIMAL(38,0))");
    case DUCKDB_TYPE_INTERVAL:
      return no_place(type, "turn it into a number, as epoch(...) does, or cast it: cast(... as VARCHAR)");
    default: return no_place(type, "cast it, for example: cast(... as VARCHAR)");
  }
}

std::string duck_type_name(duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  switch (id) {
    case DUCKDB_TYPE_DECIMAL:
      return "DECIMAL(" + std::to_string(duckdb_decimal_width(type)) + "," +
             std::to_string(duckdb_decimal_scale(type)) + ")";
    case DUCKDB_TYPE_LIST: {
      const LogicalTypeHandle child(duckdb_list_type_child_type(type));
      return duck_type_name(child.get()) + "[]";
    }
    case DUCKDB_TYPE_ARRAY: {
      const LogicalTypeHandle child(duckdb_array_type_child_type(type));
      return duck_type_name(child.get()) + "[" + std::to_string(duckdb_array_type_array_size(type)) + "]";
    }
    case DUCKDB_TYPE_MAP: {
      const LogicalTypeHandle key(duckdb_map_type_key_type(type));
      const LogicalTypeHandle value(duckdb_map_type_value_type(type));
      return "MAP(" + duck_type_name(key.get()) + ", " + duck_type_name(value.get()) + ")";
    }
    case DUCKDB_TYPE_STRUCT: {
      std::string text = "STRUCT(";
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        char* name = duckdb_struct_type_child_name(type, i);
        const LogicalTypeHandle child(duckdb_struct_type_child_type(type, i));
        if (i != 0) text += ", ";
        text += std::string(name) + " " + duck_type_name(child.get());
        duckdb_free(name);
      }
      return text + ")";
    }
    default: return std::string(simple_name(id));
  }
}

}  // namespace weir::expression
