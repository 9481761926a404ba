/// \file
/// The records of one key group, in pages that a frozen copy shares until they are written to.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace weir::state {

/// Bytes of pages that only frozen copies still hold. Outlives the pages.
struct FrozenMeter {
  std::atomic<int64_t> bytes{0};
};

/// A block of records, one behind the other, from a line of the cache on, so that small ones lie in one. `refs` counts
/// the directories that hold it; with more than one nobody writes to it.
struct alignas(64) Page {
  std::atomic<uint32_t> refs{1};
  uint32_t capacity = 0;  ///< bytes, this header included
  uint32_t used = 0;      ///< bytes, this header included
  uint32_t dead = 0;      ///< bytes of erased records
  FrozenMeter* meter = nullptr;
  bool retired = false;  ///< the table has let it go: it counts as frozen

  char* bytes() { return reinterpret_cast<char*>(this); }
  const char* bytes() const { return reinterpret_cast<const char*>(this); }

  static Page* make(uint32_t capacity, FrozenMeter* meter);
  static void unref(Page* page);
};

inline constexpr uint32_t kPageHeaderBytes = sizeof(Page);
static_assert(kPageHeaderBytes % 8 == 0);

/// The first word of a record: its size in bytes (a multiple of 8), and whether it counts.
inline constexpr uint32_t kLiveBit = 1;
inline uint32_t record_word(const char* record) {
  uint32_t word;
  std::memcpy(&word, record, 4);
  return word;
}
inline uint32_t record_bytes(const char* record) {
  return record_word(record) & ~kLiveBit;
}
inline bool record_is_live(const char* record) {
  return (record_word(record) & kLiveBit) != 0;
}

/// The pages of a group by number, some numbers unused. Counted like a page: freezing a group is one more reference.
struct PageDirectory {
  struct Place {
    Page* page = nullptr;
    bool is_shared = false;  ///< may be held by another directory, too
  };
  std::atomic<uint32_t> refs{1};
  std::vector<Place> places;

  static PageDirectory* clone(const PageDirectory& from);
  static void unref(PageDirectory* directory);
};

/// Where a record lies: number of its page and its place there. Never 0. Stable while the record lives, but for
/// compact().
using RecordRef = uint32_t;
inline constexpr uint32_t kPlaceBits = 13;
inline constexpr uint32_t kPageBytesMax = 8U << kPlaceBits;

class RecordPages {
 public:
  explicit RecordPages(FrozenMeter* meter) : meter_(meter) {}
  RecordPages(RecordPages&& other) noexcept;
  RecordPages& operator=(RecordPages&&) = delete;
  ~RecordPages();

  const char* at(RecordRef ref) const {
    return directory_->places[ref >> kPlaceBits].page->bytes() + ((ref << 3) & (kPageBytesMax - 1));
  }
  /// As at(), for writing: copies the page when a frozen copy holds it.
  char* writable(RecordRef ref) {
    const uint32_t number = ref >> kPlaceBits;
    if (is_frozen_ || directory_->places[number].is_shared) [[unlikely]]
      own_page(number);
    return directory_->places[number].page->bytes() + ((ref << 3) & (kPageBytesMax - 1));
  }

  /// Bytes that allocate(size) would add to memory_bytes(), at most.
  int64_t growth_for(uint32_t size) const;
  /// Makes a live record of `size` bytes (a multiple of 8), all zero behind the first word; 0 when the group is full.
  RecordRef allocate(uint32_t size);
  /// The record no longer counts. Gives the page back when it was the last one there.
  void release(RecordRef ref);

  int64_t memory_bytes() const {
    const size_t places = directory_ == nullptr ? 0 : directory_->places.capacity();
    return memory_bytes_ + static_cast<int64_t>(places * sizeof(PageDirectory::Place) + unused_.capacity() * 4);
  }
  uint64_t live_bytes() const { return live_bytes_; }
  /// Most of the bytes are of erased records: compact() is due.
  bool is_sparse() const { return dead_bytes_ > live_bytes_ + kPageBytesMax; }
  /// Moves the live records into new pages: `moved(from, to, record)` for each.
  template <typename Moved>
  void compact(Moved moved);

  /// One more reference to all pages as they are now, which from now on are copied before they change. O(1).
  PageDirectory* freeze();

 private:
  void own_directory();
  void own_page(uint32_t number);
  uint32_t capacity_for(uint32_t size) const;
  void drop_page(uint32_t number);

  FrozenMeter* meter_;
  PageDirectory* directory_ = nullptr;
  std::vector<uint32_t> unused_;  ///< page numbers to take first
  uint32_t tail_ = 0;             ///< page that takes new records, when has_tail_
  bool has_tail_ = false;
  bool is_frozen_ = false;    ///< the directory itself may be held by a frozen copy
  int64_t memory_bytes_ = 0;  ///< of pages
  uint64_t live_bytes_ = 0;
  uint64_t dead_bytes_ = 0;
};

template <typename Moved>
void RecordPages::compact(Moved moved) {
  RecordPages to(meter_);
  if (directory_ != nullptr) {
    for (uint32_t number = 0; number < directory_->places.size(); ++number) {
      const Page* page = directory_->places[number].page;
      if (page == nullptr) continue;
      for (uint32_t at = kPageHeaderBytes; at < page->used;) {
        const char* record = page->bytes() + at;
        const uint32_t size = record_bytes(record);
        if (record_is_live(record)) {
          const RecordRef ref = to.allocate(size);
          std::memcpy(to.writable(ref), record, size);
          moved((number << kPlaceBits) | (at >> 3), ref, record);
        }
        at += size;
      }
    }
  }
  std::swap(directory_, to.directory_);
  std::swap(unused_, to.unused_);
  std::swap(tail_, to.tail_);
  std::swap(has_tail_, to.has_tail_);
  std::swap(is_frozen_, to.is_frozen_);
  std::swap(memory_bytes_, to.memory_bytes_);
  std::swap(live_bytes_, to.live_bytes_);
  std::swap(dead_bytes_, to.dead_bytes_);
}

}  // namespace weir::state
