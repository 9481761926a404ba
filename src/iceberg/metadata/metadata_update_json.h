/// \file
/// Requirements and updates as the REST catalog writes them (Iceberg REST OpenAPI, CommitTableRequest).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/metadata/metadata_update.h"

namespace weir::iceberg {

/// `{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":null}`
std::string requirement_to_json(const Requirement& requirement);
/// `{"action":"add-snapshot","snapshot":{...}}`
std::string update_to_json(const MetadataUpdate& update);

/// Errors: corrupt; unsupported for kinds that this version does not apply.
Result<Requirement> requirement_from_json(std::string_view text);
Result<MetadataUpdate> update_from_json(std::string_view text);

/// The members of a commit request: `{"requirements":[...],"updates":[...]}`.
std::string commit_request_to_json(std::span<const Requirement> requirements, std::span<const MetadataUpdate> updates);

}  // namespace weir::iceberg
