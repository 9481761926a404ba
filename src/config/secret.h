/// \file
/// A value that must not be seen.
#pragma once

#include <iosfwd>
#include <string>

namespace weir::config {

/// Holds a password or key. Shows itself as `***` wherever it is printed; overwrites its bytes when it goes. Comparison
/// is for tests.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  /// The value itself. Call it where it is handed to the library that needs it, nowhere else.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  void wipe() noexcept;
  std::string value_;
};

std::ostream& operator<<(std::ostream& out, const Secret& secret);

}  // namespace weir::config
