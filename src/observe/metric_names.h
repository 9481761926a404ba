/// \file
/// Every metric of Weir: name, type, unit, meaning, labels. Prometheus conventions; the process_* names are those that
/// every Prometheus client library uses. docs/operating/metrics.md says the same for people, and a test holds it to
/// this file.
///
/// Names are stable: a metric may be added, never renamed or given another meaning.
#pragma once

#include <array>
#include <span>

#include "observe/metrics.h"

namespace weir::observe::metric {

inline constexpr std::array<double, 14> kCommitSeconds = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                                          2.5,  5,     10,   30,  60,   120, 300};

// What came in.
inline constexpr MetricSpec kEventsRead{.name = "weir_events_read_total",
                                        .type = MetricType::counter,
                                        .unit = "events",
                                        .help = "Events taken from all sources.",
                                        .labels = {"pipeline"}};
inline constexpr MetricSpec kBytesRead{.name = "weir_bytes_read_total",
                                       .type = MetricType::counter,
                                       .unit = "bytes",
                                       .help = "Bytes of the events taken from all sources, uncompressed.",
                                       .labels = {"pipeline"}};
inline constexpr MetricSpec kConsumerLagEvents{.name = "weir_consumer_lag_events",
                                               .type = MetricType::gauge,
                                               .unit = "events",
                                               .help = "Kafka messages that are not yet read; absent when unknown.",
                                               .labels = {"pipeline"}};
inline constexpr MetricSpec kConsumerLagBytes{
    .name = "weir_consumer_lag_bytes",
    .type = MetricType::gauge,
    .unit = "bytes",
    .help = "Bytes of known files that are not yet read; absent when unknown.",
    .labels = {"pipeline"}};

// What happened to it.
inline constexpr MetricSpec kStepRowsIn{.name = "weir_step_rows_in_total",
                                        .type = MetricType::counter,
                                        .unit = "rows",
                                        .help = "Rows that a step received.",
                                        .labels = {"pipeline", "step"}};
inline constexpr MetricSpec kStepRowsOut{.name = "weir_step_rows_out_total",
                                         .type = MetricType::counter,
                                         .unit = "rows",
                                         .help = "Rows that a step handed on.",
                                         .labels = {"pipeline", "step"}};
inline constexpr MetricSpec kStepRejects{.name = "weir_step_rejects_total",
                                         .type = MetricType::counter,
                                         .unit = "events",
                                         .help = "Events that a step rejected.",
                                         .labels = {"pipeline", "step"}};
inline constexpr MetricSpec kStepCpu{.name = "weir_step_cpu_seconds_total",
                                     .type = MetricType::counter,
                                     .unit = "seconds",
                                     .help = "CPU time of a source, step or sink on its task's thread.",
                                     .labels = {"pipeline", "step"}};
inline constexpr MetricSpec kRejects{.name = "weir_rejects_total",
                                     .type = MetricType::counter,
                                     .unit = "events",
                                     .help = "Events rejected so far, committed or not.",
                                     .labels = {"pipeline"}};
inline constexpr MetricSpec kRejectsByClass{
    .name = "weir_rejects_by_class_total",
    .type = MetricType::counter,
    .unit = "events",
    .help = "Events in the dead letter by reject class (malformed, wrong_type, rule, ...).",
    .labels = {"pipeline", "class"}};
inline constexpr MetricSpec kUnknownFields{
    .name = "weir_unknown_fields_total",
    .type = MetricType::counter,
    .unit = "events",
    .help = "Committed events with a field that the contract does not name, by field (at most 100, then \"(others)\").",
    .labels = {"pipeline", "field"}};
inline constexpr MetricSpec kRejectsCommitted{.name = "weir_rejects_committed_total",
                                              .type = MetricType::counter,
                                              .unit = "events",
                                              .help = "Events that are in the dead-letter table.",
                                              .labels = {"pipeline"}};
inline constexpr MetricSpec kRejectWarnings{
    .name = "weir_reject_warnings_total",
    .type = MetricType::counter,
    .unit = "warnings",
    .help = "Times that more events were rejected than the `warn` of reject_limit allows.",
    .labels = {"pipeline"}};
inline constexpr MetricSpec kRuleBroken{
    .name = "weir_rule_broken_total",
    .type = MetricType::counter,
    .unit = "rows",
    .help = "Committed rows that broke a rule of the contract, whatever its action.",
    .labels = {"pipeline", "rule"}};
inline constexpr MetricSpec kRowsDropped{.name = "weir_rows_dropped_total",
                                         .type = MetricType::counter,
                                         .unit = "rows",
                                         .help = "Rows left out because a broken rule has the action drop.",
                                         .labels = {"pipeline"}};

// What landed.
inline constexpr MetricSpec kRowsCommitted{.name = "weir_rows_committed_total",
                                           .type = MetricType::counter,
                                           .unit = "rows",
                                           .help = "Rows in committed snapshots of all tables but the dead letter.",
                                           .labels = {"pipeline"}};
inline constexpr MetricSpec kTableRowsCommitted{.name = "weir_table_rows_committed_total",
                                                .type = MetricType::counter,
                                                .unit = "rows",
                                                .help = "Rows committed to a table.",
                                                .labels = {"pipeline", "table"}};
