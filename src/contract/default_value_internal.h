/// \file
/// Defaults of columns: from YAML to the JSON text that decoders read in place of an absent field.
#pragma once

#include <string>

#include "base/result.h"
#include "columnar/schema.h"
#include "columnar/text_format.h"
#include "config/document.h"

namespace weir::contract {

/// The JSON text of `node` as a value of `field`, written as `format` has it in events (epoch numbers, hex, names of
/// the event's fields). Errors: invalid_argument naming what is wrong with which part.
Result<std::string> default_json(const config::Node& node, const Field& field, const TextFormat& format);

}  // namespace weir::contract
