#include "connector/kafka/kafka_source.h"

#include <utility>

#include "connector/kafka/kafka_reader_internal.h"
#include "connector/kafka/kafka_splitter_internal.h"

namespace weir::connector {
namespace {

class KafkaSourceFactory final : public SourceFactory {
 public:
  KafkaSourceFactory(KafkaSpec spec, const Clock& clock, KafkaLog log)
      : spec_(std::move(spec)), clock_(clock), log_(std::move(log)) {}

  Result<std::unique_ptr<SourceSplitter>> make_splitter(int readers) override {
    WEIR_TRY(check_kafka_spec(spec_));
    WEIR_ASSIGN(TopicSelection selection, TopicSelection::make(spec_.topics));
    return std::unique_ptr<SourceSplitter>(
        std::make_unique<KafkaSplitter>(spec_, std::move(selection), clock_, log_, readers));
  }

  Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()> wake_up) override {
    return std::unique_ptr<SourceReader>(std::make_unique<KafkaReader>(spec_, clock_, log_, std::move(wake_up)));
  }

 private:
  const KafkaSpec spec_;
  const Clock& clock_;
  const KafkaLog log_;
};

}  // namespace

std::unique_ptr<SourceFactory> make_kafka_source(KafkaSpec spec, const Clock& clock, KafkaLog log) {
  return std::make_unique<KafkaSourceFactory>(std::move(spec), clock, std::move(log));
}

}  // namespace weir::connector
