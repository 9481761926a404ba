#include <algorithm>
#include <cstring>
#include <utility>

#include "format/parquet/write/chunk_copy.h"
#include "format/parquet/write/chunk_writer.h"
#include "format/parquet/writer.h"

namespace weir::parquet {
namespace {

constexpr std::string_view kFileMagic = "PAR1";
// parquet-java parses this form only, and distrusts files whose writer it cannot parse.
constexpr const char* kCreatedBy = "weir version " WEIR_VERSION " (build release)";
/// Rows go to the columns in slices, so that a slice's values stay in the cache between its passes, and pages end near
/// their limits.
constexpr int64_t kSliceRows = 8192;
constexpr int64_t kPagesExpected = 4;
/// What a chunk that has ended takes beside its indexes: its entry in the footer, with names, bounds and histograms.
constexpr int64_t kEndedChunkBytes = sizeof(WrittenChunk) + sizeof(ColumnChunk) + 512;
/// What it takes once more when the file ends, as bytes of the footer; its indexes do so too.
constexpr int64_t kFooterChunkBytes = 400;

class FileWriter final : public Writer {
 public:
  FileWriter(SchemaPtr schema, WriterOptions options, ByteSink& sink)
      : schema_(std::move(schema)), options_(std::move(options)), sink_(sink) {
    for (Leaf& leaf : leaves_of(*schema_)) chunks_.push_back(std::make_unique<ChunkWriter>(std::move(leaf), options_));
  }

  Result<void> write(const Batch& batch) override {
    WEIR_CHECK(batch.all_selected() && batch.columns().size() == schema_->size());
    if (position_ == 0) WEIR_TRY(append(kFileMagic));
    const auto batch_bytes = static_cast<int64_t>(batch.memory_bytes());
    // A batch that is larger than a row group becomes several.
    const int64_t part_rows =
        batch_bytes <= options_.row_group_bytes
            ? batch.rows()
            : std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(batch.rows()) *
                                                        static_cast<double>(options_.row_group_bytes) /
                                                        static_cast<double>(batch_bytes)));
    for (int64_t begin = 0; begin < batch.rows(); begin += part_rows) {
      if (group_bytes_ >= options_.row_group_bytes) WEIR_TRY(put_row_group());
      const int64_t end = std::min(begin + part_rows, batch.rows());
      WEIR_TRY(add_rows(batch, begin, end, batch_bytes * (end - begin) / batch.rows()));
    }
    measure_memory();
    return {};
  }

  Result<void> end_row_group() override {
    if (group_rows_ > 0) WEIR_TRY(put_row_group());
    for (const auto& chunk : chunks_) chunk->free_buffers();
    measure_memory();
    return {};
  }

  Result<void> copy_row_group(ByteSource& source, const FileMetadata& metadata, size_t index) override {
    WEIR_TRY(check_same_leaves(to_elements(*schema_), metadata.schema));
    if (index >= metadata.row_groups.size() || metadata.row_groups[index].columns.size() != chunks_.size() ||
        metadata.row_groups[index].rows <= 0)
      return Error(ErrorKind::corrupt, "Parquet: there is no such row group");
    if (position_ == 0) WEIR_TRY(append(kFileMagic));
    if (group_rows_ > 0) WEIR_TRY(put_row_group());
    has_copies_ = true;
    return add_row_group(metadata.row_groups[index].rows, metadata.row_groups[index].sorting, [&](size_t leaf) {
      return copy_chunk(source, metadata.row_groups[index].columns[leaf], chunks_[leaf]->leaf().path, sink_, position_);
    });
  }

  Result<FileFacts> finish() override {
    WEIR_CHECK(group_rows_ + metadata_.rows > 0);
    if (group_rows_ > 0) WEIR_TRY(put_row_group());
    WEIR_TRY(write_indexes());
    metadata_.schema = to_elements(*schema_);
    metadata_.created_by = kCreatedBy;
    std::string footer = to_bytes(metadata_);
    if (footer.size() > INT32_MAX) return Error(ErrorKind::limit_exceeded, "Parquet: the footer is larger than 2 GiB");
    const auto size = static_cast<uint32_t>(footer.size());
    footer.append(reinterpret_cast<const char*>(&size), sizeof size);
    footer.append(kFileMagic);
    WEIR_TRY(append(footer));
    return facts();
  }

  int64_t memory_bytes() const override { return memory_bytes_; }

  int64_t estimated_size_bytes() const override {
    int64_t bytes = position_ + index_bytes_;
    for (const auto& chunk : chunks_) bytes += chunk->chunk_bytes();
    return bytes;
  }

 private:
  Result<void> append(std::string_view bytes) {
    position_ += static_cast<int64_t>(bytes.size());
    return sink_.append(bytes);
  }

  /// A group may end early, at a commit: so no more than a few pages are counted on.
  int64_t rows_expected_in_group(int64_t rows, int64_t bytes) const {
    if (bytes == 0) return rows;
    const auto full = static_cast<int64_t>(static_cast<double>(rows) * static_cast<double>(options_.row_group_bytes) /
                                           static_cast<double>(bytes));
    return std::max(rows, std::min(full, kPagesExpected * rows));
  }