inline constexpr MetricSpec kTableFilesCommitted{.name = "weir_table_files_committed_total",
                                                 .type = MetricType::counter,
                                                 .unit = "files",
                                                 .help = "Data files committed to a table.",
                                                 .labels = {"pipeline", "table"}};
inline constexpr MetricSpec kTableBytesCommitted{.name = "weir_table_bytes_committed_total",
                                                 .type = MetricType::counter,
                                                 .unit = "bytes",
                                                 .help = "Bytes of the data files committed to a table.",
                                                 .labels = {"pipeline", "table"}};
inline constexpr MetricSpec kFreshness{
    .name = "weir_freshness_seconds",
    .type = MetricType::gauge,
    .unit = "seconds",
    .help =
        "Time since the last commit while events that were read are not yet covered by one; 0 when all are, and "
        "absent before the first commit.",
    .labels = {"pipeline"}};

// How commits go.
inline constexpr MetricSpec kEpochs{.name = "weir_epochs_total",
                                    .type = MetricType::counter,
                                    .unit = "epochs",
                                    .help = "Epochs cut, empty ones included.",
                                    .labels = {"pipeline"}};
inline constexpr MetricSpec kCommits{.name = "weir_commits_total",
                                     .type = MetricType::counter,
                                     .unit = "commits",
                                     .help = "Epochs committed.",
                                     .labels = {"pipeline"}};
inline constexpr MetricSpec kCommitRetries{
    .name = "weir_commit_retries_total",
    .type = MetricType::counter,
    .unit = "attempts",
    .help = "Commit attempts that had to be repeated, by error kind, or unknown_outcome.",
    .labels = {"pipeline", "reason"}};
inline constexpr MetricSpec kCommitDuration{.name = "weir_commit_duration_seconds",
                                            .type = MetricType::histogram,
                                            .unit = "seconds",
                                            .help = "Time from the first attempt of a commit to its outcome.",
                                            .labels = {"pipeline"},
                                            .buckets = kCommitSeconds};
inline constexpr MetricSpec kLastCommitTimestamp{.name = "weir_last_commit_timestamp_seconds",
                                                 .type = MetricType::gauge,
                                                 .unit = "seconds",
                                                 .help = "Unix time of the last commit; absent before the first.",
                                                 .labels = {"pipeline"}};
inline constexpr MetricSpec kCommitting{.name = "weir_committing",
                                        .type = MetricType::gauge,
                                        .unit = "",
                                        .help = "1 while a commit is on its way to the catalog.",
                                        .labels = {"pipeline"}};
// Its name is what people ask for: what is prepared was once called an intent.
inline constexpr MetricSpec kRecoveredCommits{.name = "weir_recovered_intents_total",
                                              .type = MetricType::counter,
                                              .unit = "intents",
                                              .help = "Commits of an earlier process that this one brought to an end.",
                                              .labels = {"pipeline"}};

// The pipeline and the process.
inline constexpr MetricSpec kReady{.name = "weir_ready",
                                   .type = MetricType::gauge,
                                   .unit = "",
                                   .help = "1 when tables and sources are open and earlier commits are resolved.",
                                   .labels = {"pipeline"}};
inline constexpr MetricSpec kWriterMemory{.name = "weir_writer_memory_bytes",
                                          .type = MetricType::gauge,
                                          .unit = "bytes",
                                          .help = "Memory that table writers hold for rows not yet in files.",
                                          .labels = {"pipeline"}};
inline constexpr MetricSpec kBuildInfo{.name = "weir_build_info",
                                       .type = MetricType::gauge,
                                       .unit = "",
                                       .help = "Always 1; the labels say which build runs.",
                                       .labels = {"version", "revision"}};
inline constexpr MetricSpec kHttpRequests{.name = "weir_http_requests_total",
                                          .type = MetricType::counter,
                                          .unit = "requests",
                                          .help = "HTTP answers by status code; refused requests included.",
                                          .labels = {"status"}};
inline constexpr MetricSpec kProcessCpu{.name = "process_cpu_seconds_total",
                                        .type = MetricType::counter,
                                        .unit = "seconds",
                                        .help = "User and system CPU time of the process."};
inline constexpr MetricSpec kProcessResidentMemory{.name = "process_resident_memory_bytes",
                                                   .type = MetricType::gauge,
                                                   .unit = "bytes",
                                                   .help = "Resident memory of the process."};
inline constexpr MetricSpec kProcessVirtualMemory{.name = "process_virtual_memory_bytes",
                                                  .type = MetricType::gauge,
                                                  .unit = "bytes",
                                                  .help = "Virtual memory of the process."};
inline constexpr MetricSpec kProcessOpenFds{
    .name = "process_open_fds", .type = MetricType::gauge, .unit = "descriptors", .help = "Open file descriptors."};
inline constexpr MetricSpec kProcessMaxFds{.name = "process_max_fds",
                                           .type = MetricType::gauge,
                                           .unit = "descriptors",
                                           .help = "Limit on open file descriptors."};
inline constexpr MetricSpec kProcessThreads{
    .name = "process_threads", .type = MetricType::gauge, .unit = "threads", .help = "Threads of the process."};
inline constexpr MetricSpec kProcessStartTime{.name = "process_start_time_seconds",
                                              .type = MetricType::gauge,
                                              .unit = "seconds",
                                              .help = "Unix time at which the process began."};

/// All of the above, in the order of docs/operating/metrics.md.
std::span<const MetricSpec* const> all();

}  // namespace weir::observe::metric
