"""Topics and records of a test cluster: kafka_admin.py BOOTSTRAP COMMAND ... (kafka.sh says which commands)."""

import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TIMEOUT_SECONDS = 30


def client(bootstrap):
    return {"bootstrap.servers": bootstrap, "log_level": 0}


def admin_client(bootstrap):
    admin = AdminClient(client(bootstrap))
    admin.list_topics(timeout=TIMEOUT_SECONDS)  # fails when nobody is there; the calls below would go on trying
    return admin


def finish(futures):  # the caller keeps the client: without it the futures never end
    for future in futures.values():
        future.result(TIMEOUT_SECONDS)


def create_topic(bootstrap, name, partitions, *config):
    admin = admin_client(bootstrap)
    topic = NewTopic(name, num_partitions=int(partitions), config=dict(entry.split("=", 1) for entry in config))
    # The broker answers once the controller has the topic and every replica leads it.
    finish(admin.create_topics([topic], operation_timeout=TIMEOUT_SECONDS))


def delete_topic(bootstrap, name):
    admin = admin_client(bootstrap)
    finish(admin.delete_topics([name], operation_timeout=TIMEOUT_SECONDS))


def delete_records(bootstrap, topic, partition, before_offset):
    admin = admin_client(bootstrap)
    finish(admin.delete_records([TopicPartition(topic, int(partition), int(before_offset))]))


def print_offsets(bootstrap, topic):
    consumer = Consumer({**client(bootstrap), "group.id": "offsets"})
    for partition in sorted(consumer.list_topics(topic, TIMEOUT_SECONDS).topics[topic].partitions):
        first, after_last = consumer.get_watermark_offsets(TopicPartition(topic, partition), TIMEOUT_SECONDS)
        print(partition, first, after_last)
    consumer.close()


COMMANDS = {
    "topic-create": create_topic,
    "topic-delete": delete_topic,
    "delete-records": delete_records,
    "offsets": print_offsets,
}

if __name__ == "__main__":
    bootstrap, command, *arguments = sys.argv[1:]
    if command not in COMMANDS:
        sys.exit(f"kafka_admin: unknown command {command}; one of {', '.join(COMMANDS)}")
    try:
        COMMANDS[command](bootstrap, *arguments)
    except Exception as error:  # one line for the caller's log, not a traceback
        sys.exit(f"kafka_admin: {command}: {error}")
