#include "iceberg/metadata/name_mapping.h"

#include "iceberg/metadata/json_internal.h"

namespace weir::iceberg {
namespace {

Json mapping_tree(const std::vector<Field>& fields) {
  Json json = Json::array();
  for (const Field& field : fields) {
    Json item = {{"field-id", field.id}, {"names", Json::array({field.name})}};
    if (field.type->is_nested()) item["fields"] = mapping_tree(field.type->fields());
    json.push_back(std::move(item));
  }
  return json;
}

}  // namespace

std::string name_mapping_to_json(const Schema& schema) {
  return dump(mapping_tree(schema.fields()));
}

}  // namespace weir::iceberg
