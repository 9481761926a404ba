#include "dataflow/rejects.h"

#include <string_view>

#include "columnar/column_builder.h"

namespace weir {
namespace {

TypePtr kind(TypeKind type) {
  return Type::primitive(type);
}

/// An empty text stands for none.
void append_or_null(BytesBuilder& builder, std::string_view value) {
  if (value.empty())
    builder.append_null();
  else
    builder.append(value);
}

}  // namespace

const SchemaPtr& reject_schema() {
  static const SchemaPtr kSchema = std::make_shared<const Schema>(assign_ids(
      std::vector<Field>{{.id = 0, .name = "error_class", .required = true, .type = kind(TypeKind::string)},
                         {.id = 0, .name = "rule", .required = false, .type = kind(TypeKind::string)},
                         {.id = 0, .name = "column", .required = false, .type = kind(TypeKind::string)},
                         {.id = 0, .name = "message", .required = true, .type = kind(TypeKind::string)},
                         {.id = 0, .name = "event_time", .required = false, .type = kind(TypeKind::timestamptz)}}));
  return kSchema;
}

Batch to_batch(Rejects rejects) {
  BytesBuilder error_class{kind(TypeKind::string)};
  BytesBuilder rule{kind(TypeKind::string)};
  BytesBuilder column{kind(TypeKind::string)};
  BytesBuilder message{kind(TypeKind::string)};
  FixedBuilder<int64_t> event_time{kind(TypeKind::timestamptz)};
  auto origins = std::make_shared<RowOrigins>();
  const RawBatch& raw = *rejects.raw;
  for (Reject& reject : rejects.rejects) {
    bound_message(reject.message);
    error_class.append(to_string(reject.reject_class));
    append_or_null(rule, reject.rule);
    append_or_null(column, reject.column);
    message.append(reject.message);
    if (reject.event_time_us)
      event_time.append(*reject.event_time_us);
    else
      event_time.append_null();
    origins->offset.push_back(raw.offset(reject.raw_index));
    origins->add_to_run(raw.splits()[raw.split_index(reject.raw_index)]);
    origins->raw_index.push_back(reject.raw_index);
  }
  const auto rows = static_cast<int64_t>(rejects.rejects.size());
  return Batch(reject_schema(),
               {error_class.finish(), rule.finish(), column.finish(), message.finish(), event_time.finish()}, rows,
               std::move(origins), std::move(rejects.raw));
}

}  // namespace weir
