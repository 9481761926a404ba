#include "lake/file_part.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace weir::lake {
namespace {

constexpr int64_t kNoSnapshot = 1;       // the format wants one; the committer draws the true one
constexpr uint8_t kKeys = kFileActions;  // sections are of a FileAction, or of keys

Error damaged(const std::string& what) {
  return Error(ErrorKind::corrupt, "a part of an epoch " + what);
}

}  // namespace

Result<FilePartWriter> FilePartWriter::make(const iceberg::TableMetadata& table) {
  const iceberg::StoredSchema& schema = table.current_schema();
  WEIR_ASSIGN(iceberg::ManifestFormat format,
              iceberg::ManifestFormat::make(*schema.schema, schema.json, table.default_spec()));
  return FilePartWriter(std::move(format));
}

Result<void> FilePartWriter::add(iceberg::DataFile file, FileAction action) {
  const bool masks = action == FileAction::mask;
  if (masks && !file.referenced_data_file)
    return Error(ErrorKind::invalid_argument, "the file '" + file.path + "' does not say which file's rows it deletes");
  std::optional<iceberg::ManifestWriter>& writer = files_[static_cast<size_t>(action)];
  if (!writer)
    writer.emplace(format_, masks ? iceberg::ManifestContent::deletes : iceberg::ManifestContent::data, kNoSnapshot);
  iceberg::ManifestEntry entry;
  entry.file = std::move(file);
  return writer->add(entry);
}

std::string FilePartWriter::finish() {
  ByteWriter part;
  for (size_t action = 0; action < kFileActions; ++action) {
    if (!files_[action]) continue;
    part.fixed(static_cast<uint8_t>(action));
    part.string(std::move(*files_[action]).finish().bytes);
    files_[action].reset();
  }
  for (const std::string& keys : std::exchange(keys_, {})) {
    part.fixed(kKeys);
    part.string(keys);
  }
  return std::move(part).release();
}

int64_t FilePartWriter::memory_bytes() const {
  int64_t bytes = 0;
  for (const std::optional<iceberg::ManifestWriter>& writer : files_) bytes += writer ? writer->memory_bytes() : 0;
  for (const std::string& keys : keys_) bytes += static_cast<int64_t>(keys.size());
  return bytes;
}

Result<FilePartReader> FilePartReader::open(std::string_view part) {
  FilePartReader reader;
  ByteReader in(part);
  while (in.remaining() > 0) {
    const auto section = in.fixed<uint8_t>();
    const std::string_view bytes = in.string();
    if (in.failed() || bytes.empty() || section > kKeys) return damaged("is cut short or of another version");
    if (section == kKeys)
      reader.keys_.push_back(bytes);
    else if (std::exchange(reader.packed_[section], bytes).data() != nullptr)
      return damaged("says twice which files it is about");
  }
  return reader;
}

Result<bool> FilePartReader::next(FileChange& change) {
  for (; action_ < kFileActions; ++action_, entries_.reset()) {
    if (packed_[action_].empty()) continue;
    if (!entries_) {
      const bool masks = action_ == static_cast<size_t>(FileAction::mask);
      const iceberg::ManifestFile about{.content =
                                            masks ? iceberg::ManifestContent::deletes : iceberg::ManifestContent::data};
      WEIR_ASSIGN(entries_, iceberg::ManifestReader::open(packed_[action_], about));
      const std::optional<int32_t> spec_id = entries_->header_spec_id();
      if (!spec_id) return damaged("names no partition spec");
      spec_id_ = *spec_id;
    }
    iceberg::ManifestEntry entry;
    WEIR_ASSIGN(const bool more, entries_->next(entry));
    if (!more) continue;
    change = {.action = static_cast<FileAction>(action_), .file = std::move(entry.file)};
    change.file.spec_id = spec_id_;
    return true;
  }
  return false;
}

}  // namespace weir::lake
