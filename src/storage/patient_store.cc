#include "storage/patient_store.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

constexpr int64_t kFirstPauseMs = 50;
constexpr int64_t kPauseMaxMs = 2000;

}  // namespace

/// Makes `call` until it succeeds, fails for good or patience ends.
template <typename Call>
auto PatientStore::patiently(const Call& call) const -> decltype(call()) {
  const Deadline end = Deadline::after_ms(clock_, kStorePatienceMs);
  int64_t pause_ms = kFirstPauseMs;
  while (true) {
    auto result = call();
    if (result.ok() || result.error().retry() != RetryHint::backoff || end.passed(clock_)) return result;
    if (on_retry_) on_retry_(result.error(), pause_ms);
    clock_.sleep_ms(pause_ms);
    pause_ms = std::min(2 * pause_ms, kPauseMaxMs);
  }
}

/// What was appended is not lost by an error with a retry hint (ObjectWriter).
class PatientStore::Writer final : public ObjectWriter {
 public:
  Writer(std::unique_ptr<ObjectWriter> writer, const PatientStore& store) : writer_(std::move(writer)), store_(store) {}
  Result<void> append(std::string_view bytes) override {
    return store_.patiently([&] { return writer_->append(bytes); });
  }
  Result<void> finish() override {
    return store_.patiently([&] { return writer_->finish(); });
  }

 private:
  const std::unique_ptr<ObjectWriter> writer_;
  const PatientStore& store_;
};

Result<std::string> PatientStore::get(const std::string& uri, int64_t size_max) {
  return patiently([&] { return store_.get(uri, size_max); });
}

Result<int64_t> PatientStore::size_of(const std::string& uri) {
  return patiently([&] { return store_.size_of(uri); });
}

Result<void> PatientStore::put(const std::string& uri, std::string_view bytes) {
  bool is_again = false;
  return patiently([&]() -> Result<void> {
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
  WEIR_ASSIGN(std::unique_ptr<ObjectWriter> writer, patiently([&] { return store_.create(uri); }));
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(std::move(writer), *this));
}

Result<void> PatientStore::remove(const std::string& uri) {
  return patiently([&] { return remover_.remove(uri); });
}

}  // namespace weir
