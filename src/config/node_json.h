/// \file
/// A YAML value as JSON text.
#pragma once

#include <string>

#include "config/document.h"

namespace weir::config {

/// Plain numbers and booleans stay what they are (a number that JSON cannot write becomes text), everything else is
/// text, null, list or object.
std::string node_to_json(const Node& node);

}  // namespace weir::config
