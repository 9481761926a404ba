#include "storage/patient_store.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>

namespace weir {
namespace {

/// A clock that only sleeping moves.
class SleptClock final : public Clock {
 public:
  int64_t wall_ms() const override { return now_us_ / 1000; }
  int64_t monotonic_us() const override { return now_us_; }
  void sleep_ms(int64_t ms) const override { now_us_ += ms * 1000; }

 private:
  mutable int64_t now_us_ = 1;
};

/// Calls fail as `faults` says, before or after they did what they were asked.
class FaultyStore final : public ObjectStore, public ObjectRemover {
 public:
  struct Fault {
    ErrorKind kind = ErrorKind::unavailable;
    bool is_after = false;
  };
  std::deque<Fault> faults;
  std::map<std::string, std::string> objects;

  Result<std::string> get(const std::string& uri, int64_t) override {
    WEIR_TRY(fail(false));
    if (!objects.contains(uri)) return Error(ErrorKind::not_found, uri);
    return objects.at(uri);
  }
  Result<int64_t> size_of(const std::string& uri) override {
    WEIR_TRY(fail(false));
    return static_cast<int64_t>(objects.at(uri).size());
  }
  Result<void> put(const std::string& uri, std::string_view bytes) override {
    WEIR_TRY(fail(false));
    if (!objects.emplace(uri, bytes).second) return Error(ErrorKind::already_exists, uri);
    return fail(true);
  }
  Result<std::unique_ptr<ObjectWriter>> create(const std::string&) override {
    return Error(ErrorKind::unsupported, "not here");
  }
  Result<void> remove(const std::string& uri) override {
    WEIR_TRY(fail(false));
    objects.erase(uri);
    return fail(true);
  }

 private:
  Result<void> fail(bool is_after) {
    if (faults.empty() || faults.front().is_after != is_after) return {};
    const ErrorKind kind = faults.front().kind;
    faults.pop_front();
    return Error(kind, "a fault");
  }
};

class PatientStoreTest : public testing::Test {
 protected:
  SleptClock clock_;
  FaultyStore faulty_;
  int retries_ = 0;
  PatientStore store_{faulty_, faulty_, clock_, [this](const Error&, int64_t) { ++retries_; }};
};

TEST_F(PatientStoreTest, PassingFaultsAreWaitedOut) {
  faulty_.objects["a"] = "bytes";
  faulty_.faults = {{}, {ErrorKind::timeout}, {}};
  EXPECT_EQ(*store_.get("a", 5), "bytes");
  EXPECT_EQ(retries_, 3) << "each is told of";
  faulty_.faults = {{}};
  EXPECT_EQ(*store_.size_of("a"), 5);
  faulty_.faults = {{.is_after = true}};
  EXPECT_TRUE(store_.remove("a").ok());
}

TEST_F(PatientStoreTest, APutWhoseAnswerGotLostIsNotThereAlready) {
  faulty_.faults = {{.is_after = true}};
  EXPECT_TRUE(store_.put("a", "bytes").ok());
  EXPECT_EQ(faulty_.objects.at("a"), "bytes");
}

TEST_F(PatientStoreTest, WhatSomebodyElsePutIsNotTakenForOurs) {
  faulty_.objects["a"] = "bytes";
  EXPECT_EQ(store_.put("a", "bytes").error().kind(), ErrorKind::already_exists);
  faulty_.faults = {{}};
  const Result<void> put = store_.put("a", "other");
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().kind(), ErrorKind::already_exists);
}

TEST_F(PatientStoreTest, OtherFaultsAreNotWaitedFor) {
  faulty_.faults = {{ErrorKind::resource_exhausted}, {ErrorKind::io}};
  EXPECT_EQ(store_.put("a", "bytes").error().kind(), ErrorKind::resource_exhausted);
  EXPECT_EQ(store_.put("a", "bytes").error().kind(), ErrorKind::io);
  EXPECT_EQ(clock_.monotonic_us(), 1);
}

TEST_F(PatientStoreTest, PatienceEnds) {
  faulty_.faults.assign(1000, {});
  EXPECT_EQ(store_.put("a", "bytes").error().kind(), ErrorKind::unavailable);
  EXPECT_GT(faulty_.faults.size(), 900U);
}

}  // namespace
}  // namespace weir
