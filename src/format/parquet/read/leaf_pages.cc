#include "format/parquet/read/leaf_pages.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "format/parquet/encoding/byte_stream_split.h"
#include "format/parquet/encoding/compression.h"
#include "format/parquet/encoding/delta_binary.h"

namespace weir::parquet {
namespace {

Error corrupt(const char* what) {
  return Error(ErrorKind::corrupt, std::string("Parquet: ") + what);
}

int width_of(const LeafShape& shape) {
  switch (shape.physical) {
    case PhysicalType::int32:
    case PhysicalType::float32: return 4;
    case PhysicalType::int64:
    case PhysicalType::float64: return 8;
    case PhysicalType::int96: return 12;
    case PhysicalType::fixed_len_byte_array: return shape.type_length;
    default: return 0;
  }
}

class ChunkReader {
 public:
  ChunkReader(std::span<const uint8_t> chunk, const LeafShape& shape, Codec codec, const ReaderLimits& limits,
              LeafValues& out)
      : rest_(chunk),
        shape_(shape),
        codec_(codec),
        limits_(limits),
        out_(out),
        width_(static_cast<size_t>(width_of(shape))) {}

  Result<void> read(int64_t entries) {
    while (out_.entries < entries) {
      if (rest_.empty()) return corrupt("a column ends before its values");
      size_t header_bytes = 0;
      WEIR_ASSIGN(const PageHeader header,
                  read_page_header({reinterpret_cast<const char*>(rest_.data()), rest_.size()}, header_bytes));
      rest_ = rest_.subspan(header_bytes);
      const auto size = static_cast<size_t>(header.compressed_bytes);
      if (size > rest_.size()) return corrupt("a page goes beyond its column");
      if (header.uncompressed_bytes > limits_.page_bytes)
        return Error(ErrorKind::limit_exceeded, "Parquet: a page is larger than the limit");
      const std::span<const uint8_t> stored = rest_.first(size);
      rest_ = rest_.subspan(size);
      if (header.crc && *header.crc != crc32({reinterpret_cast<const char*>(stored.data()), stored.size()}))
        return corrupt("the checksum of a page is wrong");
      WEIR_TRY(read_page(header, stored, entries));
    }
    return {};
  }

 private:
  Result<void> read_page(const PageHeader& header, std::span<const uint8_t> stored, int64_t entries) {
    switch (header.type) {
      case PageType::dictionary: return read_dictionary(header, stored);
      case PageType::data:
        if (header.values > entries - out_.entries) return corrupt("a column has more values than it says");
        return read_data(header, stored);
      case PageType::data_v2:
        if (header.values > entries - out_.entries) return corrupt("a column has more values than it says");
        return read_data_v2(header, stored);
      default: return {};
    }
  }

  Result<std::span<const uint8_t>> inflate(std::span<const uint8_t> stored, size_t size) {
    if (codec_ == Codec::uncompressed) {
      if (stored.size() != size) return corrupt("a page has another size than it says");
      return stored;
    }
    page_.truncate(0);
    WEIR_TRY(decompress(codec_, stored, {page_.reserve_back(size), size}));
    page_.advance(size);
    return std::span<const uint8_t>(page_.data(), size);
  }

  Result<void> read_dictionary(const PageHeader& header, std::span<const uint8_t> stored) {
    if (has_dictionary_) return corrupt("a column has two dictionaries");
    has_dictionary_ = true;
    WEIR_ASSIGN(const std::span<const uint8_t> content,
                inflate(stored, static_cast<size_t>(header.uncompressed_bytes)));
    dictionary_.present = header.values;
    return read_plain(content, header.values, dictionary_);
  }

