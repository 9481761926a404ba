#include "simulation/followed_store.h"

#include "base/bytes.h"

namespace weir::simulation {
namespace {

class IdEncoder final : public FollowerEncoder {
 public:
  Result<void> encode(const Batch& batch, std::string& out) override {
    const Batch rows = batch.compact();
    ByteWriter bytes;
    for (const int64_t id : rows.column(0).values_as<int64_t>()) bytes.fixed(id);
    out += std::move(bytes).release();
    return {};
  }
};

class StoreFollower final : public Follower {
 public:
  StoreFollower(FollowedStore& store, Process& process, const std::function<int64_t()>& decided,
                std::vector<std::string>& wrong)
      : store_(store), process_(process), decided_(decided), wrong_(wrong) {}

  Result<std::optional<int64_t>> open(int64_t fence_epoch) override {
    WEIR_ASSIGN(const Process::Fault fault, process_.enter());
    if (fault == Process::Fault::before) return Process::passing();
    if (fence_epoch < store_.fence_epoch) return Error(ErrorKind::fenced, "a newer process has it");
    fence_epoch_ = store_.fence_epoch = fence_epoch;
    if (fault == Process::Fault::after) return process_.after();
    return store_.applied;
  }

  Result<void> apply(const FollowedEpoch& epoch) override {
    std::vector<int64_t> ids;
    for (size_t part = 0; part < epoch.parts; ++part) {
      WEIR_ASSIGN(const std::string bytes, epoch.read(part));
      ByteReader in(bytes);
      while (in.remaining() > 0) ids.push_back(in.fixed<int64_t>());
    }
    WEIR_ASSIGN(const Process::Fault fault, process_.enter());
    if (fault == Process::Fault::before) return Process::passing();
    if (fence_epoch_ != store_.fence_epoch) return Error(ErrorKind::fenced, "a newer process has it");
    if (store_.applied && *store_.applied >= epoch.number)
      wrong_.push_back("an epoch that the follower holds is applied again");
    if (decided_() < epoch.number) wrong_.push_back("the follower is ahead of the tables");
    store_.applied = epoch.number;
    store_.ids.insert(store_.ids.end(), ids.begin(), ids.end());
    if (fault == Process::Fault::after) return process_.after();
    return {};
  }

 private:
  FollowedStore& store_;
  Process& process_;
  const std::function<int64_t()>& decided_;
  std::vector<std::string>& wrong_;
  int64_t fence_epoch_ = 0;
};

}  // namespace

std::unique_ptr<FollowerEncoder> make_id_encoder() {
  return std::make_unique<IdEncoder>();
}

std::unique_ptr<Follower> make_store_follower(FollowedStore& store, Process& process,
                                              const std::function<int64_t()>& decided,
                                              std::vector<std::string>& wrong) {
  return std::make_unique<StoreFollower>(store, process, decided, wrong);
}

}  // namespace weir::simulation
