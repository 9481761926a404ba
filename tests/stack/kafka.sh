#!/usr/bin/env bash
# A real Apache Kafka (KRaft) for tests.
#
#   kafka.sh start WORKDIR [--brokers N] [--secure]   start, or start again on the same data and ports
#   kafka.sh stop WORKDIR                             end every broker
#   kafka.sh stop|kill|restart WORKDIR BROKER         one broker, 0..N-1; kill is SIGKILL
#   kafka.sh topic WORKDIR create NAME PARTITIONS [CONFIG=VALUE...]
#   kafka.sh topic WORKDIR delete NAME
#   kafka.sh delete-records WORKDIR TOPIC PARTITION BEFORE_OFFSET
#   kafka.sh offsets WORKDIR TOPIC                    "partition first next", one line each
#
# WORKDIR/env tells how to reach it: KAFKA_BOOTSTRAP (plain) and, with --secure, KAFKA_SASL_BOOTSTRAP (SASL_SSL with
# SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN, as KAFKA_USER with KAFKA_PASSWORD), KAFKA_MTLS_BOOTSTRAP (TLS with the client
# certificate KAFKA_CLIENT_CERT and KAFKA_CLIENT_KEY) and KAFKA_CA.
# KAFKA_HEAP=512m, KAFKA_PROPERTIES="key=value ..." add to a first start.
source "$(dirname "$0")/lib.sh"

usage() { sed -n '2,16s/^# \{0,1\}//p' "$0"; }

# One CA, a server and a client certificate, as PEM and PKCS12.
make_certificates() {
  [ -e "$work/tls/trust.p12" ] && return 0
  mkdir -p "$work/tls"
  (
    cd "$work/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout ca.key -out ca.pem -subj /CN=weir-test-ca
    for name in server client; do
      openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
      openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -out $name.pem \
        -extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1)
      openssl pkcs12 -export -in $name.pem -inkey $name.key -certfile ca.pem -name $name -passout pass:changeit -out $name.p12
    done
    keytool -importcert -noprompt -alias ca -file ca.pem -storetype PKCS12 -keystore trust.p12 -storepass changeit
  ) >"$work/tls.log" 2>&1 || die "no certificates: $(tail -n 1 "$work/tls.log")"
}

# addresses LISTENER: that listener of every broker, joined by commas. Listeners: 0 plain, 1 controller, 2 SASL, 3 mutual TLS.
addresses() {
  local i out=()
  for ((i = 0; i < brokers; i++)); do out+=("127.0.0.1:${ports[per_broker * i + $1]}"); done
  (IFS=,; echo "${out[*]}")
}

voters() {
  local i out=()
  for ((i = 0; i < brokers; i++)); do out+=("$((i + 1))@127.0.0.1:${ports[per_broker * i + 1]}"); done
  (IFS=,; echo "${out[*]}")
}

broker_properties() { # INDEX
  local plain=${ports[per_broker * $1]} controller=${ports[per_broker * $1 + 1]} copies
  copies=$((brokers < 3 ? 1 : 3))
  cat <<P
process.roles=broker,controller
node.id=$(($1 + 1))
controller.quorum.voters=$(voters)
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
log.dirs=$work/data$1
num.partitions=1
auto.create.topics.enable=false
default.replication.factor=$copies
min.insync.replicas=$((brokers < 3 ? 1 : 2))
offsets.topic.replication.factor=$copies
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$((brokers < 3 ? 1 : 2))
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=16777216
P
  if [ "$secure" = 0 ]; then
    echo "listeners=PLAINTEXT://127.0.0.1:$plain,CONTROLLER://127.0.0.1:$controller"
  else
    cat <<P
listeners=PLAINTEXT://127.0.0.1:$plain,CONTROLLER://127.0.0.1:$controller,SASL_SSL://127.0.0.1:${ports[per_broker * $1 + 2]},SSL://127.0.0.1:${ports[per_broker * $1 + 3]}
ssl.keystore.type=PKCS12
ssl.keystore.location=$work/tls/server.p12
ssl.keystore.password=changeit
ssl.truststore.type=PKCS12
ssl.truststore.location=$work/tls/trust.p12
ssl.truststore.password=changeit
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_weir="weir-secret";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:weir;User:CN=client
P
  fi
  tr ' ' '\n' <<<"${KAFKA_PROPERTIES:-}"
}

write_env() {
  {
    printf 'KAFKA_BOOTSTRAP=%s\n' "$(addresses 0)"
    if [ "$secure" = 1 ]; then
      printf 'KAFKA_SASL_BOOTSTRAP=%s\nKAFKA_MTLS_BOOTSTRAP=%s\n' "$(addresses 2)" "$(addresses 3)"
      printf 'KAFKA_USER=weir\nKAFKA_PASSWORD=weir-secret\nKAFKA_CA=%q\n' "$work/tls/ca.pem"
      printf 'KAFKA_CLIENT_CERT=%q\nKAFKA_CLIENT_KEY=%q\n' "$work/tls/client.pem" "$work/tls/client.key"
    fi
    printf 'KAFKA_BROKERS=%d\nKAFKA_SECURE=%d\nKAFKA_PORTS=%s\n' "$brokers" "$secure" "$(IFS=,; echo "${ports[*]}")"
  } >"$work/env.new"
  mv "$work/env.new" "$work/env"
}

