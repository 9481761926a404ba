#include "codec/decoder.h"
#include "codec/json/json_reader_internal.h"
#include "codec/json/speculative_reader_internal.h"
#include "codec/json/unknown_fields_internal.h"
#include "codec/row_columns_internal.h"

namespace weir::codec {
namespace {

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(std::unique_ptr<RowColumns> columns, const DecodeLimits& limits, UnknownFields unknown)
      : columns_(std::move(columns)),
        limits_(limits),
        unknown_(unknown),
        guess_(columns_->root(), limits, unknown),
        reader_(limits, &unknown_) {}

  Result<Decoded> decode(std::shared_ptr<const RawBatch> raw) override {
    WEIR_ASSIGN(Decoded decoded,
                columns_->decode(std::move(raw), limits_.event_bytes,
                                 [this](std::string_view event, RowFailure& failure) { return read(event, failure); }));
    guess_.count_unknown(unknown_);
    decoded.notes = unknown_.take_notes();
    return decoded;
  }

  UnknownCounts take_unknown_counts() override { return unknown_.take_counts(); }

 private:
  bool read(std::string_view event, RowFailure& failure) {
    if (is_worth_a_guess()) [[likely]] {
      const Speculation outcome = guess_.read(event, failure);
      if (outcome != Speculation::gave_up) [[likely]] {
        give_ups_ = 0;
        return outcome == Speculation::taken;
      }
      ++give_ups_;
      columns_->cut_row();
    }
    return reader_.read(event, columns_->root(), failure);
  }

  /// After a run of events at which the guess was in vain, only some are tried. This changes the speed, never the
  /// outcome.
  bool is_worth_a_guess() { return give_ups_ < kGiveUpsMax || ++untried_ % kTryEvery == 0; }

  static constexpr int kGiveUpsMax = 8;
  static constexpr uint64_t kTryEvery = 8;

  std::unique_ptr<RowColumns> columns_;
  DecodeLimits limits_;
  UnknownTally unknown_;
  SpeculativeReader guess_;
  JsonReader reader_;
  int give_ups_ = 0;  ///< in a row
  uint64_t untried_ = 0;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_json_decoder(const DecoderSpec& spec) {
  WEIR_ASSIGN(auto columns, RowColumns::make(spec));
  return std::unique_ptr<Decoder>(std::make_unique<JsonDecoder>(std::move(columns), spec.limits, spec.unknown_fields));
}

}  // namespace weir::codec
