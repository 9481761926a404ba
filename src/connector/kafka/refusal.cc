#include "connector/kafka/refusal_internal.h"

namespace weir::connector {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Says what to check when a TLS handshake failed.
std::string tls_advice(std::string_view reason, const KafkaSecurity& security) {
  if (has(reason, "hostname mismatch") || has(reason, "Hostname mismatch") || has(reason, "IP address mismatch")) {
    return "the broker's certificate is for another name: connect by a name that it carries (subjectAltName), or set "
           "check_hostname to false if you "
           "know why";
  }
  if (has(reason, "certificate required") || has(reason, "client SSL authentication") ||
      has(reason, "bad certificate") || has(reason, "unknown ca") || has(reason, "alert certificate")) {
    return security.certificate.empty()
               ? "the broker asks for a client certificate: set security.certificate and security.key"
               : "the broker does not accept our client certificate: check certificate and "
                 "key, and whom the broker trusts";
  }
  if (has(reason, "certificate verify failed") || has(reason, "verify broker certificate")) {
    const std::string trusted = !security.ca_file.empty()  ? "security.ca ('" + security.ca_file + "')"
                                : !security.ca_pem.empty() ? "security.ca"
                                                           : "security.ca (not set: the system's list is used)";
    return "the broker's certificate is not signed by whom we trust, has expired, or is for another name: check " +
           trusted + " and the address";
  }
  if (has(reason, "wrong version number"))
    return "the broker does not speak TLS on this port: check the port and security.protocol";
  return "check certificates, security.ca and the port";
}

/// librdkafka 2.x: "SASL ... mechanism handshake failed: Local: Broker transport failure: broker's supported ...". An
/// answer of the broker reads "Broker: ...".
bool is_broken_off(std::string_view reason) {
  return has(reason, "handshake failed: Local: ");
}

}  // namespace

std::optional<Error> refusal_of(rd_kafka_resp_err_t code, const std::string& reason, const std::string& brokers,
                                const KafkaSecurity& security) {
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && !is_broken_off(reason)) {
    const std::string who =
        security.username.empty() ? "" : " for user '" + security.username + "' by " + security.mechanism;
    return Error(ErrorKind::unauthenticated, "Kafka at " + brokers + " rejected our login" + who + ": " + reason +
                                                 ". Check username, password and mechanism");
  }
  if (code == RD_KAFKA_RESP_ERR__SSL) {
    return Error(ErrorKind::unauthenticated, "Kafka at " + brokers + ": TLS failed: " + reason +
                                                 ". What to check: " + tls_advice(reason, security));
  }
  return std::nullopt;
}

}  // namespace weir::connector