read_env() {
  [ -s "$work/env" ] || die "nothing was started in $work"
  source "$work/env"
  brokers=$KAFKA_BROKERS secure=$KAFKA_SECURE
  per_broker=$((secure == 1 ? 4 : 2))
  IFS=, read -ra ports <<<"$KAFKA_PORTS"
}

# What a cluster needs before its first start: ports, certificates, a formatted log folder per broker.
prepare() {
  local i cluster scram=()
  per_broker=$((secure == 1 ? 4 : 2))
  read -ra ports <<<"$(free_ports $((brokers * per_broker)))"
  cat >"$work/log4j2.yaml" <<'P'
Configuration: {Appenders: {Console: {name: C, PatternLayout: {pattern: "[%d] %p %m (%c)%n"}}}, Loggers: {Root: {level: INFO, AppenderRef: {ref: C}}}}
P
  if [ "$secure" = 1 ]; then
    make_certificates
    scram=(--add-scram 'SCRAM-SHA-256=[name=weir,password=weir-secret]' --add-scram 'SCRAM-SHA-512=[name=weir,password=weir-secret]')
  fi
  cluster=$(head -c 15 /dev/urandom | base64 | tr '+/' '-_')AA
  for ((i = 0; i < brokers; i++)); do
    rm -rf "$work/data$i"
    broker_properties $i >"$work/server$i.properties"
    "${run_java[@]}" kafka.tools.StorageTool format -t "W${cluster:1}" -c "$work/server$i.properties" "${scram[@]}" >"$work/format$i.log" 2>&1 ||
      die "format of broker $i failed: $(tail -n 3 "$work/format$i.log")"
  done
  write_env
}

start_broker() { # INDEX
  : >"$work/kafka$1.log"
  spawn "$work" "kafka$1" "${run_java[@]}" kafka.Kafka "$work/server$1.properties"
}
broker_ready() { ready "$work" "kafka$1" "${KAFKA_READY_SECONDS:-90}" grep -q 'Kafka Server started' "$work/kafka$1.log"; }

start() {
  local i attempt fresh
  brokers=1 secure=0
  while [ $# != 0 ]; do
    case $1 in
      --brokers) brokers=$2; shift 2 ;;
      --secure) secure=1; shift ;;
      *) die "unknown option $1" ;;
    esac
  done
  need kafka/.complete
  need py/.complete
  for attempt in 1 2 3; do
    if [ -s "$work/env" ]; then read_env; fresh=0; else prepare; fresh=1; fi
    for ((i = 0; i < brokers; i++)); do running "$work" "kafka$i" >/dev/null || start_broker $i; done
    for ((i = 0; i < brokers; i++)); do broker_ready $i 2>"$work/start.err" || break; done
    if [ $i = "$brokers" ]; then cat "$work/env"; return 0; fi
    stop
    # Somebody took a port between our look and the start of the broker: other ports, if nobody has seen these yet.
    if [ $fresh = 0 ] || ! grep -q 'Address already in use' "$work"/kafka*.log; then break; fi
    rm -f "$work/env"
  done
  cat "$work/start.err" >&2
  die "Kafka did not start in $work"
}

# All at once, and not for long: the last brokers of a cluster wait for a majority that will not come again.
stop() {
  local pid_file
  for pid_file in "$work"/kafka[0-9]*.pid; do
    [ -e "$pid_file" ] && halt "$work" "$(basename "$pid_file" .pid)" 5 &
  done
  wait
}

admin() {
  read_env
  exec "$deps/py/bin/python" "$here/kafka_admin.py" "$KAFKA_BOOTSTRAP" "$@"
}

case ${1:-} in -h | --help) usage; exit 0 ;; esac
[ $# -ge 2 ] || { usage >&2; exit 2; }
verb=$1
if [ "$verb" = start ]; then work=$(absolute "$2"); else work=$(cd "$2" 2>/dev/null && pwd) || die "no folder $2"; fi
shift 2
run_java=(java "-Xmx${KAFKA_HEAP:-512m}" -XX:+UseSerialGC "-Dlog4j2.configurationFile=$work/log4j2.yaml" -cp "$deps/kafka/*")
case $verb in
  start) start "$@" ;;
  stop) if [ $# = 0 ]; then stop; else halt "$work" "kafka$1"; fi ;;
  kill) crash "$work" "kafka${1:-0}" ;;
  restart)
    read_env
    halt "$work" "kafka${1:-0}"
    start_broker "${1:-0}"
    broker_ready "${1:-0}" || die "broker ${1:-0} did not come back"
    ;;
  topic) admin "topic-${1:-}" "${@:2}" ;;
  delete-records | offsets) admin "$verb" "$@" ;;
  *) usage >&2; exit 2 ;;
esac