  Result<void> read_data(const PageHeader& header, std::span<const uint8_t> stored) {
    WEIR_ASSIGN(std::span<const uint8_t> content, inflate(stored, static_cast<size_t>(header.uncompressed_bytes)));
    if (shape_.repetition_max > 0)
      WEIR_TRY(read_sized_levels(content, header.values, shape_.repetition_max, out_.repetition));
    int64_t present = header.values;
    if (shape_.definition_max > 0) {
      WEIR_TRY(read_sized_levels(content, header.values, shape_.definition_max, out_.definition));
      present = count_present(header.values);
    }
    out_.entries += header.values;
    return read_values(content, header.encoding, present);
  }

  Result<void> read_data_v2(const PageHeader& header, std::span<const uint8_t> stored) {
    const int64_t levels = int64_t{header.repetition_bytes} + header.definition_bytes;
    if (header.repetition_bytes < 0 || header.definition_bytes < 0 ||
        levels > std::min<int64_t>(static_cast<int64_t>(stored.size()), header.uncompressed_bytes))
      return corrupt("the levels of a page are longer than the page");
    if (shape_.repetition_max > 0)
      WEIR_TRY(read_levels(stored.first(static_cast<size_t>(header.repetition_bytes)), header.values,
                           shape_.repetition_max, out_.repetition));
    int64_t present = header.values;
    if (shape_.definition_max > 0) {
      WEIR_TRY(read_levels(
          stored.subspan(static_cast<size_t>(header.repetition_bytes), static_cast<size_t>(header.definition_bytes)),
          header.values, shape_.definition_max, out_.definition));
      present = count_present(header.values);
    }
    out_.entries += header.values;
    std::span<const uint8_t> content = stored.subspan(static_cast<size_t>(levels));
    if (header.is_compressed && !content.empty()) {
      WEIR_ASSIGN(content, inflate(content, static_cast<size_t>(header.uncompressed_bytes - levels)));
    }
    return read_values(content, header.encoding, present);
  }

  Result<void> read_sized_levels(std::span<const uint8_t>& content, int32_t count, int max, std::vector<uint8_t>& to) {
    uint32_t size = 0;
    if (content.size() < sizeof size) return corrupt("a page ends in its levels");
    std::memcpy(&size, content.data(), sizeof size);
    content = content.subspan(sizeof size);
    if (size > content.size()) return corrupt("a page ends in its levels");
    WEIR_TRY(read_levels(content.first(size), count, max, to));
    content = content.subspan(size);
    return {};
  }

  Result<void> read_levels(std::span<const uint8_t> bytes, int32_t count, int max, std::vector<uint8_t>& to) {
    HybridDecoder decoder(bytes, bit_width(static_cast<uint64_t>(max)));
    WEIR_TRY(reserve_indexes(count));
    if (!decoder.read(indexes_.data(), count)) return corrupt("levels break their format");
    const size_t at = to.size();
    to.resize(at + static_cast<size_t>(count));
    uint32_t largest = 0;
    for (int32_t i = 0; i < count; ++i) {
      largest = std::max(largest, indexes_[static_cast<size_t>(i)]);
      to[at + static_cast<size_t>(i)] = static_cast<uint8_t>(indexes_[static_cast<size_t>(i)]);
    }
    if (largest > static_cast<uint32_t>(max)) return corrupt("a level is larger than the schema allows");
    return {};
  }

  int64_t count_present(int32_t values) const {
    return std::count(out_.definition.end() - values, out_.definition.end(),
                      static_cast<uint8_t>(shape_.definition_max));
  }

  /// Runs let few bytes stand for many values: what they become is bounded here.
  Result<void> reserve_indexes(int64_t count) {
    if (count > limits_.row_group_rows) return Error(ErrorKind::limit_exceeded, "Parquet: a page has too many values");
    indexes_.truncate(0);
    indexes_.reserve_back(static_cast<size_t>(count));
    return {};
  }

