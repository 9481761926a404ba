/// \file
/// What the pipeline file says of a source, as the connectors want it.
#pragma once

#include "connector/files/files_source.h"
#include "connector/kafka/kafka_source.h"
#include "planner/plan.h"

namespace weir::planner {

/// For the source called `name`, which has `files`. `once`: what is there now and no more.
connector::FilesSpec files_settings(const std::string& name, const SourceSpec& source, bool once);

/// For the source called `name` with `kafka` of `plan`, of which only pipeline, folder and resources are looked at;
/// checked as far as that goes without a broker. Errors: invalid_argument, "SETTING: what is wrong", SETTING as a path
/// below `kafka`.
Result<connector::KafkaSpec> kafka_settings(const Plan& plan, const std::string& name, const SourceSpec& source,
                                            bool once);

}  // namespace weir::planner
