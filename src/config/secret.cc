#include "config/secret.h"

#include <cstring>
#include <ostream>

namespace weir::config {

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = std::move(other.value_);
    other.wipe();
  }
  return *this;
}

void Secret::wipe() noexcept {
  value_.resize(value_.capacity());  // a string that was moved from keeps its bytes behind its end
  ::explicit_bzero(value_.data(), value_.size());
  value_.clear();
}

std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "***";
}

}  // namespace weir::config
