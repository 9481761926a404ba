#include "contract/column_name.h"

#include <algorithm>
#include <array>

namespace weir::contract {
namespace {

constexpr size_t kBytesMax = 255;
// Metadata columns of Iceberg's specification, "Reserved Field IDs".
constexpr std::array<std::string_view, 7> kReserved = {
    "_file", "_pos", "_deleted", "_spec_id", "_partition", "_row_id", "_last_updated_sequence_number"};

}  // namespace

std::string refused_column_name(std::string_view name) {
  if (name.empty()) return "a column without a name";
  if (name.size() > kBytesMax) return "a column's name of more than " + std::to_string(kBytesMax) + " bytes";
  const std::string quoted = "'" + std::string(name) + "'";
  if (name.find('.') != std::string_view::npos)
    return "a dot in the column's name " + quoted + "; dots lead into structs";
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20; }))
    return "a control character in a column's name";
  if (name.front() == ' ' || name.back() == ' ') return "a blank at the end of the column's name " + quoted;
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
    return "Iceberg reserves the name " + quoted + " for itself";
  return {};
}

}  // namespace weir::contract
