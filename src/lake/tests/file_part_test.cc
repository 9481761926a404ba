#include "lake/file_part.h"

#include <gmock/gmock.h>

#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

using FilePart = LakeTest;

TEST_F(FilePart, CarriesTheWholeDescriptionWithItsSpec) {
  TableDefinition wanted = definition("ops.a");
  wanted.spec.spec_id = 0;
  wanted.spec.fields = {{.source_id = 2, .field_id = 1000, .name = "name", .transform = {}}};
  LoadedTable table = catalog_->create(wanted).value();
  auto metadata = *table.metadata;
  iceberg::StoredSpec newer = *metadata.specs.front();
  newer.spec.spec_id = 7;
  metadata.specs.push_back(std::make_shared<const iceberg::StoredSpec>(std::move(newer)));
  metadata.default_spec_id = 7;
  FilePartWriter writer = FilePartWriter::make(metadata).value();
  iceberg::DataFile file = files_of(write_file(table, 0, 3)).front();
  file.spec_id = 7;
  ASSERT_TRUE(writer.add(file).ok());
  EXPECT_GT(writer.memory_bytes(), 0);
  EXPECT_THAT(files_of(writer.finish()), testing::ElementsAre(file));
  EXPECT_EQ(writer.memory_bytes(), 0);
  EXPECT_EQ(writer.finish(), "") << "what was handed out is not handed out again";
}

TEST_F(FilePart, BytesThatAreNoneAreCorrupt) {
  const LoadedTable table = catalog_->create(definition("ops.a")).value();
  const std::string part = write_file(table, 0, 3);
  EXPECT_EQ(FilePartReader::open(std::string_view(part).substr(0, 3)).error().kind(), ErrorKind::corrupt);
  FilePartReader cut = FilePartReader::open(std::string_view(part).substr(0, part.size() - 1)).value();
  iceberg::DataFile file;
  EXPECT_EQ(cut.next(file).error().kind(), ErrorKind::corrupt);
}

}  // namespace
}  // namespace weir::lake
