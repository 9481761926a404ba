#include "kafka_stack.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace weir::stack {
namespace {

constexpr int kTimeoutMs = 30'000;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "kafka_stack: %s\n", what.c_str());
  std::exit(3);
}

void require(bool holds, const std::string& what) {
  if (!holds) give_up(what);
}

void require(rd_kafka_resp_err_t code, const std::string& what) {
  require(code == RD_KAFKA_RESP_ERR_NO_ERROR, what + ": " + rd_kafka_err2str(code));
}

void require(rd_kafka_error_t* error, const std::string& what) {
  if (error != nullptr) give_up(what + ": " + rd_kafka_error_string(error));
}

rd_kafka_t* make_client(rd_kafka_type_t type, const std::map<std::string, std::string>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char reason[512] = "";
  for (const auto& [name, value] : settings)
    require(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason, sizeof reason) == RD_KAFKA_CONF_OK, reason);
  rd_kafka_t* client = rd_kafka_new(type, conf, reason, sizeof reason);
  require(client != nullptr, reason);
  return client;
}

/// One admin call: a queue, options with a time-out, and the answer, which must not be an error.
class AdminCall {
 public:
  AdminCall(rd_kafka_t* client, rd_kafka_admin_op_t operation)
      : queue_(rd_kafka_queue_new(client)), options_(rd_kafka_AdminOptions_new(client, operation)) {
    char reason[512] = "";
    rd_kafka_AdminOptions_set_request_timeout(options_, kTimeoutMs, reason, sizeof reason);
    rd_kafka_AdminOptions_set_operation_timeout(options_, kTimeoutMs, reason, sizeof reason);
  }
  ~AdminCall() {
    if (event_ != nullptr) rd_kafka_event_destroy(event_);
    rd_kafka_AdminOptions_destroy(options_);
    rd_kafka_queue_destroy(queue_);
  }
  AdminCall(const AdminCall&) = delete;
  AdminCall& operator=(const AdminCall&) = delete;

  rd_kafka_queue_t* queue() { return queue_; }
  const rd_kafka_AdminOptions_t* options() { return options_; }
  rd_kafka_event_t* answer(const std::string& what) {
    event_ = rd_kafka_queue_poll(queue_, kTimeoutMs);
    require(event_ != nullptr, what + ": no answer");
    require(rd_kafka_event_error(event_), what);
    return event_;
  }

 private:
  rd_kafka_queue_t* queue_;
  rd_kafka_AdminOptions_t* options_;
  rd_kafka_event_t* event_ = nullptr;
};

void require_topics(const rd_kafka_topic_result_t** results, size_t count, const std::string& what) {
  for (size_t i = 0; i < count; ++i) require(rd_kafka_topic_result_error(results[i]), what);
}

}  // namespace

StackKafka::StackKafka() {
  const char* path = std::getenv("WEIR_KAFKA_ENV");
  require(path != nullptr,
          "WEIR_KAFKA_ENV is not set: it names the env file of a cluster that tests/stack/kafka.sh has started with "
          "--secure");
  std::ifstream file(path);
  require(file.good(), std::string("cannot read ") + path);
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (equals != std::string::npos) env_[line.substr(0, equals)] = line.substr(equals + 1);
  }
  work_ = std::string(path).substr(0, std::string(path).rfind('/'));
  admin_ = make_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", (*this)["KAFKA_BOOTSTRAP"]}, {"log_level", "0"}});
}

StackKafka::~StackKafka() {
  rd_kafka_destroy(admin_);
}

const std::string& StackKafka::operator[](const std::string& name) const {
  const auto found = env_.find(name);
  require(found != env_.end(), "the env file has no " + name);
  return found->second;
}

std::string StackKafka::fresh_name(const std::string& stem) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return stem + "-" + std::to_string(now) + "-" + std::to_string(++names_);
}

void StackKafka::create_topic(const std::string& topic, int partitions,
                              const std::map<std::string, std::string>& config) {
  char reason[512] = "";
  rd_kafka_NewTopic_t* fresh = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, reason, sizeof reason);
  require(fresh != nullptr, reason);
  for (const auto& [name, value] : config)
    require(rd_kafka_NewTopic_set_config(fresh, name.c_str(), value.c_str()), name);
  AdminCall call(admin_, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(admin_, &fresh, 1, call.options(), call.queue());
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(call.answer("create topic")), &count);
  require_topics(results, count, "create topic " + topic);
  rd_kafka_NewTopic_destroy(fresh);
}

void StackKafka::delete_topic(const std::string& topic) {
  rd_kafka_DeleteTopic_t* old = rd_kafka_DeleteTopic_new(topic.c_str());
  AdminCall call(admin_, RD_KAFKA_ADMIN_OP_DELETETOPICS);
  rd_kafka_DeleteTopics(admin_, &old, 1, call.options(), call.queue());
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(call.answer("delete topic")), &count);
  require_topics(results, count, "delete topic " + topic);
  rd_kafka_DeleteTopic_destroy(old);
}

