#include "connector/iceberg/iceberg_kind.h"

#include <array>

#include "config/type_shape.h"
#include "iceberg/partition/partition_text.h"
#include "lake/table_writer.h"

namespace weir::connector {
namespace {

using config::Description;
using config::EnumName;

constexpr std::array kModes = {EnumName{"append", static_cast<int64_t>(SinkMode::append), "every row is added"}};
constexpr std::array kParquetEncodings = {
    EnumName{"compatible", static_cast<int64_t>(ParquetEncodings::compatible), "what every reader knows"},
    EnumName{"modern", static_cast<int64_t>(ParquetEncodings::modern),
             "smaller and cheaper; docs/formats/parquet.md says who reads it"}};
constexpr std::array kEvolutions = {
    EnumName{"safe", static_cast<int64_t>(Evolution::safe),
             "a run adds optional columns, widens types and makes columns optional, where the rows need it"},
    EnumName{"none", static_cast<int64_t>(Evolution::none), "the table stays as it is"}};

/// Why a new table cannot have this property; empty when it can.
std::string refused_property(const std::string& key, const std::string& value) {
  if (key.starts_with("weir.")) return "Weir keeps what it remembers of its pipelines under 'weir.'";
  if (key == "format-version") return "Weir makes tables of format version 2, and no other";
  // Other writers would obey these, and the files of the table would be of two kinds.
  if (key == "write.format.default" && value != "parquet") return "Weir writes Parquet files, and no other";
  if (key == lake::kEncodingsProperty && value != "compatible" && value != "modern")
    return "encodings are 'compatible' or 'modern'";
  if (key == "write.parquet.compression-codec" && value != "zstd") return "Weir compresses with zstd, and nothing else";
  return {};
}

void bind_partition(const IcebergKeys& keys, lake::TableDefinition& definition, config::FileErrors& errors) {
  for (const auto& text : keys.partition) {
    Result<iceberg::PartitionField> field = iceberg::parse_partition_field(*text, *definition.schema);
    if (!field.ok()) {
      errors.at(text.location, field.error().message());
      continue;
    }
    field->field_id = iceberg::kPartitionFieldIdMin + static_cast<int32_t>(definition.spec.fields.size());
    definition.spec.fields.push_back(*std::move(field));
  }
  const Result<void> checked = iceberg::check_partition_spec(definition.spec, *definition.schema);
  if (!checked.ok() && !keys.partition.empty()) errors.at(keys.partition.front().location, checked.error().message());
}

}  // namespace

std::span<const EnumName> enum_names(SinkMode) {
  return kModes;
}
std::span<const EnumName> enum_names(ParquetEncodings) {
  return kParquetEncodings;
}
std::span<const EnumName> enum_names(Evolution) {
  return kEvolutions;
}

void describe(Description& d, ParquetKeys& s) {
  d.structure("parquet", "How data files are written.");
  d.field("encodings", s.encodings)
      .required()
      .doc("Which encodings files may use; overrides the table property `write.parquet.encodings`.");
}

void describe(Description& d, IcebergKeys& s) {
  d.structure("iceberg_sink", "Lands rows in an Iceberg table, which is made when it is missing.");
  d.shorthand("table");
  d.field("table", s.table).required().not_empty().doc("Namespace and name.").example("ops.flights");
  d.field("partition", s.partition)
      .list_or_one()
      .doc("Columns and transforms: day(ts), bucket(16, id), truncate(4, code), year, month, hour.")
      .example("[day(ts)]");
  d.field("mode", s.mode).doc("What becomes of rows.");
  d.field("parquet", s.parquet).doc("How this sink's data files are written; by default as the table says.");
  d.field("properties", s.properties)
      .doc("Table properties for a table that is made; not those that Weir keeps or cannot honour.")
      .example("{write.metadata.metrics.default: full}");
  d.field("evolution", s.evolution).doc("How a table that is there may change to take the rows.");
  d.field("new_columns", s.new_columns)
      .list_or_one()
      .doc(
          "Columns that are new in the table, and not columns of it under another name: what a run asks for when a "
          "column appears while another one is no longer written.")
      .example("[remark]");
}

BoundIcebergTable bind_iceberg(const IcebergKeys& keys, const SchemaPtr& input, const std::string& path,
                               config::FileErrors& errors) {
  BoundIcebergTable bound;
  const std::string properties = config::path_key(path, "properties");
  for (const auto& [key, value] : keys.properties) {
    const std::string why = refused_property(key, value);
    if (!why.empty()) errors.at_path(config::path_key(properties, key), why);
  }
  bound.definition.properties = {keys.properties.begin(), keys.properties.end()};
  bound.evolution = {
      .mode = keys.evolution == Evolution::none ? iceberg::EvolutionMode::none : iceberg::EvolutionMode::safe,
      .new_columns = keys.new_columns};
  if (keys.parquet)
    bound.write_properties[lake::kEncodingsProperty] =
        keys.parquet->encodings == ParquetEncodings::modern ? "modern" : "compatible";
  if (input) {
    bound.definition.schema = std::make_shared<const Schema>(assign_ids(input->fields()));
    bind_partition(keys, bound.definition, errors);
  }
  return bound;
}

}  // namespace weir::connector
