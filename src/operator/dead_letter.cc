#include <algorithm>
#include <optional>

#include "base/civil_time.h"
#include "base/utf8.h"
#include "columnar/column_builder.h"
#include "event/headers.h"
#include "operator/operators.h"

namespace weir::operators {
namespace {

/// What is kept of a key, of all headers of an event, and of a header line.
constexpr size_t kBesideBytesMax = size_t{1} << 20;
/// Rows go on when they have this much: the header line of a file stands in each of them.
constexpr size_t kBatchBytes = size_t{16} << 20;

using Bytes = BytesBuilder;
using Longs = FixedBuilder<int64_t>;

Field field(const char* name, bool required, TypePtr type, const char* doc) {
  return {.id = 0, .name = name, .required = required, .type = std::move(type), .doc = doc};
}
Field text(const char* name, bool required, const char* doc) {
  return field(name, required, Type::primitive(TypeKind::string), doc);
}
Field typed(const char* name, bool required, TypeKind kind, const char* doc) {
  return field(name, required, Type::primitive(kind), doc);
}

TypePtr outputs_type() {
  return Type::list({.name = "element", .required = true, .type = Type::primitive(TypeKind::string)});
}
TypePtr headers_type() {
  const std::vector<Field> header = {{.name = "name", .required = true, .type = Type::primitive(TypeKind::string)},
                                     {.name = "value", .type = Type::primitive(TypeKind::binary)}};
  return Type::list({.name = "element", .required = true, .type = Type::structure(header)});
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

/// Where an event was rejected, the same for all that come by one input.
struct Place {
  std::string_view pipeline;
  std::string_view contract;  ///< empty: none
  const RejectingNode* node;  ///< null: not known
};

/// The builders of all columns, in the schema's order.
class DeadLetterBuilder {
 public:
  /// Adds physical row `row` of a batch of rejects.
  void add(const Place& place, const Batch& rejects, int64_t row) {
    const RowOrigins& origins = *rejects.origins();
    const Split& split = origins.split(row);
    pipeline_.append(place.pipeline);
    source_.append(split.source);
    topic_.append(split.topic);
    partition_.append(split.partition);
    offset_.append(origins.offset[static_cast<size_t>(row)]);
    error_class_.append(rejects.column(RejectColumn::kErrorClass).bytes_at(row));
    append_or_null(rule_, rejects.column(RejectColumn::kRule), row);
    append_or_null(column_, rejects.column(RejectColumn::kColumn), row);
    message_.append(rejects.column(RejectColumn::kMessage).bytes_at(row));
    append_text(contract_, place.contract);
    const Column& times = rejects.column(RejectColumn::kEventTime);
    append_or_null(event_time_, times.is_null(row)
                                    ? std::nullopt
                                    : std::optional(times.values_as<int64_t>()[static_cast<size_t>(row)]));
    const size_t event = origins.raw_index[static_cast<size_t>(row)];
    add_raw(*rejects.raw(), event);
    add_node(place.node);
    add_beside(*rejects.raw(), event);
    ++rows_;
  }

  bool is_full() const { return bytes_ >= kBatchBytes; }

  /// The rows so far; starts again.
  Batch finish(const SchemaPtr& schema) {
    std::vector<ColumnPtr> columns = {
        pipeline_.finish(), source_.finish(),        topic_.finish(),       partition_.finish(),
        offset_.finish(),   error_class_.finish(),   rule_.finish(),        column_.finish(),
        message_.finish(),  contract_.finish(),      event_time_.finish(),  ingested_at_.finish(),
        raw_.finish(),      raw_truncated_.finish(), step_.finish(),        outputs_.finish(),
        key_.finish(),      headers_.finish(),       header_line_.finish(), context_truncated_.finish()};
    bytes_ = 0;
    return Batch(schema, std::move(columns), std::exchange(rows_, 0), nullptr);
  }

 private:
  static TypePtr kind(TypeKind type) { return Type::primitive(type); }

  static void append_text(Bytes& builder, std::string_view text) {
    if (text.empty())
      builder.append_null();
    else
      builder.append(text);
  }

  void add_raw(const RawBatch& events, size_t i) {
    append_or_null(ingested_at_, ingested_us(events.timestamp_ms(i)));
    if (events.is_null(i))
      raw_.append_null();
    else
      raw_.append(events.bytes(i));
    raw_truncated_.append(events.is_truncated(i));
    bytes_ += events.bytes(i).size();
  }

  void add_node(const RejectingNode* node) {
    append_text(step_, node == nullptr ? std::string_view() : node->name);
    if (node == nullptr) return outputs_.append_null();
    for (const std::string& sink : node->sinks) static_cast<Bytes&>(outputs_.child(0)).append(sink);
    outputs_.close_row();
  }

  /// Key, headers and header line, each cut to kBesideBytesMax.
  void add_beside(const RawBatch& events, size_t i) {
    bool is_cut = false;
    if (events.has_key(i))
      key_.append(cut(events.key(i), is_cut));
    else
      key_.append_null();
    add_headers(events.headers(i), is_cut);
    append_text(header_line_, cut(events.context(), is_cut));
    context_truncated_.append(is_cut);
  }

  std::string_view cut(std::string_view bytes, bool& is_cut) {
    is_cut = is_cut || bytes.size() > kBesideBytesMax;
    bytes = bytes.substr(0, kBesideBytesMax);
    bytes_ += bytes.size();
    return bytes;
  }

  /// Whole headers as far as they fit; one whose name no text column can have is left out.
  void add_headers(std::string_view encoded, bool& is_cut) {
    if (encoded.empty()) return headers_.append_null();
    auto& element = static_cast<StructBuilder&>(headers_.child(0));
    size_t room = kBesideBytesMax;
    Header header;
    while (take_header(encoded, header)) {
      const size_t size = header.name.size() + header.value.value_or("").size();
      if (size > room || !is_utf8_text(header.name)) {
        is_cut = true;
        continue;
      }
      room -= size;
      static_cast<Bytes&>(element.child(0)).append(header.name);
      auto& value = static_cast<Bytes&>(element.child(1));
      if (header.value)
        value.append(*header.value);
      else
        value.append_null();
      element.close_row();
    }
    bytes_ += kBesideBytesMax - room;
    headers_.close_row();
  }

  Bytes pipeline_{kind(TypeKind::string)};
  Bytes source_{kind(TypeKind::string)};
  Bytes topic_{kind(TypeKind::string)};
  FixedBuilder<int32_t> partition_{kind(TypeKind::int32)};
  Longs offset_{kind(TypeKind::int64)};
  Bytes error_class_{kind(TypeKind::string)};
  Bytes rule_{kind(TypeKind::string)};
  Bytes column_{kind(TypeKind::string)};
  Bytes message_{kind(TypeKind::string)};
  Bytes contract_{kind(TypeKind::string)};
  Longs event_time_{kind(TypeKind::timestamptz)};
  Longs ingested_at_{kind(TypeKind::timestamptz)};
  Bytes raw_{kind(TypeKind::binary)};
  BooleanBuilder raw_truncated_{kind(TypeKind::boolean)};
  Bytes step_{kind(TypeKind::string)};
  RepeatedBuilder outputs_{outputs_type()};
  Bytes key_{kind(TypeKind::binary)};
  RepeatedBuilder headers_{headers_type()};
  Bytes header_line_{kind(TypeKind::binary)};
  BooleanBuilder context_truncated_{kind(TypeKind::boolean)};
  int64_t rows_ = 0;
  size_t bytes_ = 0;  ///< of what may be large
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
        // A table of a release before has had none of these, so that they come last and may be null.
        text("step", false, "part of the pipeline that rejected the event: SOURCE.decode, SOURCE.validate, or a step"),
        field("outputs", false, outputs_type(), "sinks whose tables do not get the event for this reason, by name"),
        typed("key", false, TypeKind::binary, "key of the Kafka message; null when it has none"),
        field("headers", false, headers_type(), "headers of the Kafka message, in order; null when it has none"),
        typed("header_line", false, TypeKind::binary, "CSV: the header line of the event's file"),
        typed("context_truncated", false, TypeKind::boolean,
              "true when key, headers or header_line are not all that the event came with"),
    };
    return std::make_shared<const Schema>(assign_ids(fields));
  }();
  return kSchema;
}

namespace {

class DeadLetter final : public Operator {
 public:
  DeadLetter(std::string pipeline, std::map<std::string, std::string> contracts, std::vector<RejectingNode> nodes)
      : pipeline_(std::move(pipeline)),
        contracts_(std::move(contracts)),
        nodes_(std::move(nodes)),
        schema_(dead_letter_schema()) {}

  Result<Step> process(InputIndex input, const Batch& batch, Collector& out) override {
    const Batch rejects = batch.compact();
    const auto number = static_cast<size_t>(input);
    Place place{.pipeline = pipeline_, .contract = {}, .node = number < nodes_.size() ? &nodes_[number] : nullptr};
    DeadLetterBuilder builder;
    for (int64_t row = 0; row < rejects.rows(); ++row) {
      const auto contract = contracts_.find(rejects.origins()->split(row).source);
      place.contract = contract == contracts_.end() ? std::string_view() : contract->second;
      builder.add(place, rejects, row);
      if (builder.is_full()) WEIR_TRY(out.emit(builder.finish(schema_)));
    }
    WEIR_TRY(out.emit(builder.finish(schema_)));
    return Step::done;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  std::string pipeline_;
  std::map<std::string, std::string> contracts_;
  std::vector<RejectingNode> nodes_;
  SchemaPtr schema_;
};

}  // namespace

std::unique_ptr<Operator> make_dead_letter(std::string pipeline, std::map<std::string, std::string> contracts,
                                           std::vector<RejectingNode> nodes) {
  return std::make_unique<DeadLetter>(std::move(pipeline), std::move(contracts), std::move(nodes));
}

}  // namespace weir::operators
