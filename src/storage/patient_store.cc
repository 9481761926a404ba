#include "storage/patient_store.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

constexpr int64_t kFirstPauseMs = 50;
constexpr int64_t kPauseMaxMs = 2000;

/// Makes `call` until it succeeds, fails for good or patience ends.
template <typename Call>
auto patiently(const Clock& clock, const Call& call) -> decltype(call()) {
  const Deadline end = Deadline::after_ms(clock, kStorePatienceMs);
  int64_t pause_ms = kFirstPauseMs;
  while (true) {
    auto result = call();
    if (result.ok() || result.error().retry() != RetryHint::backoff || end.passed(clock)) return result;
    clock.sleep_ms(pause_ms);
    pause_ms = std::min(2 * pause_ms, kPauseMaxMs);
  }
}

}  // namespace

/// What was appended is not lost by an error with a retry hint (ObjectWriter).
class PatientStore::Writer final : public ObjectWriter {
 public:
  Writer(std::unique_ptr<ObjectWriter> writer, const Clock& clock) : writer_(std::move(writer)), clock_(clock) {}
  Result<void> append(std::string_view bytes) override {
    return patiently(clock_, [&] { return writer_->append(bytes); });
  }
  Result<void> finish() override {
    return patiently(clock_, [&] { return writer_->finish(); });
  }

 private:
  const std::unique_ptr<ObjectWriter> writer_;
  const Clock& clock_;
};

Result<std::string> PatientStore::get(const std::string& uri, int64_t size_max) {
  return patiently(clock_, [&] { return store_.get(uri, size_max); });
}

Result<int64_t> PatientStore::size_of(const std::string& uri) {
  return patiently(clock_, [&] { return store_.size_of(uri); });
}

Result<void> PatientStore::put(const std::string& uri, std::string_view bytes) {
  bool is_again = false;
  return patiently(clock_, [&]() -> Result<void> {
    Result<void> stored = store_.put(uri, bytes);
    const bool is_there = !stored.ok() && stored.error().kind() == ErrorKind::already_exists;
    if (is_there && is_again) {
      WEIR_ASSIGN(const std::string found, store_.get(uri, static_cast<int64_t>(bytes.size())));
      if (found == bytes) return {};
    }
    is_again = true;
    return stored;
  });
}

Result<std::unique_ptr<ObjectWriter>> PatientStore::create(const std::string& uri) {
  WEIR_ASSIGN(std::unique_ptr<ObjectWriter> writer, patiently(clock_, [&] { return store_.create(uri); }));
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(std::move(writer), clock_));
}

Result<void> PatientStore::remove(const std::string& uri) {
  return patiently(clock_, [&] { return remover_.remove(uri); });
}

}  // namespace weir
