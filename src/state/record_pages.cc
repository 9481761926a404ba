#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/check.h"
#include "state/record_pages_internal.h"

namespace weir::state {
namespace {

constexpr uint32_t kPageBytesMin = 1'024;
constexpr uint32_t kPagesMax = 1U << (32 - kPlaceBits);

/// The table lets a page go that a frozen copy may still hold.
void retire(Page* page) {
  page->meter->bytes.fetch_add(page->capacity, std::memory_order_relaxed);
  page->retired = true;
  Page::unref(page);
}

}  // namespace

Page* Page::make(uint32_t capacity, FrozenMeter* meter) {
  void* memory = std::aligned_alloc(alignof(Page), capacity);
  WEIR_CHECK_MSG(memory != nullptr, "out of memory");
  auto* page = new (memory) Page;
  page->capacity = capacity;
  page->used = kPageHeaderBytes;
  page->meter = meter;
  return page;
}

void Page::unref(Page* page) {
  if (page->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (page->retired) page->meter->bytes.fetch_sub(page->capacity, std::memory_order_relaxed);
  page->~Page();
  std::free(page);
}

PageDirectory* PageDirectory::clone(const PageDirectory& from) {
  auto* copy = new PageDirectory;
  copy->places = from.places;
  for (Place& place : copy->places) {
    if (place.page == nullptr) continue;
    place.is_shared = true;
    place.page->refs.fetch_add(1, std::memory_order_relaxed);
  }
  return copy;
}

void PageDirectory::unref(PageDirectory* directory) {
  if (directory->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (const Place& place : directory->places) {
    if (place.page != nullptr) Page::unref(place.page);
  }
  delete directory;
}

RecordPages::RecordPages(RecordPages&& other) noexcept
    : meter_(other.meter_),
      directory_(std::exchange(other.directory_, nullptr)),
      unused_(std::move(other.unused_)),
      tail_(other.tail_),
      has_tail_(other.has_tail_),
      is_frozen_(other.is_frozen_),
      memory_bytes_(other.memory_bytes_),
      live_bytes_(other.live_bytes_),
      dead_bytes_(other.dead_bytes_) {}

RecordPages::~RecordPages() {
  if (directory_ == nullptr) return;
  own_directory();
  for (PageDirectory::Place& place : directory_->places) {
    if (place.page != nullptr) retire(std::exchange(place.page, nullptr));
  }
  PageDirectory::unref(directory_);
}

void RecordPages::own_directory() {
  if (!is_frozen_) return;
  is_frozen_ = false;
  if (directory_->refs.load(std::memory_order_acquire) == 1) return;
  PageDirectory* copy = PageDirectory::clone(*directory_);
  PageDirectory::unref(std::exchange(directory_, copy));
}

void RecordPages::own_page(uint32_t number) {
  own_directory();
  PageDirectory::Place& place = directory_->places[number];
  if (!place.is_shared) return;
  place.is_shared = false;
  if (place.page->refs.load(std::memory_order_acquire) == 1) return;
  Page* copy = Page::make(place.page->capacity, meter_);
  copy->used = place.page->used;
  copy->dead = place.page->dead;
  std::memcpy(copy->bytes() + kPageHeaderBytes, place.page->bytes() + kPageHeaderBytes,
              place.page->used - kPageHeaderBytes);
  retire(std::exchange(place.page, copy));
}

uint32_t RecordPages::capacity_for(uint32_t size) const {
  const uint64_t wanted = std::bit_ceil(std::max<uint64_t>(live_bytes_ / 4, kPageBytesMin));
  const auto usual = static_cast<uint32_t>(std::min<uint64_t>(wanted, kPageBytesMax));
  constexpr uint32_t kLine = alignof(Page);
  return std::max(usual, (size + kPageHeaderBytes + kLine - 1) / kLine * kLine);
}

int64_t RecordPages::growth_for(uint32_t size) const {
  if (has_tail_) {
    const Page* page = directory_->places[tail_].page;
    if (page->capacity - page->used >= size) return 0;
  }
  // A new page, and room for its number in both lists.
  const size_t places = directory_ == nullptr ? 0 : directory_->places.size();
  return int64_t{capacity_for(size)} + static_cast<int64_t>((places + 1) * (sizeof(PageDirectory::Place) + 4));
}

RecordRef RecordPages::allocate(uint32_t size) {
  if (directory_ == nullptr) directory_ = new PageDirectory;
  if (has_tail_) {
    const Page* page = directory_->places[tail_].page;
    // A place counts 13 bits of 8 bytes: only the first record of an oversize page can be named.
    has_tail_ = page->capacity - page->used >= size && page->used < kPageBytesMax;
  }
  if (!has_tail_) {
    own_directory();
    if (unused_.empty()) {
      if (directory_->places.size() == kPagesMax) return 0;
      unused_.push_back(static_cast<uint32_t>(directory_->places.size()));
      directory_->places.emplace_back();
    }
    tail_ = unused_.back();
    unused_.pop_back();
    Page* page = Page::make(capacity_for(size), meter_);
    memory_bytes_ += page->capacity;
    directory_->places[tail_] = {page, false};
    has_tail_ = true;
  }
  if (is_frozen_ || directory_->places[tail_].is_shared) own_page(tail_);
  Page* page = directory_->places[tail_].page;
  char* record = page->bytes() + page->used;
  std::memset(record, 0, size);
  const uint32_t word = size | kLiveBit;
  std::memcpy(record, &word, 4);
  const RecordRef ref = (tail_ << kPlaceBits) | (page->used >> 3);
  page->used += size;
  live_bytes_ += size;
  return ref;
}

void RecordPages::release(RecordRef ref) {
  char* record = writable(ref);
  const uint32_t size = record_bytes(record);
  const uint32_t number = ref >> kPlaceBits;
  std::memcpy(record, &size, 4);
  Page* page = directory_->places[number].page;
  page->dead += size;
  live_bytes_ -= size;
  dead_bytes_ += size;
  if (page->used - kPageHeaderBytes == page->dead) drop_page(number);
}

void RecordPages::drop_page(uint32_t number) {
  Page* page = std::exchange(directory_->places[number].page, nullptr);
  memory_bytes_ -= page->capacity;
  dead_bytes_ -= page->dead;
  if (has_tail_ && tail_ == number) has_tail_ = false;
  unused_.push_back(number);
  retire(page);
}

PageDirectory* RecordPages::freeze() {
  if (directory_ == nullptr) return nullptr;
  is_frozen_ = true;
  directory_->refs.fetch_add(1, std::memory_order_relaxed);
  return directory_;
}

}  // namespace weir::state
