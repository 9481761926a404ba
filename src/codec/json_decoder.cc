#include "codec/decoder.h"
#include "codec/json_reader.h"
#include "codec/row_columns.h"

namespace weir::codec {
namespace {

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(std::unique_ptr<RowColumns> columns, const DecodeLimits& limits) : columns_(std::move(columns)), limits_(limits), reader_(limits) {}

  Result<Decoded> decode(std::shared_ptr<const RawBatch> raw, const PartitionNames& names) override {
    return columns_->decode(std::move(raw), names, limits_.event_bytes,
                            [this](std::string_view event, RowFailure& failure) { return reader_.read(event, columns_->root(), failure); });
  }

 private:
  std::unique_ptr<RowColumns> columns_;
  DecodeLimits limits_;
  JsonReader reader_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_json_decoder(DecoderSpec spec) {
  WEIR_ASSIGN(auto columns, RowColumns::make(spec));
  return std::unique_ptr<Decoder>(std::make_unique<JsonDecoder>(std::move(columns), spec.limits));
}

}  // namespace weir::codec
