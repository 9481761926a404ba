#include "lake/file_part.h"

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "lake/tests/lake_fixture.h"
#include "lake/tests/write_mask.h"

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

TEST_F(FilePart, CarriesWhatGoesBesideWhatComes) {
  const LoadedTable table = catalog_->create(definition("ops.a")).value();
  const iceberg::DataFile added = files_of(write_file(table, 0, 3)).front();
  const iceberg::DataFile removed = files_of(write_file(table, 3, 3)).front();
  const iceberg::DataFile mask = write_mask(*store_, *table.metadata, added, {1});
  FilePartWriter writer = FilePartWriter::make(*table.metadata).value();
  ASSERT_TRUE(writer.add(mask, FileAction::mask).ok());
  ASSERT_TRUE(writer.add(removed, FileAction::remove).ok());
  ASSERT_TRUE(writer.add(added).ok());
  writer.delete_keys("some keys");
  const std::string part = writer.finish();
  FilePartReader reader = FilePartReader::open(part).value();
  std::vector<std::pair<FileAction, iceberg::DataFile>> read;
  for (FileChange change; reader.next(change).value();) read.emplace_back(change.action, change.file);
  EXPECT_THAT(read, testing::ElementsAre(std::pair(FileAction::add, added), std::pair(FileAction::remove, removed),
                                         std::pair(FileAction::mask, mask)));
  EXPECT_THAT(reader.keys(), testing::ElementsAre("some keys"));
}

TEST_F(FilePart, AFileThatMasksMustSayWhatItMasks) {
  const LoadedTable table = catalog_->create(definition("ops.a")).value();
  iceberg::DataFile mask = write_mask(*store_, *table.metadata, files_of(write_file(table, 0, 3)).front(), {1});
  mask.referenced_data_file.reset();
  FilePartWriter writer = FilePartWriter::make(*table.metadata).value();
  EXPECT_EQ(writer.add(mask, FileAction::mask).error().kind(), ErrorKind::invalid_argument);
}

TEST_F(FilePart, BytesThatAreNoneAreCorrupt) {
  const LoadedTable table = catalog_->create(definition("ops.a")).value();
  const std::string part = write_file(table, 0, 3);
  for (size_t length = 1; length < part.size(); ++length)
    EXPECT_EQ(FilePartReader::open(std::string_view(part).substr(0, length)).error().kind(), ErrorKind::corrupt);
  ByteWriter broken;
  broken.fixed(static_cast<uint8_t>(FileAction::add));
  const std::string_view manifest = FilePartReader::open(part).value().packed(FileAction::add);
  broken.string(manifest.substr(0, manifest.size() - 1));
  const std::string with_less = std::move(broken).release();
  FilePartReader cut = FilePartReader::open(with_less).value();
  FileChange change;
  EXPECT_EQ(cut.next(change).error().kind(), ErrorKind::corrupt);
}

}  // namespace
}  // namespace weir::lake
