#include <algorithm>

#include "operator/operators.h"

namespace weir::operators {
namespace {

class Decode final : public Operator {
 public:
  Decode(std::unique_ptr<codec::Decoder> decoder, SchemaPtr schema, std::optional<size_t> event_time,
         std::function<void(std::string_view)> say)
      : decoder_(std::move(decoder)), schema_(std::move(schema)), event_time_(event_time), say_(std::move(say)) {}

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    WEIR_ASSIGN(codec::Decoded decoded, decoder_->decode(batch.raw()));
    if (say_) std::for_each(decoded.notes.begin(), decoded.notes.end(), say_);
    if (!decoded.rejects.empty()) WEIR_TRY(out.reject({.raw = batch.raw(), .rejects = std::move(decoded.rejects)}));
    if (event_time_) decoded.batch = decoded.batch.with_event_time(decoded.batch.columns()[*event_time_]);
    WEIR_TRY(out.emit(decoded.batch));
    return Step::done;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  std::unique_ptr<codec::Decoder> decoder_;
  SchemaPtr schema_;
  std::optional<size_t> event_time_;
  std::function<void(std::string_view)> say_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_decode(const DecodeSpec& spec, const contract::Contract& contract) {
  codec::DecoderSpec decoder_spec{.schema = contract.schema, .formats = {}, .limits = spec.limits};
  for (const contract::ColumnContract& column : contract.columns) decoder_spec.formats.push_back(column.format);
  Result<std::unique_ptr<codec::Decoder>> decoder =
      spec.format == EventFormat::csv ? codec::make_csv_decoder(decoder_spec, {.delimiter = spec.csv_delimiter})
                                      : codec::make_json_decoder(decoder_spec);
  if (!decoder.ok()) return std::move(decoder).error();
  return std::unique_ptr<Operator>(
      std::make_unique<Decode>(std::move(*decoder), contract.schema, contract.event_time, spec.say));
}

}  // namespace weir::operators
