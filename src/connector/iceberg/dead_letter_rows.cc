#include <limits>
#include <optional>

#include "columnar/column_builder.h"
#include "connector/iceberg/dead_letter_rows_internal.h"
#include "connector/iceberg/iceberg_sink.h"

namespace weir::connector {
namespace {

using Bytes = BytesBuilder;
using Longs = FixedBuilder<int64_t>;

Field text(const char* name, bool required, const char* doc) {
  return {.id = 0, .name = name, .required = required, .type = Type::primitive(TypeKind::string), .doc = doc};
}
Field typed(const char* name, bool required, TypeKind kind, const char* doc) {
  return {.id = 0, .name = name, .required = required, .type = Type::primitive(kind), .doc = doc};
}

/// An empty text stands for none.
void append_or_null(Bytes& builder, std::string_view value) {
  if (value.empty())
    builder.append_null();
  else
    builder.append(value);
}

void append_or_null(Longs& builder, std::optional<int64_t> value) {
  if (value)
    builder.append(*value);
  else
    builder.append_null();
}

/// The source's time of an event in microseconds; nothing when it has none, or one that no timestamp can hold.
std::optional<int64_t> ingested_us(int64_t timestamp_ms) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1000;
  if (timestamp_ms == kNoTimestamp || timestamp_ms > kMost || timestamp_ms < -kMost) return std::nullopt;
  return timestamp_ms * 1000;
}

/// The builders of all columns, in the schema's order.
struct DeadLetterBuilder {
  static TypePtr kind(TypeKind type) { return Type::primitive(type); }

  Bytes pipeline{kind(TypeKind::string)};
  Bytes source{kind(TypeKind::string)};
  Bytes topic{kind(TypeKind::string)};
  FixedBuilder<int32_t> partition{kind(TypeKind::int32)};
  Longs offset{kind(TypeKind::int64)};
  Bytes error_class{kind(TypeKind::string)};
  Bytes rule{kind(TypeKind::string)};
  Bytes column{kind(TypeKind::string)};
  Bytes message{kind(TypeKind::string)};
  Bytes contract{kind(TypeKind::string)};
  Longs event_time{kind(TypeKind::timestamptz)};
  Longs ingested_at{kind(TypeKind::timestamptz)};
  Bytes raw{kind(TypeKind::binary)};
  BooleanBuilder raw_truncated{kind(TypeKind::boolean)};

  void add(const Reject& reject, const RawBatch& events, const DeadLetterOrigin& origin, const PartitionNames& names) {
    const size_t i = reject.raw_index;
    const PartitionName& name = names.name(events.partition(i));
    pipeline.append(origin.pipeline);
    source.append(origin.source);
    topic.append(name.topic);
    partition.append(name.partition);
    offset.append(events.offset(i));
    error_class.append(to_string(reject.reject_class));
    append_or_null(rule, reject.rule);
    append_or_null(column, reject.column);
    message.append(reject.message);
    append_or_null(contract, origin.contract);
    append_or_null(event_time, reject.event_time_us);
    append_or_null(ingested_at, ingested_us(events.timestamp_ms(i)));
    if (events.is_null(i))
      raw.append_null();
    else
      raw.append(events.bytes(i));
    raw_truncated.append(events.is_truncated(i));
  }

  std::vector<ColumnPtr> finish() {
    return {pipeline.finish(),    source.finish(),      topic.finish(),  partition.finish(),    offset.finish(),
            error_class.finish(), rule.finish(),        column.finish(), message.finish(),      contract.finish(),
            event_time.finish(),  ingested_at.finish(), raw.finish(),    raw_truncated.finish()};
  }
};

}  // namespace

SchemaPtr dead_letter_schema() {
  static const SchemaPtr kSchema = [] {
    const std::vector<Field> fields = {
        text("pipeline", true, "pipeline that rejected the event"),
        text("source", true, "name of the source in the pipeline file"),
        text("topic", true, "Kafka topic, or path of the file below the source's folder"),
        typed("partition", true, TypeKind::int32, "Kafka partition; 0 for files"),
        typed("offset", true, TypeKind::int64, "Kafka offset, or number of the record in its file, from 0"),
        text("error_class", true, "stable code of the reason"),
        text("rule", false, "rule of the contract that was broken"),
        text("column", false, "path of the column at fault"),
        text("message", true, "the reason in words"),
        text("contract", false, "name and version of the contract"),
        typed("event_time", false, TypeKind::timestamptz, "time of the event, when it could be read"),
        typed("ingested_at", false, TypeKind::timestamptz,
              "time as given by the source: Kafka message timestamp, modification time of the file"),
        typed("raw", false, TypeKind::binary, "the event as it came; null for a message without a value"),
        typed("raw_truncated", true, TypeKind::boolean,
              "true when raw is only the beginning of an event above the size limit"),
    };
    return std::make_shared<const Schema>(assign_ids(fields));
  }();
  return kSchema;
}

Batch dead_letter_rows(const Rejects& rejects, const DeadLetterOrigin& origin, const PartitionNames& partitions) {
  DeadLetterBuilder builder;
  for (const Reject& reject : rejects.rejects) builder.add(reject, *rejects.raw, origin, partitions);
  return Batch(dead_letter_schema(), builder.finish(), static_cast<int64_t>(rejects.rejects.size()), nullptr);
}

}  // namespace weir::connector
