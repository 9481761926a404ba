/// \file
/// Which names a column of a table may have.
#pragma once

#include <string>
#include <string_view>

namespace weir::contract {

/// Why no table can have a column of this name: empty, longer than 255 bytes, a dot (it leads into structs), a control
/// character, a blank at an end, or reserved by Iceberg. Empty text when it may.
std::string refused_column_name(std::string_view name);

}  // namespace weir::contract
