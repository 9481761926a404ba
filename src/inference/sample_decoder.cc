#include "inference/sample_decoder.h"

#include <algorithm>

#include "dataflow/graph.h"
#include "inference/event_place.h"
#include "operator/operators.h"

namespace weir::inference {
namespace {

class KeptRows final : public SinkWriter {
 public:
  KeptRows(DecodedSample& decoded, int64_t rows_max) : decoded_(decoded), rows_max_(rows_max) {}
  Result<void> write(const Batch& batch) override {
    const Batch dense = batch.compact();
    if (decoded_.accepted < rows_max_) decoded_.rows.push_back(dense);
    decoded_.accepted += dense.rows();
    return {};
  }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string()); }
  int64_t memory_bytes() const override { return 0; }

 private:
  DecodedSample& decoded_;
  int64_t rows_max_;
};

std::string text_at(const Batch& batch, size_t column, int64_t row) {
  const Column& texts = batch.column(column);
  return texts.is_null(row) ? std::string() : std::string(texts.bytes_at(row));
}

/// Takes what leaves by kRejectOutput.
class KeptRejects final : public SinkWriter {
 public:
  explicit KeptRejects(DecodedSample& decoded) : decoded_(decoded) {}
  Result<void> write(const Batch& batch) override {
    for (int64_t row = 0; row < batch.rows(); ++row) {
      decoded_.rejects.push_back({.error_class = text_at(batch, RejectColumn::kErrorClass, row),
                                  .rule = text_at(batch, RejectColumn::kRule, row),
                                  .column = text_at(batch, RejectColumn::kColumn, row),
                                  .message = text_at(batch, RejectColumn::kMessage, row),
                                  .batch = batch.raw(),
                                  .raw_index = batch.origins()->raw_index[static_cast<size_t>(row)]});
    }
    return {};
  }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string()); }
  int64_t memory_bytes() const override { return 0; }

 private:
  DecodedSample& decoded_;
};

}  // namespace

Result<DecodedSample> decode_sample(const Sample& sample, const contract::Contract& contract, SampleFormat format,
                                    char delimiter, int64_t rows_max) {
  DecodedSample decoded;
  operators::DecodeSpec spec{.format = format_of(format, delimiter),
                             .say = [&](std::string_view note) { decoded.notes.emplace_back(note); }};
  WEIR_ASSIGN(std::unique_ptr<Operator> decode, operators::make_decode(spec, contract));
  WEIR_ASSIGN(std::unique_ptr<Operator> validate, operators::make_validate(contract));
  Graph graph;
  const Graph::NodeIndex source = graph.add_source("source", nullptr);
  const Graph::NodeIndex decoder = graph.add_operator("decode", {source}, std::move(decode));
  const Graph::NodeIndex rules = graph.add_operator("validate", {decoder}, std::move(validate));
  graph.add_sink("rows", rules, std::make_unique<KeptRows>(decoded, rows_max));
  for (const Graph::NodeIndex node : {decoder, rules})
    graph.add_sink("rejects", {node, kRejectOutput}, std::make_unique<KeptRejects>(decoded));
  for (const auto& batch : sample.batches) {
    const size_t before = decoded.rejects.size();
    WEIR_TRY(graph.push(size_t{0}, batch));
    while (graph.is_busy()) WEIR_TRY(graph.work_on());
    std::sort(decoded.rejects.begin() + static_cast<ptrdiff_t>(before), decoded.rejects.end(),
              [](const SampleReject& a, const SampleReject& b) { return a.raw_index < b.raw_index; });
  }
  return decoded;
}

size_t place_of(const SampleReject& reject, const contract::Contract& contract, SampleFormat format, char delimiter) {
  const std::string_view event = reject.bytes();
  if (reject.column.empty()) return format == SampleFormat::json ? json_fault(event) : std::string_view::npos;
  const size_t dot = reject.column.find('.');
  const std::string top = reject.column.substr(0, dot);
  std::string field = top;
  for (const contract::ColumnContract& column : contract.columns) {
    if (column.field.name == top && !column.format.source_name.empty()) field = column.format.source_name;
  }
  if (format == SampleFormat::json)
    return json_place(event, dot == std::string::npos ? field : field + reject.column.substr(dot));
  const std::vector<CsvField> header = split_csv(reject.batch->context(), delimiter);
  const std::vector<CsvField> fields = split_csv(event, delimiter);
  for (size_t i = 0; i < header.size() && i < fields.size(); ++i) {
    if (header[i].text == field) return fields[i].begin;
  }
  return std::string_view::npos;
}

}  // namespace weir::inference
