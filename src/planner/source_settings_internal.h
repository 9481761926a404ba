/// \file
/// What the pipeline file says of a source, as the connectors want it.
#pragma once

#include "connector/files/files_source.h"
#include "connector/kafka/kafka_source.h"
#include "planner/plan.h"

namespace weir::planner {

/// For a source with `files`. `once`: what is there now and no more.
connector::FilesSpec files_settings(const SourceSpec& source, bool once);

/// For a source with `kafka` of `plan`, of which only pipeline, folder and resources are looked at; checked as far as
/// that goes without a broker. Errors: invalid_argument, "SETTING: what is wrong", SETTING as a path below `kafka`.
Result<connector::KafkaSpec> kafka_settings(const Plan& plan, const SourceSpec& source, bool once);

}  // namespace weir::planner
