#include <algorithm>

#include "iceberg/manifest/partition_tuple_internal.h"
#include "iceberg/partition/transform_internal.h"

namespace weir::iceberg {
namespace {

TypePtr type_of_integer(const avro::Schema& schema) {
  if (schema.logical_type == "date") return Type::primitive(TypeKind::date);
  if (schema.logical_type == "time-micros") return Type::primitive(TypeKind::time);
  if (schema.logical_type == "timestamp-micros") {
    return Type::primitive(schema.adjust_to_utc.value_or(false) ? TypeKind::timestamptz : TypeKind::timestamp);
  }
  return Type::primitive(schema.kind == avro::Kind::int32 ? TypeKind::int32 : TypeKind::int64);
}

/// The Iceberg type that a writer must have meant; null for what no partition value can be.
TypePtr type_of(const avro::Schema& schema) {
  switch (schema.kind) {
    case avro::Kind::boolean: return Type::primitive(TypeKind::boolean);
    case avro::Kind::int32:
    case avro::Kind::int64: return type_of_integer(schema);
    case avro::Kind::float32: return Type::primitive(TypeKind::float32);
    case avro::Kind::float64: return Type::primitive(TypeKind::float64);
    case avro::Kind::string: return Type::primitive(schema.logical_type == "uuid" ? TypeKind::uuid : TypeKind::string);
    case avro::Kind::bytes:
    case avro::Kind::fixed:
      if (schema.logical_type == "decimal") {
        const bool valid = schema.precision >= 1 && schema.precision <= kDecimalPrecisionMax && schema.scale >= 0 &&
                           schema.scale <= schema.precision;
        return valid ? Type::decimal(schema.precision, schema.scale) : nullptr;
      }
      if (schema.kind == avro::Kind::bytes) return Type::primitive(TypeKind::binary);
      if (schema.logical_type == "uuid" && schema.size_bytes == 16) return Type::primitive(TypeKind::uuid);
      return schema.size_bytes >= 1 ? Type::fixed(schema.size_bytes) : nullptr;
    default: return nullptr;
  }
}

/// Widens an integer as written to the type that is wanted; fails `in` when it does not fit.
Value integer_value(avro::Decoder& in, TypeKind kind, bool written_as_date) {
  const int64_t wide = in.int64();
  switch (kind) {
    case TypeKind::int32:
    case TypeKind::date:
      if (wide < INT32_MIN || wide > INT32_MAX) in.fail();
      return Value(static_cast<int32_t>(wide));
    case TypeKind::timestamp:
    case TypeKind::timestamptz: {
      int64_t micros = wide;
      if (written_as_date && __builtin_mul_overflow(wide, kMicrosPerDay, &micros)) in.fail();
      return Value(micros);
    }
    case TypeKind::int64:
    case TypeKind::time: return Value(wide);
    default: in.fail(); return {};
  }
}

Value bytes_value(avro::Decoder& in, const Type& type, std::string_view bytes) {
  if (type.kind() == TypeKind::decimal || type.kind() == TypeKind::uuid || type.kind() == TypeKind::fixed ||
      type.kind() == TypeKind::binary || type.kind() == TypeKind::string) {
    Result<Value> value = value_from_bytes(type, bytes);
    if (value.ok() && value_fits(type, *value)) return *std::move(value);
  }
  in.fail();
  return {};
}

Value read_value(avro::Decoder& in, const avro::Schema& written, const Type& type) {
  switch (written.kind) {
    case avro::Kind::boolean: {
      const bool value = in.boolean();
      if (type.kind() == TypeKind::boolean) return Value(value);
      break;
    }
    case avro::Kind::int32:
    case avro::Kind::int64: return integer_value(in, type.kind(), written.logical_type == "date");
    case avro::Kind::float32: {
      const float value = in.float32();
      if (type.kind() == TypeKind::float32) return Value(value);
      if (type.kind() == TypeKind::float64) return Value(static_cast<double>(value));
      break;
    }
    case avro::Kind::float64: {
      const double value = in.float64();
      if (type.kind() == TypeKind::float64) return Value(value);
      break;
    }
    case avro::Kind::string:
    case avro::Kind::bytes: return bytes_value(in, type, in.bytes());
    case avro::Kind::fixed: return bytes_value(in, type, in.fixed(written.size_bytes));
    default: break;
  }
  in.fail();
  return {};
}

}  // namespace

Result<PartitionTupleReader> PartitionTupleReader::make(const avro::Schema& record, const std::vector<Field>* wanted) {
  if (record.kind != avro::Kind::record) return Error(ErrorKind::corrupt, "manifest: 'partition' is not a record");
  PartitionTupleReader reader;
  for (const FieldPlan& plan : plan_record(record)) {
    Step& step = reader.steps_.emplace_back(Step{plan, nullptr, 0});
    if (wanted == nullptr) {
      step.type = type_of(*plan.value);
      step.place = reader.size_++;
      if (step.type == nullptr)
        return Error(ErrorKind::unsupported, "manifest: a partition field of a type that is not supported");
      continue;
    }
    const auto found =
        std::find_if(wanted->begin(), wanted->end(), [&](const Field& field) { return field.id == plan.id; });
    if (found == wanted->end()) continue;
    step.type = found->type;
    step.place = static_cast<size_t>(found - wanted->begin());
  }
  if (wanted != nullptr) reader.size_ = wanted->size();
  return reader;
}

void PartitionTupleReader::read(avro::Decoder& in, std::vector<Value>& tuple) const {
  tuple.resize(size_);
  for (const Step& step : steps_) {
    if (step.type == nullptr) {
      in.skip(*step.plan.whole);
    } else if (has_value(in, step.plan)) {
      tuple[step.place] = read_value(in, *step.plan.value, *step.type);
    }
  }
}

}  // namespace weir::iceberg
