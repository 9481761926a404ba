#include <algorithm>
#include <utility>

#include "runtime/followers_internal.h"

namespace weir::runtime {
namespace {

constexpr int64_t kPendingBytesMax = int64_t{1} << 30;  // then intake stops

int64_t bytes_of(const std::vector<OutboxPart>& parts) {
  int64_t bytes = 0;
  for (const OutboxPart& part : parts) bytes += part.object.size_bytes;
  return bytes;
}

}  // namespace

LocalHost::Followers::Followers(std::map<std::string, std::unique_ptr<Follower>>&& followers,
                                const DecidedEpochs& decided, const OutboxStore& outbox,
                                const HostEnvironment& environment, const std::function<void(FollowerReport)>& report)
    : decided_(decided.number) {
  for (auto& [sink, follower] : followers) {
    const auto known = decided.followers.find(sink);
    records_[sink] = known == decided.followers.end()
                         ? FollowerRecord{.since = decided.number, .applied = decided.number}
                         : known->second;
    threads_[sink] = std::make_unique<FollowerThread>(
        sink, std::move(follower),
        FollowerThread::Start{.known = records_[sink], .decided = decided.number, .fence_epoch = decided.fence_epoch},
        outbox, report, environment.threads, environment.clock);
  }
}

void LocalHost::Followers::start(Threads& threads, const std::function<void(const std::string&)>& exited) {
  for (const auto& [sink, thread] : threads_) thread->start(threads, exited);
}

void LocalHost::Followers::end() {
  for (const auto& [sink, thread] : threads_) thread->end();
}

std::set<std::string> LocalHost::Followers::names() const {
  std::set<std::string> names;
  for (const auto& [sink, thread] : threads_) names.insert(thread->name());
  return names;
}

Result<void> LocalHost::Followers::take_parts(EpochResult& epoch) const {
  for (const auto& [sink, thread] : threads_) {
    const auto parts = epoch.parts.extract(sink);
    if (parts.empty()) continue;
    for (const std::string& part : parts.mapped()) {
      WEIR_ASSIGN(std::vector<StoredObject> pieces, outbox_pieces(part));
      for (StoredObject& piece : pieces) epoch.outbox.parts.push_back({.follower = sink, .object = std::move(piece)});
    }
  }
  epoch.outbox.followers = records_;
  epoch.outbox.followed = pending_.empty() ? decided_ : pending_.front().epoch.outbox.number - 1;
  return {};
}

bool LocalHost::Followers::follow(DecidedOutboxAt epoch) {
  decided_ = std::max(decided_, epoch.outbox.number);
  PendingEpoch pending{.epoch = std::move(epoch), .missing = {}};
  const DecidedOutboxAt& at = pending.epoch;
  for (const auto& [sink, thread] : threads_) {
    FollowerShare share{.number = at.outbox.number, .commit_key = at.outbox.commit_key, .pieces = {}};
    if (!at.is_lost) {
      share.pieces.emplace();
      for (const OutboxPart& part : at.outbox.parts) {
        if (part.follower == sink) share.pieces->push_back(part.object);
      }
      if (share.pieces->empty()) continue;
    } else if (std::ranges::find(at.followers, sink) == at.followers.end()) {
      continue;
    }
    pending.missing.insert(sink);
    thread->follow(std::move(share));
  }
  if (pending.missing.empty()) return false;
  pending_.push_back(std::move(pending));
  return true;
}

std::vector<DecidedOutboxAt> LocalHost::Followers::take_applied(const std::string& follower, int64_t number) {
  away_.erase(follower);
  records_[follower].applied = std::max(records_[follower].applied, number);
  for (PendingEpoch& pending : pending_) {
    if (pending.epoch.outbox.number <= number) pending.missing.erase(follower);
  }
  return take_done();
}

/// In order: what is removed is a beginning of what waits.
std::vector<DecidedOutboxAt> LocalHost::Followers::take_done() {
  std::vector<DecidedOutboxAt> done;
  while (!pending_.empty() && pending_.front().missing.empty()) {
    done.push_back(std::move(pending_.front().epoch));
    pending_.pop_front();
  }
  return done;
}

bool LocalHost::Followers::has_room() const {
  int64_t bytes = 0;
  for (const PendingEpoch& pending : pending_) bytes += bytes_of(pending.epoch.outbox.parts);
  return pending_.size() < kUnfollowedMax && bytes < kPendingBytesMax;
}

bool LocalHost::Followers::are_away() const {
  return std::ranges::all_of(
      pending_, [this](const PendingEpoch& pending) { return std::ranges::includes(away_, pending.missing); });
}

}  // namespace weir::runtime
