// What reading a topic costs, against the plain loop over librdkafka. consume.sh starts a broker, fills a topic
// and runs both in turn.
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include "connector/kafka/kafka_source.h"
#include "dataflow/source_cursor.h"

namespace weir::connector {
namespace {

constexpr size_t kPlainBatch = 4096;

/// CPU of all threads of this process, in nanoseconds.
double cpu_ns() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return (static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_stime.tv_sec)) * 1e9 +
         (static_cast<double>(usage.ru_utime.tv_usec) + static_cast<double>(usage.ru_stime.tv_usec)) * 1e3;
}

double resident_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Target {
  std::string brokers;
  std::string topic;
  int partitions = 0;
  int64_t events = 0;
};

/// From WEIR_KAFKA_BENCH="brokers topic partitions events".
bool read_target(benchmark::State& state, Target& out) {
  const char* text = std::getenv("WEIR_KAFKA_BENCH");
  char brokers[256];
  char topic[256];
  long long events = 0;
  if (text == nullptr || std::sscanf(text, "%255s %255s %d %lld", brokers, topic, &out.partitions, &events) != 4) {
    state.SkipWithError("needs a broker: run consume.sh");
    return false;
  }
  out.brokers = brokers;
  out.topic = topic;
  out.events = events;
  return true;
}

void report(benchmark::State& state, const Target& target, double cpu, int64_t bytes) {
  const auto events = static_cast<double>(target.events) * static_cast<double>(state.iterations());
  state.counters["cpu_ns_per_event"] = cpu / events;
  state.counters["bytes_per_event"] = static_cast<double>(bytes) / events;
  state.counters["rss_mib"] = resident_mib();
}

/// The least that a program can do with librdkafka: count messages and bytes. No CRC check, no copy, no positions.
void plain_loop(benchmark::State& state) {
  Target target;
  if (!read_target(state, target)) return;
  int64_t bytes = 0;
  const double before = cpu_ns();
  double spent = 0;
  for (auto _ : state) {
    char reason[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", target.brokers.c_str(), reason, sizeof reason);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client, target.topic.c_str(), nullptr);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    for (int32_t partition = 0; partition < target.partitions; ++partition)
      rd_kafka_consume_start_queue(topic, partition, 0, queue);
    std::vector<rd_kafka_message_t*> messages(kPlainBatch);
    for (int64_t seen = 0; seen < target.events;) {
      const ssize_t count = rd_kafka_consume_batch_queue(queue, 500, messages.data(), messages.size());
      for (ssize_t i = 0; i < count; ++i) {
        if (messages[static_cast<size_t>(i)]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
          ++seen;
          bytes += static_cast<int64_t>(messages[static_cast<size_t>(i)]->len);
        }
        rd_kafka_message_destroy(messages[static_cast<size_t>(i)]);
      }
    }
    spent = cpu_ns() - before;
    state.PauseTiming();
    for (int32_t partition = 0; partition < target.partitions; ++partition) rd_kafka_consume_stop(topic, partition);
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    state.ResumeTiming();
  }
  report(state, target, spent, bytes);
}
BENCHMARK(plain_loop)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The source: CRC checked, committed records only, copied into arenas with positions and keys, progress kept.
void kafka_source(benchmark::State& state) {
  Target target;
  if (!read_target(state, target)) return;
  KafkaSpec spec;
  spec.brokers = target.brokers;
  spec.topics = {target.topic};
  spec.bounded = true;
  int64_t bytes = 0;
  const double before = cpu_ns();
  double spent = 0;
  for (auto _ : state) {
    std::unique_ptr<SourceCursor> source =
        SourceCursor::make(make_kafka_source(spec, system_clock_source(), nullptr), system_clock_source()).value();
    const Result<void> opened = source->open(nullptr, [] { return false; });
    if (!opened.ok()) return state.SkipWithError(opened.error().message().c_str());
    int64_t seen = 0;
    while (true) {
      Result<Poll> poll = source->poll(500);
      if (!poll.ok()) return state.SkipWithError(poll.error().message().c_str());
      if (poll->state == Poll::State::finished) break;
      if (poll->state == Poll::State::idle) continue;
      seen += static_cast<int64_t>(poll->events->size());
      bytes += static_cast<int64_t>(poll->events->payload_bytes());
    }
    spent = cpu_ns() - before;
    if (seen != target.events) return state.SkipWithError("not every event was read");
    state.PauseTiming();
    source.reset();
    state.ResumeTiming();
  }
  report(state, target, spent, bytes);
}
BENCHMARK(kafka_source)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace weir::connector