  /// Rows [begin, end) of `batch`, which have `bytes` bytes.
  Result<void> add_rows(const Batch& batch, int64_t begin, int64_t end, int64_t bytes) {
    const int64_t rows_expected = rows_expected_in_group(group_rows_ + end - begin, group_bytes_ + bytes);
    for (const std::unique_ptr<ChunkWriter>& chunk : chunks_) {
      for (int64_t at = begin; at < end; at += kSliceRows)
        WEIR_TRY(chunk->add(locator_, batch.columns(), at, std::min(at + kSliceRows, end), rows_expected));
    }
    group_rows_ += end - begin;
    group_bytes_ += bytes;
    return {};
  }

  void measure_memory() {
    memory_bytes_ = static_cast<int64_t>(sizeof *this) + ended_bytes_ + locator_.memory_bytes();
    for (const auto& chunk : chunks_) memory_bytes_ += chunk->memory_bytes();
  }

  Result<void> put_row_group() {
    std::vector<SortingColumn> sorting;
    for (const SortedBy& sorted : options_.sorted_by) {
      for (size_t i = 0; i < chunks_.size(); ++i) {
        if (chunks_[i]->leaf().field_id == sorted.field_id)
          sorting.push_back({static_cast<int32_t>(i), sorted.descending, sorted.nulls_first});
      }
    }
    const int64_t rows = std::exchange(group_rows_, 0);
    group_bytes_ = 0;
    // With thousands of columns no page is full by now: each is encoded here, into a buffer of its own as large as what
    // it is made of. Buffers that are kept for the next group would double what the writer takes.
    measure_memory();
    const bool is_kept = memory_bytes_ <= options_.row_group_bytes;
    return add_row_group(rows, std::move(sorting), [&](size_t leaf) {
      Result<WrittenChunk> written = chunks_[leaf]->end_chunk(sink_, position_);
      if (!is_kept) chunks_[leaf]->free_buffers();
      return written;
    });
  }

  /// `put` writes the chunk of a leaf at position_.
  template <typename Put>
  Result<void> add_row_group(int64_t rows, std::vector<SortingColumn> sorting, Put put) {
    RowGroup group;
    group.rows = rows;
    group.sorting = std::move(sorting);
    group.file_offset = position_;
    std::vector<WrittenChunk>& indexes = indexes_.emplace_back();
    for (size_t i = 0; i < chunks_.size(); ++i) {
      WEIR_ASSIGN(WrittenChunk written, put(i));
      position_ += written.metadata.compressed_bytes;
      group.compressed_bytes += written.metadata.compressed_bytes;
      group.uncompressed_bytes += written.metadata.uncompressed_bytes;
      column_sizes_[chunks_[i]->leaf().field_id] += written.metadata.compressed_bytes;
      const auto index_bytes = static_cast<int64_t>(written.offset_index.size() + written.column_index.size());
      index_bytes_ += index_bytes;
      ended_bytes_ += kEndedChunkBytes + kFooterChunkBytes + 2 * index_bytes;
      group.columns.push_back(std::move(written.metadata));
      indexes.push_back(std::move(written));
    }
    metadata_.rows += rows;
    metadata_.row_groups.push_back(std::move(group));
    return {};
  }

  /// All column indexes, then all offset indexes, as readers expect them beside each other.
  Result<void> write_indexes() {
    std::string bytes;
    const auto place = [&](const std::string& index) {
      const FileRange range{index.empty() ? 0 : position_ + static_cast<int64_t>(bytes.size()),
                            static_cast<int32_t>(index.size())};
      bytes += index;
      return range;
    };
    for (size_t g = 0; g < indexes_.size(); ++g) {
      for (size_t c = 0; c < indexes_[g].size(); ++c)
        metadata_.row_groups[g].columns[c].column_index = place(indexes_[g][c].column_index);
    }
    for (size_t g = 0; g < indexes_.size(); ++g) {
      for (size_t c = 0; c < indexes_[g].size(); ++c)
        metadata_.row_groups[g].columns[c].offset_index = place(indexes_[g][c].offset_index);
    }
    indexes_.clear();
    return append(bytes);
  }

  FileFacts facts() const {
    FileFacts facts{.rows = metadata_.rows, .size_bytes = position_, .column_sizes = column_sizes_};
    for (const RowGroup& group : metadata_.row_groups) facts.split_offsets.push_back(group.file_offset);
    for (const auto& chunk : chunks_) {
      if (chunk->leaf().repetition_max == 0 && !has_copies_) facts.columns.push_back(chunk->file_statistics());
    }
    return facts;
  }

  SchemaPtr schema_;
  WriterOptions options_;
  ByteSink& sink_;
  std::vector<std::unique_ptr<ChunkWriter>> chunks_;
  LeafLocator locator_;
  FileMetadata metadata_;
  std::vector<std::vector<WrittenChunk>> indexes_;  ///< by row group and leaf
  std::map<int32_t, int64_t> column_sizes_;
  int64_t position_ = 0;
  bool has_copies_ = false;
  int64_t index_bytes_ = 0;
  int64_t ended_bytes_ = 0;   ///< of memory: what is kept of ended row groups, and what finish() makes of it
  int64_t memory_bytes_ = 0;  ///< after the last write(): callers ask often, and of many files
  int64_t group_rows_ = 0;
  int64_t group_bytes_ = 0;  ///< of columns
};

}  // namespace

std::unique_ptr<Writer> Writer::open(SchemaPtr schema, const WriterOptions& options, ByteSink& sink) {
  return std::make_unique<FileWriter>(std::move(schema), options, sink);
}

}  // namespace weir::parquet
