#include "base/bytes.h"
#include "connector/kafka/split_internal.h"

namespace weir::connector {

AssignedSplit to_assigned(const KafkaSplit& split, int reader) {
  ByteWriter out;
  out.string(split.cluster_id);
  out.string(split.partition.topic);
  out.zigzag(split.partition.partition);
  out.zigzag(split.end);
  out.zigzag(split.high);
  return {.reader = reader,
          .name = split.partition.name(),
          .from = {.next = split.next, .next_byte = 0, .identity = split.topic_id, .leader_epoch = split.leader_epoch},
          .detail = std::move(out).release()};
}

Result<KafkaSplit> from_assigned(const AssignedSplit& assigned) {
  ByteReader in(assigned.detail);
  KafkaSplit split{.partition = {}, .cluster_id = std::string(in.string()), .topic_id = assigned.from.identity};
  split.partition.topic = in.string();
  split.partition.partition = static_cast<int32_t>(in.zigzag());
  split.next = assigned.from.next;
  split.leader_epoch = assigned.from.leader_epoch;
  split.end = in.zigzag();
  split.high = in.zigzag();
  if (in.failed() || in.remaining() != 0 || split.partition.name() != assigned.name)
    return Error(ErrorKind::internal, "a split of Kafka is damaged");
  return split;
}

}  // namespace weir::connector
