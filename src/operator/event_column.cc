#include "base/suggest.h"
#include "operator/event_column_internal.h"

namespace weir::operators {

Result<int> column_index(const Schema& schema, const std::string& name) {
  const int index = schema.find(name);
  if (index < 0) {
    return Error(ErrorKind::not_found, "there is no column '" + name + "' here" + did_you_mean(name, schema.names()));
  }
  return index;
}

Result<int> time_column(const Schema& schema, const std::string& name) {
  WEIR_ASSIGN(const int index, column_index(schema, name));
  const Type& type = *schema.field(static_cast<size_t>(index)).type;
  if (type.kind() != TypeKind::timestamp && type.kind() != TypeKind::timestamptz) {
    return Error(ErrorKind::invalid_argument,
                 "column '" + name + "' is " + type.to_string() + "; event time is a timestamp or timestamptz");
  }
  return index;
}

}  // namespace weir::operators
