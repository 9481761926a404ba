#include "lake/tests/write_mask.h"

#include "base/check.h"
#include "columnar/column_builder.h"
#include "lake/data_file_writer_internal.h"

namespace weir::lake {
namespace {

// Iceberg specification, "Position Delete Files": reserved field ids.
constexpr int32_t kFilePathId = 2'147'483'546;
constexpr int32_t kPositionId = 2'147'483'545;

}  // namespace

iceberg::DataFile write_mask(ObjectStore& store, const iceberg::TableMetadata& table, const iceberg::DataFile& masked,
                             const std::vector<int64_t>& positions) {
  static int made = 0;
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{
      {.id = kFilePathId, .name = "file_path", .required = true, .type = Type::primitive(TypeKind::string)},
      {.id = kPositionId, .name = "pos", .required = true, .type = Type::primitive(TypeKind::int64)}});
  BytesBuilder paths(Type::primitive(TypeKind::string));
  FixedBuilder<int64_t> rows(Type::primitive(TypeKind::int64));
  for (const int64_t position : positions) {
    paths.append(masked.path);
    rows.append(position);
  }
  const DataFileLayout layout(schema, {}, {});
  const std::string uri = table.location + "/data/mask-" + std::to_string(++made) + ".parquet";
  std::unique_ptr<DataFileWriter> writer = DataFileWriter::create(store, uri, layout).value();
  const auto count = static_cast<int64_t>(positions.size());
  WEIR_CHECK(writer->write(Batch(schema, {paths.finish(), rows.finish()}, count, nullptr)).ok());
  iceberg::DataFile file = writer->finish(masked.partition, masked.spec_id).value();
  file.content = iceberg::FileContent::position_deletes;
  file.referenced_data_file = masked.path;
  return file;
}

}  // namespace weir::lake