void StackKafka::add_partitions(const std::string& topic, int total) {
  char reason[512] = "";
  rd_kafka_NewPartitions_t* more =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(total), reason, sizeof reason);
  require(more != nullptr, reason);
  AdminCall call(admin_, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS);
  rd_kafka_CreatePartitions(admin_, &more, 1, call.options(), call.queue());
  size_t count = 0;
  const rd_kafka_topic_result_t** results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(call.answer("add partitions")), &count);
  require_topics(results, count, "add partitions to " + topic);
  rd_kafka_NewPartitions_destroy(more);
}

void StackKafka::delete_records(const std::string& topic, int32_t partition, int64_t before) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = before;
  rd_kafka_DeleteRecords_t* records = rd_kafka_DeleteRecords_new(list);
  AdminCall call(admin_, RD_KAFKA_ADMIN_OP_DELETERECORDS);
  rd_kafka_DeleteRecords(admin_, &records, 1, call.options(), call.queue());
  const rd_kafka_topic_partition_list_t* done =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(call.answer("delete records")));
  require(done->elems[0].err, "delete records of " + topic);
  rd_kafka_DeleteRecords_destroy(records);
  rd_kafka_topic_partition_list_destroy(list);
}

void StackKafka::create_user(const std::string& user, const std::string& password) {
  rd_kafka_UserScramCredentialAlteration_t* fresh = rd_kafka_UserScramCredentialUpsertion_new(
      user.c_str(), RD_KAFKA_SCRAM_MECHANISM_SHA_256, 4096, reinterpret_cast<const unsigned char*>(password.data()),
      password.size(), nullptr, 0);
  AdminCall call(admin_, RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS);
  rd_kafka_AlterUserScramCredentials(admin_, &fresh, 1, call.options(), call.queue());
  call.answer("create user " + user);
  rd_kafka_UserScramCredentialAlteration_destroy(fresh);
}

void StackKafka::allow_describe(const std::string& user, const std::string& topic) {
  char reason[512] = "";
  rd_kafka_AclBinding_t* acl = rd_kafka_AclBinding_new(
      RD_KAFKA_RESOURCE_TOPIC, topic.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, ("User:" + user).c_str(), "*",
      RD_KAFKA_ACL_OPERATION_DESCRIBE, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, reason, sizeof reason);
  require(acl != nullptr, reason);
  AdminCall call(admin_, RD_KAFKA_ADMIN_OP_CREATEACLS);
  rd_kafka_CreateAcls(admin_, &acl, 1, call.options(), call.queue());
  call.answer("allow describe");
  rd_kafka_AclBinding_destroy(acl);
}

int64_t StackKafka::committed(const std::string& group, const std::string& topic, int32_t partition) {
  rd_kafka_t* client = make_client(
      RD_KAFKA_CONSUMER, {{"bootstrap.servers", (*this)["KAFKA_BOOTSTRAP"]}, {"group.id", group}, {"log_level", "0"}});
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition);
  require(rd_kafka_committed(client, list, kTimeoutMs), "committed offsets");
  const int64_t offset = list->elems[0].offset;
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_destroy(client);
  return offset;
}

void StackKafka::script(const std::string& arguments) const {
  const size_t blank = arguments.find(' ');
  const std::string verb = arguments.substr(0, blank);
  const std::string rest = blank == std::string::npos ? "" : arguments.substr(blank);
  const std::string command =
      std::string(WEIR_SOURCE_DIR) + "/tests/stack/kafka.sh " + verb + " '" + work_ + "'" + rest + " >/dev/null";
  require(std::system(command.c_str()) == 0, command);
}

StackProducer::StackProducer(const StackKafka& kafka, const std::string& transactional_id,
                             const std::string& compression) {
  std::map<std::string, std::string> settings = {{"bootstrap.servers", kafka["KAFKA_BOOTSTRAP"]},
                                                 {"log_level", "0"},
                                                 {"linger.ms", "5"},
                                                 {"compression.type", compression},
                                                 {"enable.idempotence", "true"}};
  if (!transactional_id.empty()) settings["transactional.id"] = transactional_id;
  producer_ = make_client(RD_KAFKA_PRODUCER, settings);
  if (!transactional_id.empty()) require(rd_kafka_init_transactions(producer_, kTimeoutMs), "init transactions");
}

StackProducer::~StackProducer() {
  rd_kafka_destroy(producer_);
}

void StackProducer::begin() {
  require(rd_kafka_begin_transaction(producer_), "begin transaction");
}
void StackProducer::commit() {
  require(rd_kafka_commit_transaction(producer_, kTimeoutMs), "commit transaction");
}
void StackProducer::abort() {
  flush();  // so that the aborted records are in the log
  require(rd_kafka_abort_transaction(producer_, kTimeoutMs), "abort transaction");
}

void StackProducer::send(const std::string& topic, int32_t partition, const std::string& value, int64_t timestamp_ms,
                         const std::string& key) {
  while (true) {
    const rd_kafka_resp_err_t code =
        rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                          RD_KAFKA_V_KEY(key.empty() ? nullptr : key.data(), key.size()),
                          RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    rd_kafka_poll(producer_, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 20 : 0);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) continue;
    return require(code, "produce");
  }
}

void StackProducer::send_many(const std::string& topic, int32_t partition, int count, const std::string& prefix) {
  for (int i = 0; i < count; ++i) send(topic, partition, prefix + std::to_string(i));
}

void StackProducer::flush() {
  require(rd_kafka_flush(producer_, kTimeoutMs), "flush");
}

}  // namespace weir::stack
