#include <optional>

#include "base/civil_time.h"
#include "columnar/column_builder.h"
#include "operator/operators.h"

namespace weir::operators {
namespace {

using Bytes = BytesBuilder;
using Longs = FixedBuilder<int64_t>;

Field text(const char* name, bool required, const char* doc) {
  return {.id = 0, .name = name, .required = required, .type = Type::primitive(TypeKind::string), .doc = doc};
}
Field typed(const char* name, bool required, TypeKind kind, const char* doc) {
  return {.id = 0, .name = name, .required = required, .type = Type::primitive(kind), .doc = doc};
}

void append_or_null(Bytes& builder, const Column& column, int64_t row) {
  if (column.is_null(row))
    builder.append_null();
  else
    builder.append(column.bytes_at(row));
}

void append_or_null(Longs& builder, std::optional<int64_t> value) {
  if (value)
    builder.append(*value);
  else
    builder.append_null();
}

/// The source's time of an event in microseconds; nothing when it has none, or one that readers cannot hold.
std::optional<int64_t> ingested_us(int64_t timestamp_ms) {
  if (!is_storable_ms(timestamp_ms)) return std::nullopt;  // kNoTimestamp, too
  return timestamp_ms * kMicrosPerMilli;
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

  /// Adds physical row `row` of a batch of rejects.
  void add(const Batch& rejects, int64_t row) {
    const RowOrigins& origins = *rejects.origins();
    const Split& split = origins.split(row);
    topic.append(split.topic);
    partition.append(split.partition);
    offset.append(origins.offset[static_cast<size_t>(row)]);
    error_class.append(rejects.column(RejectColumn::kErrorClass).bytes_at(row));
    append_or_null(rule, rejects.column(RejectColumn::kRule), row);
    append_or_null(column, rejects.column(RejectColumn::kColumn), row);
    message.append(rejects.column(RejectColumn::kMessage).bytes_at(row));
    const Column& times = rejects.column(RejectColumn::kEventTime);
    append_or_null(event_time, times.is_null(row)
                                   ? std::nullopt
                                   : std::optional(times.values_as<int64_t>()[static_cast<size_t>(row)]));
    add_raw(*rejects.raw(), origins.raw_index[static_cast<size_t>(row)]);
  }

  void add_raw(const RawBatch& events, size_t i) {
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

namespace {

class DeadLetter final : public Operator {
 public:
  DeadLetter(std::string pipeline, std::map<std::string, std::string> contracts)
      : pipeline_(std::move(pipeline)), contracts_(std::move(contracts)), schema_(dead_letter_schema()) {}

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    DeadLetterBuilder builder;
    const Batch rejects = batch.compact();
    for (int64_t row = 0; row < rejects.rows(); ++row) {
      const std::string& source = rejects.origins()->split(row).source;
      builder.pipeline.append(pipeline_);
      builder.source.append(source);
      const auto contract = contracts_.find(source);
      if (contract == contracts_.end() || contract->second.empty())
        builder.contract.append_null();
      else
        builder.contract.append(contract->second);
      builder.add(rejects, row);
    }
    WEIR_TRY(out.emit(Batch(schema_, builder.finish(), rejects.rows(), nullptr)));
    return Step::done;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  std::string pipeline_;
  std::map<std::string, std::string> contracts_;
  SchemaPtr schema_;
};

}  // namespace

std::unique_ptr<Operator> make_dead_letter(std::string pipeline, std::map<std::string, std::string> contracts) {
  return std::make_unique<DeadLetter>(std::move(pipeline), std::move(contracts));
}

}  // namespace weir::operators