  Result<void> read_values(std::span<const uint8_t> content, Encoding encoding, int64_t present) {
    out_.present += present;
    if (present == 0) return {};
    switch (encoding) {
      case Encoding::plain: return read_plain(content, present, out_);
      case Encoding::plain_dictionary:
      case Encoding::rle_dictionary: return read_indexes(content, present);
      case Encoding::rle: return read_run_booleans(content, present);
      case Encoding::delta_binary_packed: return read_delta(content, present);
      case Encoding::delta_length_byte_array: return read_delta_length(content, present);
      case Encoding::byte_stream_split: return read_split(content, present);
      default: return Error(ErrorKind::unsupported, "Parquet: an encoding that Weir does not read");
    }
  }

  Result<void> check_size() const {
    if (static_cast<int64_t>(out_.fixed.size() + out_.bytes.size()) > limits_.chunk_bytes ||
        out_.bytes.size() > INT32_MAX)
      return Error(ErrorKind::limit_exceeded, "Parquet: a column of a row group is larger than the limit");
    return {};
  }

  Result<void> read_plain(std::span<const uint8_t> content, int64_t count, LeafValues& to) {
    const auto values = static_cast<size_t>(count);
    if (shape_.physical == PhysicalType::byte_array) return read_plain_arrays(content, values, to);
    if (shape_.physical == PhysicalType::boolean) {
      if (content.size() < (values + 7) / 8) return corrupt("a page ends before its values");
      uint8_t* bytes = to.fixed.reserve_back(values);
      for (size_t i = 0; i < values; ++i) bytes[i] = (content[i / 8] >> (i % 8)) & 1;
      to.fixed.advance(values);
      return check_size();
    }
    if (width_ == 0 || content.size() / width_ < values) return corrupt("a page ends before its values");
    to.fixed.append(content.data(), values * width_);
    return check_size();
  }

  Result<void> read_plain_arrays(std::span<const uint8_t> content, size_t values, LeafValues& to) {
    if (values > content.size() / sizeof(uint32_t)) return corrupt("a page ends before its values");
    for (size_t i = 0; i < values; ++i) {
      uint32_t size = 0;
      if (content.size() < sizeof size) return corrupt("a page ends in a value");
      std::memcpy(&size, content.data(), sizeof size);
      content = content.subspan(sizeof size);
      if (size > content.size()) return corrupt("a page ends in a value");
      to.bytes.append(content.data(), size);
      to.ends.push_back(static_cast<int32_t>(to.bytes.size()));
      content = content.subspan(size);
    }
    return check_size();
  }

  Result<void> read_indexes(std::span<const uint8_t> content, int64_t count) {
    if (!has_dictionary_) return corrupt("a page refers to a dictionary that is not there");
    if (content.empty() || content[0] > 32) return corrupt("dictionary indexes break their format");
    HybridDecoder decoder(content.subspan(1), content[0]);
    WEIR_TRY(reserve_indexes(count));
    if (!decoder.read(indexes_.data(), count)) return corrupt("dictionary indexes break their format");
    const auto values = static_cast<size_t>(count);
    const uint32_t* indexes = indexes_.data();
    const auto size = static_cast<uint64_t>(dictionary_.present);
    for (size_t i = 0; i < values; ++i) {
      if (indexes[i] >= size) return corrupt("an index is larger than its dictionary");
    }
    if (shape_.physical == PhysicalType::byte_array) return look_up_arrays(indexes, values);
    const size_t width = shape_.physical == PhysicalType::boolean ? 1 : width_;
    uint8_t* to = out_.fixed.reserve_back(values * width);
    const uint8_t* from = dictionary_.fixed.data();
    for (size_t i = 0; i < values; ++i) {
      if (width == 8)
        std::memcpy(to + i * 8, from + indexes[i] * size_t{8}, 8);
      else if (width == 4)
        std::memcpy(to + i * 4, from + indexes[i] * size_t{4}, 4);
      else
        std::memcpy(to + i * width, from + indexes[i] * width, width);
    }
    out_.fixed.advance(values * width);
    return check_size();
  }

