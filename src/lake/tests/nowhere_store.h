/// \file
/// A store that forgets what it takes, for tests of what happens above it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/object_store.h"

namespace weir::lake {

class NowhereStore final : public ObjectStore {
 public:
  /// `on_call` is called at everything that is written.
  explicit NowhereStore(std::function<void()> on_call = [] {}) : on_call_(std::move(on_call)) {}

  Result<std::string> get(const std::string&, int64_t) override { return Error(ErrorKind::not_found, "nothing"); }
  Result<int64_t> size_of(const std::string&) override { return Error(ErrorKind::not_found, "nothing"); }
  Result<void> put(const std::string&, std::string_view) override { return {}; }
  Result<std::unique_ptr<ObjectWriter>> create(const std::string&) override {
    on_call_();
    return std::unique_ptr<ObjectWriter>(std::make_unique<Object>(*this));
  }

 private:
  class Object final : public ObjectWriter {
   public:
    explicit Object(const NowhereStore& store) : store_(store) {}
    Result<void> append(std::string_view) override {
      store_.on_call_();
      return {};
    }
    Result<void> finish() override {
      store_.on_call_();
      return {};
    }

   private:
    const NowhereStore& store_;
  };

  std::function<void()> on_call_;
};

}  // namespace weir::lake
