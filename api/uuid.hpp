#pragma once
// Universally unique identifiers, version 4 (RFC 9562, 5.4): random. Threads: as the Random's.

#include "base/environment.hpp"

#include <string>

namespace holdfast::api {

/// "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx" in lower case.
[[nodiscard]] std::string make_uuid(Random& random);

}  // namespace holdfast::api
