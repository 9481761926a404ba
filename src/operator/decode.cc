#include <algorithm>

#include "operator/column_watch.h"
#include "operator/operators.h"

namespace weir::operators {
namespace {

class Decode final : public Operator {
 public:
  Decode(std::unique_ptr<codec::Decoder> decoder, SchemaPtr schema, std::optional<size_t> event_time,
         std::function<void(std::string_view)> say, std::shared_ptr<ColumnWatch> watch)
      : decoder_(std::move(decoder)),
        schema_(std::move(schema)),
        event_time_(event_time),
        say_(std::move(say)),
        watch_(std::move(watch)) {}

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    WEIR_ASSIGN(codec::Decoded decoded, decoder_->decode(batch.raw()));
    if (say_) std::for_each(decoded.notes.begin(), decoded.notes.end(), say_);
    if (watch_) watch_->note(decoded.batch);
    if (!decoded.rejects.empty()) WEIR_TRY(out.reject({.raw = batch.raw(), .rejects = std::move(decoded.rejects)}));
    if (event_time_) decoded.batch = decoded.batch.with_event_time(decoded.batch.columns()[*event_time_]);
    WEIR_TRY(out.emit(decoded.batch));
    return Step::done;
  }

  Counters take_counters() override {
    Counters counters;
    for (const auto& [name, events] : decoder_->take_unknown_counts())
      counters[{.kind = CounterKind::unknown_field, .name = name}] = events;
    return counters;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  std::unique_ptr<codec::Decoder> decoder_;
  SchemaPtr schema_;
  std::optional<size_t> event_time_;
  std::function<void(std::string_view)> say_;
  std::shared_ptr<ColumnWatch> watch_;
};

Result<std::unique_ptr<codec::Decoder>> make_decoder(const DecodeSpec& spec, const contract::Contract& contract) {
  codec::DecoderSpec decoder_spec{
      .schema = contract.schema, .formats = {}, .limits = spec.limits, .unknown_fields = contract.unknown_fields};
  for (const contract::ColumnContract& column : contract.columns) decoder_spec.formats.push_back(column.format);
  return spec.format.make_decoder(decoder_spec);
}

}  // namespace

Result<std::unique_ptr<Operator>> make_decode(const DecodeSpec& spec, const contract::Contract& contract) {
  WEIR_ASSIGN(std::unique_ptr<codec::Decoder> decoder, make_decoder(spec, contract));
  return std::unique_ptr<Operator>(
      std::make_unique<Decode>(std::move(decoder), contract.schema, contract.event_time, spec.say, spec.watch));
}

Result<void> check_first_events(const DecodeSpec& spec, const contract::Contract& contract, const RawBatch& events) {
  if (!spec.format.has_context || events.size() == 0) return {};
  WEIR_ASSIGN(const std::unique_ptr<codec::Decoder> decoder, make_decoder(spec, contract));
  RawBatchBuilder first;  // an event with the header: the decoder reads that before anything else
  first.set_context(events.context());
  first.add(events.bytes(0), {.split = &events.splits()[events.split_index(0)], .offset = events.offset(0)});
  const Result<codec::Decoded> decoded = decoder->decode(first.finish());
  return decoded.ok() ? Result<void>() : Result<void>(decoded.error());
}

}  // namespace weir::operators