  Result<void> look_up_arrays(const uint32_t* indexes, size_t values) {
    const int32_t* ends = dictionary_.ends.data();
    for (size_t i = 0; i < values; ++i) {
      const int32_t begin = indexes[i] == 0 ? 0 : ends[indexes[i] - 1];
      out_.bytes.append(dictionary_.bytes.data() + begin, static_cast<size_t>(ends[indexes[i]] - begin));
      if (out_.bytes.size() > INT32_MAX) return check_size();  // long entries, many times
      out_.ends.push_back(static_cast<int32_t>(out_.bytes.size()));
    }
    return check_size();
  }

  Result<void> read_run_booleans(std::span<const uint8_t> content, int64_t count) {
    if (shape_.physical != PhysicalType::boolean || content.size() < sizeof(uint32_t))
      return corrupt("run-length encoded values that are no booleans");
    HybridDecoder decoder(content.subspan(sizeof(uint32_t)), 1);
    WEIR_TRY(reserve_indexes(count));
    if (!decoder.read(indexes_.data(), count)) return corrupt("booleans break their format");
    for (int64_t i = 0; i < count; ++i) out_.fixed.push_back(static_cast<uint8_t>(indexes_.data()[i]));
    return {};
  }

  Result<void> read_delta(std::span<const uint8_t> content, int64_t count) {
    const auto values = static_cast<size_t>(count);
    if (shape_.physical != PhysicalType::int32 && shape_.physical != PhysicalType::int64)
      return corrupt("differences of values that are no integers");
    WEIR_TRY(reserve_indexes(count));
    uint8_t* to = out_.fixed.reserve_back(values * width_);
    size_t used = 0;
    const bool is_good = width_ == 4 ? decode_delta(content, std::span(reinterpret_cast<int32_t*>(to), values), used)
                                     : decode_delta(content, std::span(reinterpret_cast<int64_t*>(to), values), used);
    if (!is_good) return corrupt("differences break their format");
    out_.fixed.advance(values * width_);
    return check_size();
  }

  Result<void> read_delta_length(std::span<const uint8_t> content, int64_t count) {
    if (shape_.physical != PhysicalType::byte_array) return corrupt("lengths of values that have none");
    WEIR_TRY(reserve_indexes(count));
    std::vector<int32_t> lengths(static_cast<size_t>(count));
    size_t used = 0;
    if (!decode_delta(content, std::span(lengths), used)) return corrupt("lengths break their format");
    content = content.subspan(used);
    for (const int32_t length : lengths) {
      if (length < 0 || static_cast<size_t>(length) > content.size()) return corrupt("a page ends in a value");
      out_.bytes.append(content.data(), static_cast<size_t>(length));
      out_.ends.push_back(static_cast<int32_t>(out_.bytes.size()));
      content = content.subspan(static_cast<size_t>(length));
    }
    return check_size();
  }

  Result<void> read_split(std::span<const uint8_t> content, int64_t count) {
    const auto values = static_cast<size_t>(count);
    if (width_ == 0 || content.size() / width_ < values || content.size() % width_ != 0 ||
        content.size() / width_ != values)
      return corrupt("split bytes break their format");
    join_bytes(content.data(), values, width_, out_.fixed.reserve_back(values * width_));
    out_.fixed.advance(values * width_);
    return check_size();
  }

  std::span<const uint8_t> rest_;
  const LeafShape& shape_;
  Codec codec_;
  const ReaderLimits& limits_;
  LeafValues& out_;
  size_t width_;
  bool has_dictionary_ = false;
  LeafValues dictionary_;
  Bytes page_;
  GrowingArray<uint32_t> indexes_;
};

}  // namespace

Result<void> read_leaf(std::span<const uint8_t> chunk, const LeafShape& shape, Codec codec, int64_t entries,
                       const ReaderLimits& limits, LeafValues& out) {
  return ChunkReader(chunk, shape, codec, limits, out).read(entries);
}

}  // namespace weir::parquet
