#include "format/parquet/write/chunk_writer.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"

namespace weir::parquet {
namespace {

constexpr int64_t kPageBytesMax = std::numeric_limits<int32_t>::max();
constexpr size_t kHeaderBytesMax = 64;  // of a page header without statistics
constexpr size_t kDictionaryShare = 8;
constexpr int kGainPercent = 4;       // less is not worth the time
constexpr int kIndexGainPercent = 8;  // indexes are small already
/// What the allocator takes for the buffers of a column, about.
constexpr int64_t kAllocatorBytes = 256;

Error too_large(const Leaf& leaf) {
  return Error(
      ErrorKind::limit_exceeded,
      "column '" + leaf.path[0] + "': the values of one row take more than the 2 GiB that a Parquet page can hold");
}

/// Adds each page's histogram to that of the chunk.
std::vector<int64_t> summed(const std::vector<int64_t>& histograms, size_t levels) {
  std::vector<int64_t> sums(levels);
  for (size_t i = 0; i < histograms.size(); ++i) sums[i % levels] += histograms[i];
  return sums;
}

}  // namespace

ChunkWriter::ChunkWriter(Leaf leaf, const WriterOptions& options)
    : leaf_(std::move(leaf)), options_(options), levels_(leaf_), values_(ValueEncoder::make(leaf_, options)) {
  file_.field_id = leaf_.field_id;
  leaf_bytes_ = static_cast<int64_t>(leaf_.nodes.capacity() * sizeof(PathNode));
  for (const std::string& name : leaf_.path) leaf_bytes_ += static_cast<int64_t>(sizeof(std::string) + name.capacity());
}

Result<void> ChunkWriter::add(LeafLocator& locator, std::span<const ColumnPtr> columns, int64_t begin, int64_t end,
                              int64_t rows_expected) {
  rows_expected_ = rows_expected;
  return add_rows(locator, columns, begin, end);
}

Result<void> ChunkWriter::add_rows(LeafLocator& locator, std::span<const ColumnPtr> columns, int64_t begin,
                                   int64_t end) {
  const LeafRows& rows = locator.locate(leaf_, columns, begin, end);
  if (leaf_.physical == PhysicalType::byte_array && rows.present_count != 0) {
    // Halves until a part fits into a page beside what is there.
    const std::span<const int32_t> offsets = rows.column->offsets_span();
    const int64_t bytes = offsets[static_cast<size_t>(rows.present.back().end)] -
                          int64_t{offsets[static_cast<size_t>(rows.present.front().begin)]};
    if (bytes > options_.page_bytes && end - begin > 1) {
      const int64_t middle = begin + (end - begin) / 2;
      WEIR_TRY(add_rows(locator, columns, begin, middle));
      return add_rows(locator, columns, middle, end);
    }
  }
  values_->add(rows);
  levels_.add(rows);
  page_rows_ += end - begin;
  rows_ += end - begin;
  if (values_->page_bytes() >= options_.page_bytes || page_rows_ >= options_.page_rows ||
      levels_.count() >= options_.page_bytes)
    return end_page();
  return {};
}

/// Compressing costs time here and wherever the file is read: only where it gains. One codec counts for all pages of a
/// chunk, so the first page decides.
void ChunkWriter::decide_codec(std::span<const uint8_t> content, Encoding encoding) {
  codec_ = Codec::uncompressed;
  if (options_.compression_level == 0 || content.empty()) return;
  const int gain_percent = encoding == Encoding::rle_dictionary ? kIndexGainPercent : kGainPercent;
  std::optional<ZstdEffort> effort = choose_zstd_effort(content, options_.compression_level, gain_percent);
  // Indexes that gain nothing may belong to a dictionary that does, and is not small beside them.
  const std::span<const uint8_t> dictionary = values_->dictionary_page();
  if (!effort && values_->dictionary_size() > 0 && dictionary.size() * kDictionaryShare > content.size())
    effort = choose_zstd_effort(dictionary, options_.compression_level, kGainPercent);
  if (!effort) return;
  codec_ = Codec::zstd;
  effort_ = *effort;
}

void ChunkWriter::append_page(PageHeader header, std::span<const uint8_t> content, Bytes& out) {
  header.uncompressed_bytes = static_cast<int32_t>(content.size());
  // The header tells the compressed size, so the content goes behind the room that a header may take, and then back.
  const size_t at = out.size();
  out.reserve_back(kHeaderBytesMax);
  out.advance(kHeaderBytesMax);
  if (codec_ == Codec::zstd)
    append_zstd(content, effort_, out);
  else
    out.append(content.data(), content.size());
  const size_t size = out.size() - at - kHeaderBytesMax;
  header.compressed_bytes = static_cast<int32_t>(size);
  header.crc = crc32({reinterpret_cast<const char*>(out.data()) + at + kHeaderBytesMax, size});
  const std::string head = to_bytes(header);
  WEIR_CHECK(head.size() <= kHeaderBytesMax);
  std::memcpy(out.data() + at, head.data(), head.size());
  std::memmove(out.data() + at + head.size(), out.data() + at + kHeaderBytesMax, size);
  out.truncate(at + head.size() + size);
  uncompressed_bytes_ += static_cast<int64_t>(head.size() + content.size());
}

Result<void> ChunkWriter::end_page() {
  const int64_t values_expected = rows_ == 0 ? 0 : rows_expected_ * levels_.count() / std::max<int64_t>(page_rows_, 1);
  PageValues values = values_->end_page(values_expected);
  Page page{.first_row = rows_ - page_rows_,
            .nulls = levels_.null_count(),
            .nans = values.nans,
            .values = levels_.count(),
            .byte_array_bytes = values.byte_array_bytes,
            .encoding = values.encoding,
            .bounds = std::move(values.bounds)};
  definition_histograms_.insert(definition_histograms_.end(), levels_.definition_histogram().begin(),
                                levels_.definition_histogram().end());
  repetition_histograms_.insert(repetition_histograms_.end(), levels_.repetition_histogram().begin(),
                                levels_.repetition_histogram().end());
  std::span<const uint8_t> content = values.bytes;
  content_.truncate(0);
  levels_.end_page(content_);
  if (content_.size() != 0) {
    content_.append(values.bytes.data(), values.bytes.size());
    content = {content_.data(), content_.size()};
  }
  if (static_cast<int64_t>(content.size()) > kPageBytesMax - (int64_t{1} << 24) || page.values > kPageBytesMax)
    return too_large(leaf_);
  if (!codec_) decide_codec(content, page.encoding);
  append_page({.type = PageType::data, .values = static_cast<int32_t>(page.values), .encoding = page.encoding}, content,
              pages_bytes_);
  page.end = pages_bytes_.size();
  pages_.push_back(std::move(page));
  page_rows_ = 0;
  return {};
}

Result<void> ChunkWriter::write_dictionary(ByteSink& sink, ColumnChunk& chunk, int64_t offset) {
  Bytes dictionary;
  append_page({.type = PageType::dictionary,
               .values = static_cast<int32_t>(values_->dictionary_size()),
               .encoding = Encoding::plain},
              values_->dictionary_page(), dictionary);
  chunk.dictionary_page_offset = offset;
  chunk.data_page_offset = offset + static_cast<int64_t>(dictionary.size());
  return sink.append({reinterpret_cast<const char*>(dictionary.data()), dictionary.size()});
}

Result<WrittenChunk> ChunkWriter::end_chunk(ByteSink& sink, int64_t offset) {
  if (page_rows_ > 0 || pages_.empty()) WEIR_TRY(end_page());
  WrittenChunk written;
  ColumnChunk& chunk = written.metadata;
  chunk.data_page_offset = offset;
  if (values_->dictionary_size() > 0) WEIR_TRY(write_dictionary(sink, chunk, offset));
  WEIR_TRY(sink.append({reinterpret_cast<const char*>(pages_bytes_.data()), pages_bytes_.size()}));
  chunk.compressed_bytes = chunk.data_page_offset - offset + static_cast<int64_t>(pages_bytes_.size());
  chunk.uncompressed_bytes = uncompressed_bytes_;
  describe_pages(chunk);
  written.offset_index = offset_index(chunk.data_page_offset);
  written.column_index = column_index();

  file_.values += chunk.values;
  file_.nulls += chunk.statistics.null_count.value_or(0);
  values_->end_chunk();
  pages_bytes_.truncate(0);
  pages_.clear();
  definition_histograms_.clear();
  repetition_histograms_.clear();
  codec_.reset();
  uncompressed_bytes_ = 0;
  rows_ = 0;
  return written;
}

void ChunkWriter::describe_pages(ColumnChunk& chunk) const {
  chunk.type = leaf_.physical;
  chunk.path = leaf_.path;
  chunk.codec = *codec_;
  chunk.encodings = {Encoding::plain, Encoding::rle};
  int64_t nulls = 0;
  int64_t byte_array_bytes = 0;
  if (values_->dictionary_size() > 0) chunk.encoding_stats.push_back({PageType::dictionary, Encoding::plain, 1});
  for (const Page& page : pages_) {
    chunk.values += page.values;
    nulls += page.nulls;
    byte_array_bytes += page.byte_array_bytes;
    auto stat = std::find_if(chunk.encoding_stats.begin(), chunk.encoding_stats.end(), [&](const PageEncodingStats& s) {
      return s.page_type == PageType::data && s.encoding == page.encoding;
    });
    if (stat == chunk.encoding_stats.end()) {
      chunk.encoding_stats.push_back({PageType::data, page.encoding, 0});
      stat = chunk.encoding_stats.end() - 1;
      if (page.encoding != Encoding::plain) chunk.encodings.push_back(page.encoding);
    }
    ++stat->count;
  }
  chunk.statistics.null_count = nulls;
  const bool is_float = leaf_.physical == PhysicalType::float32 || leaf_.physical == PhysicalType::float64;
  if (is_float) chunk.statistics.nan_count = values_->chunk_nans();
  if (std::optional<EncodedBounds> bounds = values_->chunk_bounds()) {
    chunk.statistics.min_value = std::move(bounds->lower);
    chunk.statistics.max_value = std::move(bounds->upper);
    chunk.statistics.is_min_exact = bounds->is_lower_exact;
    chunk.statistics.is_max_exact = bounds->is_upper_exact;
  }
  if (leaf_.physical == PhysicalType::byte_array) chunk.sizes.unencoded_byte_array_bytes = byte_array_bytes;
  if (leaf_.repetition_max > 0)
    chunk.sizes.repetition_histogram = summed(repetition_histograms_, static_cast<size_t>(leaf_.repetition_max) + 1);
  if (leaf_.definition_max > 0)
    chunk.sizes.definition_histogram = summed(definition_histograms_, static_cast<size_t>(leaf_.definition_max) + 1);
}

std::string ChunkWriter::offset_index(int64_t pages_offset) const {
  OffsetIndex index;
  size_t begin = 0;
  for (const Page& page : pages_) {
    index.pages.push_back({.offset = pages_offset + static_cast<int64_t>(begin),
                           .compressed_bytes = static_cast<int32_t>(page.end - begin),
                           .first_row = page.first_row});
    if (leaf_.physical == PhysicalType::byte_array) index.unencoded_byte_array_bytes.push_back(page.byte_array_bytes);
    begin = page.end;
  }
  return to_bytes(index);
}

std::string ChunkWriter::column_index() const {
  ColumnIndex index;
  const bool is_float = leaf_.physical == PhysicalType::float32 || leaf_.physical == PhysicalType::float64;
  for (const Page& page : pages_) {
    const bool is_null = page.nulls == page.values;
    if (!is_null && !page.bounds) return {};
    index.null_pages.push_back(is_null);
    index.min_values.push_back(is_null ? std::string() : page.bounds->lower);
    index.max_values.push_back(is_null ? std::string() : page.bounds->upper);
    index.null_counts.push_back(page.nulls);
    if (is_float) index.nan_counts.push_back(page.nans);
  }
  index.order = values_->page_order();
  if (leaf_.repetition_max > 0) index.repetition_histograms = repetition_histograms_;
  if (leaf_.definition_max > 0) index.definition_histograms = definition_histograms_;
  return to_bytes(index);
}

ColumnStatistics ChunkWriter::file_statistics() const {
  ColumnStatistics statistics = file_;
  values_->add_file_bounds(statistics);
  return statistics;
}

int64_t ChunkWriter::memory_bytes() const {
  int64_t bytes =
      static_cast<int64_t>(sizeof *this + pages_.capacity() * sizeof(Page) +
                           (definition_histograms_.capacity() + repetition_histograms_.capacity()) * sizeof(int64_t)) +
      pages_bytes_.memory_bytes() + content_.memory_bytes() + levels_.memory_bytes() + values_->memory_bytes() +
      leaf_bytes_ + kAllocatorBytes;
  for (const Page& page : pages_) {
    if (page.bounds) bytes += static_cast<int64_t>(page.bounds->lower.capacity() + page.bounds->upper.capacity());
  }
  return bytes;
}

void ChunkWriter::free_buffers() {
  pages_bytes_.reset();
  content_.reset();
  pages_ = std::vector<Page>();
  definition_histograms_ = std::vector<int64_t>();
  repetition_histograms_ = std::vector<int64_t>();
  levels_.free_buffers();
  values_->free_buffers();
}

int64_t ChunkWriter::chunk_bytes() const {
  return static_cast<int64_t>(pages_bytes_.size()) + values_->page_bytes() / 2;
}

}  // namespace weir::parquet
