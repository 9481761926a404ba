#include "codec/decoder.h"
#include "codec/json_reader.h"
#include "codec/row_columns.h"
#include "codec/speculative_reader.h"

namespace weir::codec {
namespace {

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(std::unique_ptr<RowColumns> columns, const DecodeLimits& limits)
      : columns_(std::move(columns)), limits_(limits), guess_(columns_->root(), limits), reader_(limits) {}

  Result<Decoded> decode(std::shared_ptr<const RawBatch> raw, const PartitionNames& names) override {
    return columns_->decode(std::move(raw), names, limits_.event_bytes,
                            [this](std::string_view event, RowFailure& failure) { return read(event, failure); });
  }

 private:
  bool read(std::string_view event, RowFailure& failure) {
    const Speculation outcome = guess_.read(event, failure);
    if (outcome == Speculation::taken) [[likely]] return true;
    if (outcome == Speculation::rejected) return false;
    columns_->cut_row();
    return reader_.read(event, columns_->root(), failure);
  }

  std::unique_ptr<RowColumns> columns_;
  DecodeLimits limits_;
  SpeculativeReader guess_;
  JsonReader reader_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_json_decoder(DecoderSpec spec) {
  WEIR_ASSIGN(auto columns, RowColumns::make(spec));
  return std::unique_ptr<Decoder>(std::make_unique<JsonDecoder>(std::move(columns), spec.limits));
}

}  // namespace weir::codec
