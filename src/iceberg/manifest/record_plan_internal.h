/// \file
/// Decoding with the writer's schema: what each field of a record is to the reader, decided once per file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "avro/decoder.h"
#include "avro/schema.h"

namespace weir::iceberg {

/// A field of a record as it was written: its id, its schema without the null branch, and where that branch is.
struct FieldPlan {
  int32_t id = avro::kNoId;
  const avro::Schema* whole = nullptr;  ///< for skipping
  const avro::Schema* value = nullptr;  ///< the non-null part
  bool optional = false;
  bool null_first = true;
};

inline std::vector<FieldPlan> plan_record(const avro::Schema& record) {
  std::vector<FieldPlan> plan;
  plan.reserve(record.fields.size());
  for (const avro::RecordField& field : record.fields) {
    FieldPlan& step = plan.emplace_back();
    step.id = field.field_id;
    step.whole = field.schema.get();
    step.value = step.whole;
    if (const avro::Schema* inner = avro::optional_branch(*step.whole)) {
      step.value = inner;
      step.optional = true;
      step.null_first = step.whole->children[0]->kind == avro::Kind::null;
    }
  }
  return plan;
}

/// Reads the union branch of an optional field; true when a value follows.
inline bool has_value(avro::Decoder& in, const FieldPlan& step) {
  if (!step.optional) return true;
  return (in.branch(2) == 0) != step.null_first;
}

/// True for the kinds that Decoder::int64 may read in place of each other.
inline bool is_integer(const avro::Schema& schema) {
  return schema.kind == avro::Kind::int32 || schema.kind == avro::Kind::int64;
}
inline bool is_text(const avro::Schema& schema) {
  return schema.kind == avro::Kind::string || schema.kind == avro::Kind::bytes;
}

}  // namespace weir::iceberg
